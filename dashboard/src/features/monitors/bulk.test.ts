import { expect, it } from "vitest";
import { bulkWords } from "./bulk";

const ok = (id: string) => ({ id, ok: true, detail: null });
const refused = (id: string, detail: string | null) => ({ id, ok: false, detail });

it("says how many, and why not the others", () => {
  expect(bulkWords("pause", { items: [ok("a"), ok("b")] })).toEqual({ title: "2 monitors paused", ok: true });
  expect(bulkWords("delete", { items: [ok("a"), refused("b", "not there"), refused("c", "not there")] })).toEqual({
    title: "1 monitor deleted",
    description: "2 monitors could not be deleted: not there",
    ok: false,
  });
  expect(bulkWords("resume", { items: [refused("b", null)] }).description).toContain("no reason given");
});
