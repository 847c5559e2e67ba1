import { describe, expect, it } from "vitest";
import { diagnosisSentence } from "./diagnosis";
import { REASON_TITLE, reasonTitle, reasonWords } from "./reason";
import { REASON_HELP } from "./reason-help";

describe("reasons", () => {
  it("are all said in plain words", () => {
    const titles = Object.values(REASON_TITLE);
    expect(titles).toHaveLength(28);
    for (const title of titles) {
      expect(title).toMatch(/^[A-Z][^.]*$/);
      expect(title).not.toContain("_");
    }
    expect(new Set(titles).size).toBe(titles.length);
    const helps = Object.values(REASON_HELP);
    expect(helps).toHaveLength(28);
    for (const { sentence, hint } of helps) {
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(hint).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("may be absent", () => {
    expect(reasonTitle(null)).toBe("");
    expect(reasonTitle("connect")).toBe("Connection failed");
    expect(diagnosisSentence("clock")).toMatch(/does not count/);
  });

  it("have no capitals within a sentence but those of names", () => {
    const reasons = Object.keys(REASON_TITLE) as (keyof typeof REASON_TITLE)[];
    for (const reason of reasons) expect(reasonWords(reason)).toMatch(/^(?:[a-z]+|TLS|DNS)(?: (?:[a-z]+|TLS|DNS))*$/);
    expect(reasonWords(null)).toBe("");
  });
});
