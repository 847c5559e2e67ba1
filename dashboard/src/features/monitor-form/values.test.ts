import { describe, expect, it } from "vitest";
import type { Monitor } from "@/api/types";
import { asJson, changedFields } from "./changed-fields";
import { mergePatch } from "./merge-patch";
import { bodyOf, copyOf, USUAL, valuesOf } from "./values";

const monitor: Monitor = {
  id: "m1",
  name: "Shop",
  url: "https://shop.example/",
  kind: "http",
  interval: 300,
  timeout: 5,
  regions: ["eu-west"],
  method: "POST",
  headers: { accept: "text/html", "x-a": "" },
  body: "{}",
  follow_redirects: false,
  max_redirects: 3,
  tcp: null,
  tls: { verify: false, ca: "-----BEGIN CERTIFICATE-----\nx" },
  expect: {
    status: ["200", "300-399"],
    contains: "ok",
    not_contains: "error",
    max_latency_ms: 800,
    min_cert_days: 14,
  },
  confirm: { failures: 3, recoveries: 1, recheck_every: 10 },
  quorum: { count: 2 },
  alert_policy: "p1",
  tags: ["shop"],
  enabled: false,
  status: "paused",
  since: "2026-11-22T00:00:00Z",
  reason: null,
  phase: 7,
  created_at: "2026-11-22T00:00:00Z",
  certificate: null,
  incident: null,
  regions_now: [],
  uptime: {
    "24h": { good: 0, total: 0, expected: 0 },
    "7d": { good: 0, total: 0, expected: 0 },
    "30d": { good: 0, total: 0, expected: 0 },
  },
};

function sent(from: Monitor): Record<string, unknown> {
  return { ...bodyOf(valuesOf(from)) };
}

describe("the form's values", () => {
  it("are what the server would set where nothing is said", () => {
    expect(bodyOf({ ...USUAL, name: "Shop", url: "https://shop.example/" })).toEqual({
      name: "Shop",
      url: "https://shop.example/",
      kind: "http",
      interval: 60,
      timeout: 10,
      regions: [],
      method: "GET",
      headers: {},
      body: null,
      follow_redirects: true,
      max_redirects: 10,
      tcp: null,
      tls: { verify: true, ca: null },
      expect: {
        status: ["200-299"],
        contains: null,
        not_contains: null,
        max_latency_ms: null,
        min_cert_days: null,
      },
      confirm: { failures: 2, recoveries: 2, recheck_every: null },
      quorum: "majority",
      alert_policy: null,
      tags: [],
      enabled: true,
    });
  });

  it("keep every field of a monitor on the way there and back", () => {
    for (const [field, value] of Object.entries(sent(monitor))) {
      expect(value, field).toEqual(monitor[field as keyof Monitor]);
    }
  });

  it("of an untouched monitor change nothing", () => {
    expect(mergePatch(asJson(bodyOf(valuesOf(monitor))), asJson(bodyOf(valuesOf(monitor))))).toEqual({});
  });

  it("take the host for a name, and a scheme where there is none", () => {
    expect(bodyOf({ ...USUAL, url: " shop.example/a " })).toMatchObject({
      name: "shop.example",
      url: "https://shop.example/a",
    });
    expect(bodyOf({ ...USUAL, url: "localhost:3000" }).url).toBe("http://localhost:3000");
  });

  it("forget chosen regions once all of them check", () => {
    expect(bodyOf({ ...valuesOf(monitor), everywhere: true }).regions).toEqual([]);
  });

  it("leave out headers that have no name", () => {
    const headers = [
      { name: " Accept ", value: "a" },
      { name: "", value: "lost" },
    ];
    expect(bodyOf({ ...USUAL, url: "a.example", headers }).headers).toEqual({ Accept: "a" });
  });

  it("of a copy have a name of their own and run", () => {
    expect(copyOf(monitor)).toMatchObject({ name: "Shop (copy)", enabled: true, url: monitor.url });
  });
});

describe("what somebody else changed meanwhile", () => {
  it("is told by its name, once", () => {
    const after = { ...monitor, interval: 60, follow_redirects: true, max_redirects: 10 };
    expect(changedFields(bodyOf(valuesOf(monitor)), bodyOf(valuesOf(after)))).toEqual(["interval", "redirects"]);
    expect(changedFields(bodyOf(valuesOf(monitor)), bodyOf(valuesOf(monitor)))).toEqual([]);
  });
});
