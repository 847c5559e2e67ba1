import { describe, expect, it } from "vitest";
import type { Monitor } from "@/api/types";
import { octetsOf, typedOf } from "./kind-tcp";
import { monitorSchema } from "./schema";
import { bodyOf, USUAL, valuesOf } from "./values";

const mail = { ...USUAL, url: "tcp://mail.example:25" };

describe("what is said on a TCP connection", () => {
  it.each([
    ["PING", "PING"],
    ["PING\\r\\n", "PING\r\n"],
    ["a\\\\n", "a\\n"],
    ["é\\t\\0", "é\t\0"],
    ["\\x00\\xFFé", { hex: "00ffc3a9" }],
    ["\\x50ING\\r", { hex: "50494e470d" }],
  ])("%j is %j", (typed, octets) => expect(octetsOf(typed)).toEqual(octets));

  it.each([
    [null, ""],
    ["a\\b\r\n", "a\\\\b\\r\\n"],
    ["\u001b[1m", "\\x1b[1m"],
    [{ hex: "0d0a" }, "\\x0d\\x0a"],
  ])("%j is typed %j", (octets, typed) => expect(typedOf(octets)).toBe(typed));

  it("is refused where an escape means nothing", () => {
    const refused = (tcp_send: string) => monitorSchema(mail.url).safeParse({ ...mail, tcp_send }).success;
    expect(["a\\\\b", "\\r\\n", "\\xff", "a\\b", "\\xf", "\\"].map(refused)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("the body of a TCP monitor", () => {
  it("has its own fields, and null for those of websites", () => {
    expect(bodyOf({ ...mail, tcp_tls: true, tcp_send: "QUIT\\r\\n", contains: "left from before" })).toMatchObject({
      name: "mail.example:25",
      kind: "tcp",
      method: null,
      headers: null,
      tcp: { tls: true, send: "QUIT\r\n", expect: null, starts_with: null },
      expect: { max_latency_ms: null, min_cert_days: null },
    });
  });

  it("keeps every field on the way there and back", () => {
    const tcp = { tls: true, send: { hex: "00ff" }, expect: "OK\r\n", starts_with: "+" };
    const monitor = { ...bodyOf(mail), tcp } as Monitor;
    expect(bodyOf(valuesOf(monitor)).tcp).toEqual(tcp);
  });

  it("does not look at what was written for a website", () => {
    const values = { ...mail, status: ["nonsense"], max_redirects: "" };
    expect(monitorSchema(values.url).safeParse(values).success).toBe(true);
    expect(monitorSchema("https://a.example").safeParse({ ...values, url: "https://a.example" }).success).toBe(false);
  });
});
