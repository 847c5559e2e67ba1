/** Feeds any number of tabs from one stream. Knows nothing of ports: the worker, or a tab on its own, hands them in. */
import type { FromWorker, Told, ToWorker } from "./protocol";
import { openStream, type Stream } from "./stream";

export type Send = (message: FromWorker) => void;

/** How long a tab may take to bring a token before another is asked. */
const TOKEN_WAIT_MS = 10_000;

export interface Hub {
  join(send: Send): void;
  hear(from: Send, message: ToWorker): void;
}

export function createHub(open: typeof openStream = openStream): Hub {
  const tabs = new Set<Send>();
  let token: string | null = null;
  let who = "";
  let stream: Stream | null = null;
  let connected = false;
  let waiting: ((token: string | null) => void) | null = null;
  /** What was said of lanes since the last hello: tabs that come later have not heard it. */
  let lanes: Told | null = null;

  const tellAll: Send = (message) => {
    for (const send of tabs) send(message);
  };

  function stop(): void {
    stream?.stop();
    stream = null;
    connected = false;
    lanes = null;
  }

  function tokenFor(refused: boolean): Promise<string | null> {
    if (token !== null && !refused) return Promise.resolve(token);
    tellAll({ type: "need-token" });
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), TOKEN_WAIT_MS);
      waiting = (fresh) => {
        clearTimeout(timer);
        resolve(fresh);
      };
    });
  }

  function takeToken(fresh: string | null, whose: string): void {
    if (whose !== who) stop();
    who = whose;
    token = fresh;
    if (fresh === null) stop();
    waiting?.(fresh);
    waiting = null;
  }

  function start(after: string): void {
    stream = open({
      after,
      token: tokenFor,
      onEvents: (events) => {
        for (const told of events) {
          if (told.event === "hello") lanes = null;
          else if (told.event === "lanes") lanes = told;
        }
        tellAll({ type: "events", events });
      },
      onConnected: (is, said) => {
        connected = is;
        tellAll({ type: "connected", connected, hello: said });
      },
    });
  }

  function join(send: Send): void {
    tabs.add(send);
    // An earlier hello would tell an earlier time.
    send({ type: "connected", connected, hello: null });
    if (lanes !== null) send({ type: "events", events: [lanes] });
  }

  return {
    join,
    hear(from, message) {
      // A page that comes back from the browser's cache had said goodbye.
      if (!tabs.has(from)) join(from);
      if (message.type === "token") takeToken(message.token, message.who);
      else if (message.type === "retry") stream?.retry();
      else if (message.type === "after" && stream === null && token !== null) start(message.seq);
      else if (message.type === "bye") {
        tabs.delete(from);
        if (tabs.size === 0) stop();
      }
    },
  };
}
