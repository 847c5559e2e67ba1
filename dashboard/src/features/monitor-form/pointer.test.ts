import { describe, expect, it } from "vitest";
import { placeOf } from "./pointer";
import { type MonitorValues, USUAL } from "./values";

const values: MonitorValues = {
  ...USUAL,
  headers: [
    { name: "Accept", value: "a" },
    { name: " X/A ", value: "b" },
  ],
  status: ["200", "2xx"],
  tags: ["ok", " "],
};

describe("a problem of the API goes to its field", () => {
  it.each([
    ["/name", "`name` must have 1 to 200 characters, not 0", "name", "The name must have 1 to 200 characters, not 0."],
    [
      "/url",
      "`url` has the scheme `ftp`: only http and https can be checked",
      "url",
      "The address has the scheme `ftp`: only http and https can be checked.",
    ],
    ["/method", "`FETCH` is not one of GET, HEAD", "method", "“FETCH” is not one of GET, HEAD."],
    ["/expect/status/1", "`2xx` is no status range", "status", "“2xx” is no status range."],
    ["/expect/status/0", "`status/0` must be a text", "status", "“200” must be a text."],
    [
      "/expect/max_latency_ms",
      "`max_latency_ms` must be from 1 to 60000, not 0",
      "max_latency_ms",
      "The limit must be from 1 to 60000, not 0.",
    ],
    [
      "/confirm/failures",
      "`failures` must be from 1 to 10, not 11",
      "failures",
      "The number of failures must be from 1 to 10, not 11.",
    ],
    ["/quorum", '`quorum` must be "any"', "quorum_count", 'The quorum must be "any".'],
    ["/quorum/count", "`count` must be 1 or more", "quorum_count", "The quorum must be 1 or more."],
    ["/tls/ca", "`ca` holds no certificate: give PEM text", "ca", "The text holds no certificate: give PEM text."],
    ["/regions/0", "`moon` is no region", "regions", "“moon” is no region."],
    ["/alert_policy", "there is no such policy", "alert_policy", "There is no such policy."],
    [
      "/headers/Accept",
      "the value of `Accept` has control characters",
      "headers.0",
      "The value of `Accept` has control characters.",
    ],
    ["/headers/accept", "`headers/accept` is given twice", "headers.0", "Accept is given twice."],
    ["/headers/X~1A", "`X/A` is no header name", "headers.1", "X/A is no header name."],
    ["/headers/Gone", "`Gone` is no header name", "headers", "Gone is no header name."],
  ])("%s", (pointer, detail, field, text) => {
    expect(placeOf({ pointer, detail }, values)).toEqual({ field, text });
  });

  it.each([
    [
      "/parent",
      "`parent` is not supported by this version: leave it out",
      "“parent” is not supported by this version: leave it out.",
    ],
    ["", "the body must be a JSON object, not a list", "The body must be a JSON object, not a list."],
    ["/nowhere/at/all", "is wrong", "Is wrong."],
  ])("or above the buttons where the form has none: %s", (pointer, detail, text) => {
    expect(placeOf({ pointer, detail }, values)).toEqual({ field: null, text });
  });
});
