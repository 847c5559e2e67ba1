import { describe, expect, it } from "vitest";
import { isStatus } from "./kind-http";
import { monitorSchema } from "./schema";
import { type MonitorValues, USUAL } from "./values";

/** The fields that are refused, of a form that is fine but for these. */
function refused(change: Partial<MonitorValues>): string[] {
  const values = { ...USUAL, url: "https://a.example/", ...change };
  const result = monitorSchema(values.url).safeParse(values);
  return result.success ? [] : result.error.issues.map((issue) => issue.path.join("."));
}

describe("the form refuses early", () => {
  it.each<[Partial<MonitorValues>, string[]]>([
    [{}, []],
    [{ url: "a.example" }, []],
    [{ url: "" }, ["url"]],
    [{ url: "ftp://a.example/" }, ["url"]],
    [{ url: "https://me:pw@a.example/" }, ["url"]],
    [{ url: "https://" }, ["url"]],
    [{ timeout: "31" }, ["timeout"]],
    [{ timeout: "1.5" }, ["timeout"]],
    [{ timeout: "" }, ["timeout"]],
    [{ max_latency_ms: "" }, []],
    [{ max_latency_ms: "0" }, ["max_latency_ms"]],
    [{ everywhere: false, regions: [] }, ["regions"]],
    [{ everywhere: false, regions: ["eu"] }, []],
    [{ url: "", everywhere: false }, ["url", "regions"]],
    [{ status: ["200", "2xx"] }, ["status"]],
    [{ recheck_every: "60", interval: "60" }, ["recheck_every"]],
    [{ recheck_every: "30", interval: "60" }, []],
    [{ quorum: "count", quorum_count: "0" }, ["quorum_count"]],
    [{ quorum: "majority", quorum_count: "" }, []],
    [{ headers: [{ name: "a b", value: "" }] }, ["headers.0.name"]],
    [{ headers: [{ name: "", value: "" }] }, []],
    [{ tags: Array.from({ length: 21 }, (_, at) => `t${at}`) }, ["tags"]],
  ])("%j → %j", (change, fields) => expect(refused(change)).toEqual(fields));

  it.each([
    ["200", true],
    ["200-299", true],
    ["299-200", false],
    ["999", true],
    ["1000", false],
    ["99", false],
    ["2xx", false],
  ])("status %s: %s", (text, is) => expect(isStatus(text)).toBe(is));
});
