import { expect, it } from "vitest";
import type { Activity } from "@/api/types";
import { linesOf } from "./lines";

const at = (second: number) => new Date(Date.parse("2026-01-01T00:00:00Z") + second * 1000).toISOString();
const item = (second: number): Activity["items"][number] => ({
  incident: `i${second}`,
  at: at(second),
  what: "opened",
  level: "down",
  kind: "availability",
  monitor: { id: "m", name: "shop" },
  region: null,
  who: null,
});
const act = (second: number): Activity["keys"][number] => ({
  at: at(second),
  what: "made",
  key: { id: `k${second}`, name: "Prometheus" },
  who: { kind: "person", id: "u", name: "Ada" },
});
const kinds = (activity: Activity, kept: number) =>
  linesOf(activity, kept).map((line) => ("act" in line ? "key" : "incident"));

it("tells of incidents and keys in the order of time", () => {
  expect(kinds({ items: [item(900), item(100)], keys: [act(500)] }, 50)).toEqual(["incident", "key", "incident"]);
});

it("does not go further back with one than with the other", () => {
  expect(kinds({ items: [item(900), item(600)], keys: [act(700), act(500)] }, 2)).toEqual([
    "incident",
    "key",
    "incident",
  ]);
  expect(kinds({ items: [item(900), item(600)], keys: [act(500)] }, 2)).toEqual(["incident", "incident"]);
});
