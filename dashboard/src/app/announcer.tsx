import { useEffect, useState } from "react";
import { store } from "@/live/live";
import type { Transition } from "@/live/store";
import { announcement } from "./announcement";

/** Two sentences are at least this far apart. */
const APART_MS = 10_000;

/** The one region that speaks of status changes to those who cannot see them. */
export function Announcer() {
  const [said, setSaid] = useState("");
  useEffect(() => {
    let waiting: Transition[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const speak = () => {
      timer = undefined;
      last = Date.now();
      setSaid(announcement(waiting));
      waiting = [];
    };
    const off = store.onTransitions((transitions) => {
      waiting.push(...transitions);
      timer ??= setTimeout(speak, Math.max(500, last + APART_MS - Date.now()));
    });
    return () => {
      clearTimeout(timer);
      off();
    };
  }, []);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}
