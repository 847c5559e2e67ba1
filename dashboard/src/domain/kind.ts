/** The kinds of checks: which addresses they have, and what they are called. */
import type { Monitor } from "@/api/types";
import { parse } from "@/lib/address";

export type Kind = Monitor["kind"];

interface KindFacts {
  /** Of its addresses. */
  schemes: readonly string[];
  /** What is watched, in words. */
  title: string;
  /** How an address is written. */
  example: string;
  /** Whether an answer has a status code. */
  hasStatus: boolean;
}

export const KINDS: Record<Kind, KindFacts> = {
  http: {
    schemes: ["http", "https"],
    title: "A website, over HTTP or HTTPS",
    example: "https://example.com/path",
    hasStatus: true,
  },
  tcp: { schemes: ["tcp"], title: "A TCP port", example: "tcp://example.com:25", hasStatus: false },
};

export const ALL_KINDS = Object.keys(KINDS) as Kind[];

/** How an address is checked, as its scheme says; that of a website where it says nothing that is known. */
export function kindOf(url: string): Kind {
  return known(url) ?? "http";
}

/** Whether it can be checked: a scheme that is known, a host, and no credentials. */
export function isAddress(url: string): boolean {
  const parsed = parse(url);
  if (parsed === null || known(url) === undefined) return false;
  return parsed.hostname !== "" && parsed.username === "" && parsed.password === "";
}

function known(url: string): Kind | undefined {
  const scheme = parse(url)?.protocol.slice(0, -1) ?? "";
  return ALL_KINDS.find((kind) => KINDS[kind].schemes.includes(scheme));
}
