/** What became of the messages to a channel, in words. */
import type { IncidentWhole } from "@/api/types";
import { listWords, plural } from "@/lib/format";
import { messageWord } from "./message";

type Told = IncidentWhole["deliveries"][number];

type DeliveryTone = "up" | "degraded" | "down" | "neutral";

const STATE: Record<string, { word: string; tone: DeliveryTone; counted: string }> = {
  sent: { word: "Arrived", tone: "up", counted: "arrived" },
  pending: { word: "Waiting", tone: "neutral", counted: "waiting" },
  dead: { word: "Given up", tone: "down", counted: "given up" },
  merged: { word: "Combined", tone: "neutral", counted: "told with others" },
  dropped: { word: "Skipped", tone: "neutral", counted: "skipped for later news" },
};

interface Delivery {
  word: string;
  tone: DeliveryTone;
  /** What the last message was of, and how often it was tried. */
  last: string;
  /** Of several messages, how many are in which state; null of one. */
  all: string | null;
}

export function delivery({ states, last }: Told): Delivery {
  const trying = last.state === "pending" && last.attempts > 0;
  const { word, tone } = trying
    ? { word: "Trying", tone: "degraded" as const }
    : (STATE[last.state] ?? { word: last.state, tone: "neutral" as const });
  const tries = last.attempts > 1 || trying ? `, ${plural(last.attempts, "try", "tries")}` : "";
  return { word, tone, last: `${messageWord(last.what)}${tries}`, all: counts(states) };
}

function counts(states: Record<string, number>): string | null {
  const all = Object.entries(states).filter(([, count]) => count > 0);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  if (total < 2) return null;
  return `Of ${plural(total, "message")}: ${listWords(all.map(([state, count]) => `${count} ${STATE[state]?.counted ?? state}`))}.`;
}
