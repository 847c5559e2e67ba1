import { describe, expect, it } from "vitest";
import { hostOf, withScheme } from "./address";

describe("an address as people type it", () => {
  it.each([
    ["example.com", "https://example.com"],
    [" example.com/a?b ", "https://example.com/a?b"],
    ["http://example.com", "http://example.com"],
    ["HTTPS://example.com", "HTTPS://example.com"],
    ["localhost:3000/x", "http://localhost:3000/x"],
    ["10.0.0.7", "http://10.0.0.7"],
    ["[::1]:8080", "http://[::1]:8080"],
    ["intranet", "http://intranet"],
    ["http//example.com", "http://example.com"],
    ["https:/example.com", "https://example.com"],
    ["https:example.com", "https://example.com"],
    ["http:8080", "http://http:8080"],
    ["", ""],
  ])("%j → %j", (typed, url) => expect(withScheme(typed)).toBe(url));

  it("has a host to be called by", () => {
    expect(hostOf("shop.example:8443/a")).toBe("shop.example:8443");
    expect(hostOf("https://")).toBe("");
  });
});
