import { expect, it } from "vitest";
import type { Status } from "@/api/types";
import type { Transition } from "@/live/store";
import { row } from "@/test/factories";
import { announcement } from "./announcement";

const change = (name: string, from: Status, to: Status): Transition => ({ monitor: row({ id: name }), from, to });

it.each([
  [[change("api", "up", "down"), change("checkout", "up", "down")], "2 monitors went down: api, checkout."],
  [
    [change("api", "up", "down"), change("shop", "down", "up")],
    "1 monitor went down: api. 1 monitor is up again: shop.",
  ],
  [["a", "b", "c", "d", "e"].map((name) => change(name, "up", "down")), "5 monitors went down: a, b, c and 2 more."],
  [[change("api", "up", "down"), change("api", "down", "up")], ""],
  [[change("api", "up", "degraded"), change("api", "degraded", "down")], "1 monitor went down: api."],
  [[change("api", "pending", "up"), change("b", "paused", "up")], ""],
])("%#: %s", (transitions, words) => {
  expect(announcement(transitions)).toBe(words);
});
