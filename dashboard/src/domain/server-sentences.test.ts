import { expect, it } from "vitest";
import { problemText } from "./server-sentences";

it("calls a field by its label, and quotes what somebody wrote", () => {
  expect(problemText("`url` is required", "The address")).toBe("The address is required.");
  expect(problemText("`200-` is no status", "The list", ["status"])).toBe("“200-” is no status.");
  expect(problemText("that is taken!", "The name")).toBe("That is taken!");
});
