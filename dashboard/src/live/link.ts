/** A tab's way to the stream: the shared worker, or where there is none a stream of its own. */
import { createHub } from "./hub";
import type { FromWorker, ToWorker } from "./protocol";

export interface Link {
  say(message: ToWorker): void;
}

type Hear = (message: FromWorker) => void;

/** A tab's own stream is closed when nobody has looked for this long. */
const HIDDEN_MS = 60_000;

/** A worker that cannot be loaded shows only later: then what was said is said again to a stream of our own. */
export function connect(hear: Hear): Link {
  if (typeof SharedWorker !== "function") return onOurOwn(hear);
  const said = new Map<string, ToWorker>();
  let link = byWorker(hear, () => {
    link = onOurOwn(hear);
    for (const message of said.values()) link.say(message);
  });
  return {
    say(message) {
      said.set(message.type, message);
      link.say(message);
    },
  };
}

function byWorker(hear: Hear, onFail: () => void): Link {
  const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "upguard-live" });
  worker.onerror = onFail;
  worker.port.onmessage = ({ data }: MessageEvent<FromWorker>) => hear(data);
  addEventListener("pagehide", () => worker.port.postMessage({ type: "bye" } satisfies ToWorker));
  return { say: (message) => worker.port.postMessage(message) };
}

function onOurOwn(hear: Hear): Link {
  const hub = createHub();
  hub.join(hear);
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") return;
    timer = setTimeout(() => {
      hub.hear(hear, { type: "bye" });
      hear({ type: "connected", connected: false, hello: null });
    }, HIDDEN_MS);
  });
  return { say: (message) => hub.hear(hear, message) };
}
