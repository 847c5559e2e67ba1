import { expect, it } from "vitest";
import { allToggled, existing, NOTHING, ranged, type Selection, toggled } from "./selection";

const list = ["a", "b", "c", "d", "e"];
const ids = (selection: Selection) => [...selection.ids].sort().join("");

it("ticks and unticks one", () => {
  const one = toggled(NOTHING, "b");
  expect(ids(one)).toBe("b");
  expect(ids(toggled(one, "b"))).toBe("");
});

it("ticks a range from the last one, either way, and keeps the others", () => {
  const start = toggled(toggled(NOTHING, "e"), "b");
  expect(ids(ranged(start, "d", list))).toBe("bcde");
  expect(ids(ranged(toggled(NOTHING, "d"), "b", list))).toBe("bcd");
  expect(ids(ranged(NOTHING, "c", list))).toBe("c");
});

it("ticks all that match, and none when all were", () => {
  const all = allToggled(toggled(NOTHING, "a"), list);
  expect(ids(all)).toBe("abcde");
  expect(ids(allToggled(all, list))).toBe("");
  expect(ids(allToggled(NOTHING, []))).toBe("");
});

it("forgets those that are gone", () => {
  const some = ranged(toggled(NOTHING, "a"), "c", list);
  expect(ids(existing(some, (id) => id !== "b"))).toBe("ac");
  expect(existing(some, () => true)).toBe(some);
});
