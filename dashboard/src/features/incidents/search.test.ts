import { expect, it } from "vitest";
import { incidentsSearch, isFiltered, openFilter, pastFilter } from "./search";

const NOW = 1_767_225_630;

it("leaves out what it does not know", () => {
  expect(incidentsSearch({ state: "loud", kind: "region", since: "1y" })).toEqual({ kind: "region" });
  expect(isFiltered(incidentsSearch({}))).toBe(false);
  expect(isFiltered({ kind: "region" })).toBe(true);
});

it("asks for what is open first, then for what is over within the range", () => {
  expect(openFilter({ monitor: "m1" })).toEqual({ state: ["open", "acknowledged"], monitor: "m1" });
  expect(pastFilter({ since: "24h" }, NOW)).toEqual({ state: ["resolved"], since: 1_767_139_200 });
});

it("asks only for the state that is asked for", () => {
  expect(openFilter({ state: "acknowledged" })?.state).toEqual(["acknowledged"]);
  expect(pastFilter({ state: "acknowledged" }, NOW)).toBeNull();
  expect(openFilter({ state: "resolved" })).toBeNull();
});
