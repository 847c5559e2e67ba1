/** One stream of events: opened, watched, and opened again from where it broke. Runs in the worker or in a tab. */
import { backoffMs, DEAD_AFTER_MS, type Hello, sseReader, type Told } from "./protocol";

export interface StreamOptions {
  /** The id heard last. */
  after: string;
  /** A token; a new one where the last was refused. Null: there is no sign-in. */
  token: (refused: boolean) => Promise<string | null>;
  onEvents: (events: Told[]) => void;
  onConnected: (connected: boolean, hello: Hello | null) => void;
}

export interface Stream {
  /** Tries at once instead of waiting on. */
  retry(): void;
  stop(): void;
}

export function openStream(options: StreamOptions): Stream {
  let place = options.after;
  let refused = false;
  let tries = 0;
  let stopped = false;
  let abort = new AbortController();
  let wake = () => {};

  function heard(events: Told[]): void {
    const hello = events.find((told) => told.event === "hello");
    if (hello?.event === "hello") {
      tries = 0;
      options.onConnected(true, hello.data);
    }
    if (events.length > 0) options.onEvents(events);
  }

  async function listen(): Promise<number | null> {
    const token = await options.token(refused);
    if (token === null || stopped) return null;
    abort = new AbortController();
    const dead = watchdog(() => abort.abort());
    try {
      const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream", "last-event-id": place };
      const response = await fetch("/api/v1/events", { headers, signal: abort.signal, cache: "no-store" });
      refused = response.status === 401;
      if (!response.ok || response.body === null) return Number(response.headers.get("retry-after")) * 1000 || null;
      const sse = sseReader();
      for await (const chunk of chunks(response.body)) {
        dead.alive();
        heard(sse.push(chunk));
        place = sse.lastId ?? place;
      }
      return null;
    } finally {
      dead.stop();
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const asked = await listen().catch(() => null);
      if (stopped) return;
      options.onConnected(false, null);
      await pause(Math.max(asked ?? 0, backoffMs(tries++)));
    }
  }

  void run();
  return {
    retry() {
      tries = 0;
      wake();
    },
    stop() {
      stopped = true;
      abort.abort();
      wake();
    },
  };
}

function watchdog(bark: () => void): { alive(): void; stop(): void } {
  let timer = setTimeout(bark, DEAD_AFTER_MS);
  return {
    alive() {
      clearTimeout(timer);
      timer = setTimeout(bark, DEAD_AFTER_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

async function* chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
