import { describe, expect, it } from "vitest";
import { safeNext } from "./next";

describe("where a sign-in leads", () => {
  it.each([
    ["/monitors?q=a&status=down", "/monitors?q=a&status=down"],
    ["/incidents/7#timeline", "/incidents/7#timeline"],
    [undefined, "/overview"],
    ["", "/overview"],
    ["monitors", "/overview"],
    ["/", "/overview"],
    ["/login?next=/monitors", "/overview"],
    ["/register", "/overview"],
  ])("%s → %s", (next, path) => expect(safeNext(next)).toBe(path));

  it.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "///evil.example",
  ])("never out of the dashboard: %j", (next) => expect(safeNext(next)).toBe("/overview"));
});
