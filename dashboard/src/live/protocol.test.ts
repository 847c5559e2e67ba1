import { describe, expect, it } from "vitest";
import { backoffMs, isBehind, sseReader, writtenAt } from "./protocol";

describe("server-sent events", () => {
  it("come out whole whatever the chunks", () => {
    const text =
      'event: hello\nretry: 1000\nid: 5-0\ndata: {"version":"1","seq":"5-0","server_time":"2026-01-01T00:00:00Z"}\n\n';
    for (let cut = 0; cut < text.length; cut += 7) {
      const sse = sseReader();
      const told = [...sse.push(text.slice(0, cut)), ...sse.push(text.slice(cut))];
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({ event: "hello", id: "5-0", data: { version: "1" } });
    }
  });

  it("move the place on by a comment with an id, and tell nothing", () => {
    const sse = sseReader();
    expect(sse.push(": ping\nid: 9-0\n\n")).toEqual([]);
    expect(sse.lastId).toBe("9-0");
  });

  it("read both line ends and data of several lines", () => {
    const sse = sseReader();
    const told = sse.push('event: region.up\r\ndata: {"region":\r\ndata: "eu"}\r\n\r\n');
    expect(told).toMatchObject([{ event: "region.up", data: { region: "eu" }, id: null }]);
  });

  it("leave out what this page does not know, and what is no JSON", () => {
    expect(sseReader().push("event: fireworks\ndata: {}\n\nevent: beat\ndata: {\n\n")).toEqual([]);
  });
});

describe("places", () => {
  it.each([
    ["5-0", "4-9", true],
    ["5-1", "5-0", true],
    ["5-0", "5-0", false],
    ["4-9", "5-0", false],
    ["5-0.1", "5-0", false],
    ["5-0.1", "5-0.0", true],
    ["5-0.1", "5-0.1", false],
    ["10-0", "9-0", true],
    [null, "5-0", true],
  ])("%s behind %s: %s", (id, known, is) => {
    expect(isBehind(id, known)).toBe(is);
  });

  it("tell when they were written", () => {
    expect(writtenAt("1700000000500-2.1")).toBe(1_700_000_000.5);
    expect(writtenAt(null)).toBeNull();
  });
});

it("waits longer each time, up to 30 s, and never all at the same moment", () => {
  const [least, most] = [() => 0, () => 1];
  expect([0, 1, 2, 3, 4, 5, 9].map((tries) => backoffMs(tries, most))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
  expect(backoffMs(3, least)).toBe(4_000);
});
