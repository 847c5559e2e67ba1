import type { MonitorBody } from "@/api/types";
import { KIND_FORMS } from "./kinds";
import { type Json, mergePatch } from "./merge-patch";

const WORDS: Partial<Record<keyof MonitorBody, string>> = {
  ...Object.assign({}, ...Object.values(KIND_FORMS).map((form) => form.words)),
  name: "name",
  url: "address",
  kind: "kind",
  interval: "interval",
  timeout: "timeout",
  regions: "regions",
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
  const names = Object.keys(patch).map((name) => WORDS[name as keyof MonitorBody] ?? name);
  return [...new Set(names)];
}

export function asJson(body: MonitorBody): { [name: string]: Json | undefined } {
  return { ...body };
}
