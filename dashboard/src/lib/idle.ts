/** Resolves when nothing more pressing is to be done: what a page needs itself comes first. */
export function whenIdle(): Promise<void> {
  if (typeof requestIdleCallback !== "function") return Promise.resolve();
  return new Promise((resolve) => requestIdleCallback(() => resolve(), { timeout: 1_000 }));
}

/** By then a page has what it needs itself. */
const SETTLED_MS = 2_000;

let settled: Promise<void> | undefined;

/** Resolves a moment after the page began, or when somebody first does something with it: what it does not need comes then. */
export function whenSettled(): Promise<void> {
  settled ??= new Promise((resolve) => {
    for (const sign of ["pointermove", "pointerdown", "keydown"])
      addEventListener(sign, () => resolve(), { once: true });
    setTimeout(resolve, SETTLED_MS);
  });
  return settled;
}
