/** Between tries, where the browser does not say that the network is back. */
const WAIT_MS = 5_000;

/** Loads a part of the frame, as often as it takes: everything else works without it. */
export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch {
      await anotherChance();
    }
  }
}

function anotherChance(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      removeEventListener("online", done);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, WAIT_MS);
    addEventListener("online", done);
  });
}
