import { expect, it } from "vitest";
import { row } from "@/test/factories";
import { matches, moved, nameRanks, order, type Sort } from "./order";

const rows = [
  row({ id: "1", name: "shop 10", status: "up", since: 5 }),
  row({ id: "2", name: "Shop 9", status: "up", since: 5, tags: ["prod"], regions: ["eu-west"] }),
  row({ id: "3", name: "api", status: "down", since: 50 }),
  row({ id: "4", name: "blog", status: "down", since: 20, tags: ["prod", "eu"] }),
  row({ id: "5", name: "cdn", status: "paused", since: 1, regions: ["us-east"] }),
  row({ id: "6", name: "docs", status: "regional", since: 90 }),
];
const sorted = (sort: Sort) => order(rows, {}, sort, nameRanks(rows)).join("");

it.each([
  ["severity", "436215"],
  ["name", "345621"],
  ["since", "521436"],
  ["-since", "634215"],
] as const)("sorts by %s", (sort, ids) => {
  expect(sorted(sort)).toBe(ids);
});

it.each([
  [{ q: "SHOP" }, "21"],
  [{ q: "shop 9" }, "2"],
  [{ q: "9 shop" }, "2"],
  [{ q: "4.example" }, "4"],
  [{ q: "prod" }, "42"],
  [{ status: ["down", "regional"] as const }, "436"],
  [{ status: [] }, "436215"],
  [{ tag: "prod" }, "42"],
  [{ region: "eu-west" }, "43621"],
  [{ q: "shop", tag: "eu" }, ""],
])("filters by %o", (filter, ids) => {
  expect(order(rows, filter, "severity", nameRanks(rows)).join("")).toBe(ids);
});

it("sorts and filters ten thousand within a keystroke", () => {
  const many = Array.from({ length: 10_000 }, (_, n) =>
    row({ id: `m${n}`, name: `shop ${n * 7}`, status: n % 9 ? "up" : "down" }),
  );
  const ranks = nameRanks(many);
  const fits = matches({ q: "shop 7" });
  many.filter(fits);
  const began = performance.now();
  order(many, { q: "shop 7" }, "severity", ranks);
  expect(performance.now() - began).toBeLessThan(100);
});

it("counts what a new order would change", () => {
  expect(moved(["a", "b", "c"], ["a", "b", "c"], () => false)).toBe(0);
  expect(moved(["a", "b", "c"], ["c", "a", "b"], (id) => id === "c")).toBe(1);
  expect(moved(["a", "b"], ["a", "d"], () => false)).toBe(2);
});
