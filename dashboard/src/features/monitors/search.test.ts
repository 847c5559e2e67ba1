import { expect, it } from "vitest";
import { monitorsSearch } from "./search";
import { statusesOf } from "./use-search";

it.each([
  [{}, {}],
  [
    { q: "shop", tag: "prod", region: "eu-west", sort: "name" },
    { q: "shop", tag: "prod", region: "eu-west", sort: "name" },
  ],
  [{ status: "up,down" }, { status: "down,up" }],
  [{ status: "down,nonsense,down" }, { status: "down" }],
  [{ status: "nonsense" }, {}],
  [{ sort: "colour", q: "" }, {}],
  [{ q: 503 }, { q: "503" }],
  [{ q: { a: 1 }, tag: ["x"], other: "y" }, {}],
])("reads %o of the URL as %o", (raw, expected) => {
  expect(JSON.parse(JSON.stringify(monitorsSearch(raw)))).toEqual(expected);
});

it("gives back what it wrote", () => {
  const search = monitorsSearch({ status: "paused,down", q: "a b" });
  expect(monitorsSearch({ ...search })).toEqual(search);
  expect(statusesOf(search)).toEqual(["down", "paused"]);
});
