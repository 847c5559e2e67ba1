import type { Status } from "@/api/types";
import { plural } from "@/lib/format";
import type { Transition } from "@/live/store";

/** Names said of each kind; the rest is a number. */
const NAMED = 3;

const SAID: readonly { to: Status; one: string; many: string }[] = [
  { to: "down", one: "went down", many: "went down" },
  { to: "regional", one: "fails in some regions", many: "fail in some regions" },
  { to: "degraded", one: "is degraded", many: "are degraded" },
  { to: "up", one: "is up again", many: "are up again" },
];

/** "2 monitors went down: api, checkout. 1 monitor is up again: shop." What went back meanwhile is left out. */
export function announcement(transitions: readonly Transition[]): string {
  const changes = new Map<string, { name: string; from: Status; to: Status }>();
  for (const { monitor, from, to } of transitions) {
    changes.set(monitor.id, { name: monitor.name, from: changes.get(monitor.id)?.from ?? from, to });
  }
  const real = [...changes.values()].filter(({ from, to }) => from !== to && !isStart(from, to));
  const sentences = SAID.map(({ to, one, many }) => {
    const names = real.filter((change) => change.to === to).map(({ name }) => name);
    return names.length === 0
      ? ""
      : `${plural(names.length, "monitor")} ${names.length === 1 ? one : many}: ${listed(names)}.`;
  });
  return sentences.filter(Boolean).join(" ");
}

/** A first green check is no recovery. */
function isStart(from: Status, to: Status): boolean {
  return to === "up" && (from === "pending" || from === "paused" || from === "unknown");
}

function listed(names: string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
