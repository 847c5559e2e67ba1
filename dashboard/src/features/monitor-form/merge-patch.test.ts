import { describe, expect, it } from "vitest";
import { type Json, mergePatch } from "./merge-patch";

/** What a server makes of a patch (RFC 7396, section 2). */
function apply(target: Json | undefined, patch: Json): Json {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === "object" && target !== null && !Array.isArray(target) ? target : {};
  const result: Record<string, Json | undefined> = { ...(base as Record<string, Json>) };
  for (const [name, value] of Object.entries(patch as Record<string, Json>)) {
    if (value === null) delete result[name];
    else result[name] = apply(result[name], value);
  }
  return result as Json;
}

describe("a merge patch", () => {
  it("of what is alike is empty", () => {
    expect(mergePatch({ a: 1, b: [1, 2], c: { d: null } }, { a: 1, b: [1, 2], c: { d: null } })).toEqual({});
  });

  it("names what was changed alone, inside objects too", () => {
    const before = { name: "Shop", interval: 60, expect: { status: ["200-299"], contains: null } };
    const after = { name: "Shop", interval: 30, expect: { status: ["200-299"], contains: "ok" } };
    expect(mergePatch(before, after)).toEqual({ interval: 30, expect: { contains: "ok" } });
  });

  it("takes away with null", () => {
    expect(mergePatch({ headers: { A: "1", B: "2" } }, { headers: { A: "1" } })).toEqual({ headers: { B: null } });
  });

  it("replaces lists, and whatever changes its kind", () => {
    expect(mergePatch({ tags: ["a"], quorum: "all" }, { tags: ["a", "b"], quorum: { count: 2 } })).toEqual({
      tags: ["a", "b"],
      quorum: { count: 2 },
    });
    expect(mergePatch({ quorum: { count: 2 } }, { quorum: "majority" })).toEqual({ quorum: "majority" });
  });

  it.each([
    [
      { headers: { A: "1", B: "2" }, q: "x" },
      { headers: { B: "3", C: "4" }, q: { count: 1 } },
    ],
    [{ a: { b: { c: 1, d: 2 } } }, { a: { b: { d: 2 } } }],
    [{}, { a: [], b: {} }],
  ])("leads from %j to %j", (before, after) => {
    expect(apply(before as Json, mergePatch(before, after) as Json)).toEqual(after);
  });
});
