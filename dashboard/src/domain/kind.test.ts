import { expect, it } from "vitest";
import { isAddress, kindOf } from "./kind";

it.each([
  ["example.com", true],
  ["ftp://example.com", false],
  ["https://a:b@example.com", false],
  ["https://", false],
  ["", false],
  ["two words", false],
  ["tcp://example.com:25", true],
  ["tcp://me@example.com:25", false],
])("%j can be checked: %s", (typed, is) => expect(isAddress(typed)).toBe(is));

it.each([
  ["https://example.com", "http"],
  ["example.com", "http"],
  ["", "http"],
  ["tcp://example.com:25", "tcp"],
])("%j is checked as %s", (typed, kind) => expect(kindOf(typed)).toBe(kind));
