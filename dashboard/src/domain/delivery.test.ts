import { expect, it } from "vitest";
import type { IncidentWhole } from "@/api/types";
import { delivery } from "./delivery";

type Told = IncidentWhole["deliveries"][number];

function told(state: string, attempts: number, states: Record<string, number>): Told {
  return {
    channel: { id: "c1", name: "Mail", kind: "email" },
    states,
    last: { what: "opened", state, attempts, at: "2026-01-01T00:00:00Z" },
  };
}

it.each([
  [told("sent", 1, { sent: 1 }), "Arrived", "Opening", null],
  [told("sent", 3, { sent: 2, dead: 1 }), "Arrived", "Opening, 3 tries", "Of 3 messages: 2 arrived and 1 given up."],
  [told("pending", 0, { pending: 1 }), "Waiting", "Opening", null],
  [told("pending", 1, { pending: 1 }), "Trying", "Opening, 1 try", null],
  [told("dead", 12, { dead: 1 }), "Given up", "Opening, 12 tries", null],
  [told("dropped", 0, { dropped: 1 }), "Skipped", "Opening", null],
])("%#", (given, word, last, all) => {
  expect(delivery(given)).toMatchObject({ word, last, all });
});
