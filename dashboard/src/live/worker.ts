/** The browser's one stream: every tab of this origin hangs on it. */
import { createHub, type Send } from "./hub";
import type { ToWorker } from "./protocol";

/** As much of the worker's scope as is used here: the page's own types know none. */
const scope = self as unknown as { onconnect: (event: MessageEvent) => void };
const hub = createHub();

scope.onconnect = ({ ports: [port] }) => {
  if (!port) return;
  const send: Send = (message) => port.postMessage(message);
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => hub.hear(send, data);
  hub.join(send);
};
