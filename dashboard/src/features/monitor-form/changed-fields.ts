import type { MonitorBody } from "@/api/types";
import { type Json, mergePatch } from "./merge-patch";

const WORDS: Record<keyof MonitorBody, string> = {
  name: "name",
  url: "address",
  kind: "kind",
  interval: "interval",
  timeout: "timeout",
  regions: "regions",
  method: "method",
  headers: "headers",
  body: "request body",
  follow_redirects: "redirects",
  max_redirects: "redirects",
  tls: "certificates",
  expect: "expectations",
  confirm: "confirmation",
  quorum: "quorum",
  alert_policy: "alert policy",
  tags: "tags",
  enabled: "whether it is active",
};

/** What differs between two bodies, as people call it. */
export function changedFields(before: Required<MonitorBody>, after: Required<MonitorBody>): string[] {
  const patch = mergePatch(asJson(before), asJson(after));
  const names = Object.keys(patch).map((name) => WORDS[name as keyof MonitorBody]);
  return [...new Set(names)];
}

export function asJson(body: MonitorBody): { [name: string]: Json | undefined } {
  return { ...body };
}
