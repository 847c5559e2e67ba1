/** A tab's way to the stream: the shared worker, or where there is none a stream of its own. */
import { createHub } from "./hub";
import type { FromWorker, ToWorker } from "./protocol";

export interface Link {
  say(message: ToWorker): void;
}

export function connect(hear: (message: FromWorker) => void): Link {
  return (typeof SharedWorker === "function" ? byWorker(hear) : null) ?? onOurOwn(hear);
}

function byWorker(hear: (message: FromWorker) => void): Link | null {
  try {
    const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "upguard-live" });
    worker.port.onmessage = ({ data }: MessageEvent<FromWorker>) => hear(data);
    addEventListener("pagehide", () => worker.port.postMessage({ type: "bye" } satisfies ToWorker));
    return { say: (message) => worker.port.postMessage(message) };
  } catch {
    return null;
  }
}

function onOurOwn(hear: (message: FromWorker) => void): Link {
  const hub = createHub();
  hub.join(hear);
  return { say: (message) => hub.hear(hear, message) };
}
