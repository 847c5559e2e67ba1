/** What is plain to see before the server is asked. The server has the last word. */
import { ALL_KINDS, isAddress, type Kind, kindOf } from "@/domain/kind";
import { z } from "@/lib/zod";
import { KIND_SHAPES, UNJUDGED } from "./kinds";
import type { MonitorValues } from "./values";
import { whole } from "./whole";

const common = {
  name: z.string().check(z.maxLength(200, "The name must have at most 200 characters.")),
  url: z.string().check(
    z.refine((text) => text.trim() !== "", "Write the address to watch, such as https://example.com/."),
    z.refine(
      (text) => text.trim() === "" || isAddress(text),
      "This is no address: write it like https://example.com/path, without a password.",
    ),
  ),
  interval: z.string(),
  timeout: whole("timeout", "Timeout"),
  everywhere: z.boolean(),
  regions: z.array(z.string()),
  enabled: z.boolean(),
  max_latency_ms: whole("max_latency_ms", "Milliseconds", true),
  min_cert_days: whole("min_cert_days", "Days", true),
  failures: whole("failures", "Failures"),
  recoveries: whole("recoveries", "Recoveries"),
  recheck_every: whole("recheck_every", "Seconds", true),
  quorum: z.enum(["any", "majority", "all", "count"]),
  quorum_count: z.string(),
  alert_policy: z.string(),
  tags: z.array(z.string()).check(
    z.maxLength(20, "At most 20 tags."),
    z.refine((tags) => tags.every((tag) => tag.length <= 50), "A tag has at most 50 characters."),
  ),
  verify: z.boolean(),
  ca: z.string(),
};

function regionsChosen(values: MonitorValues): boolean {
  return values.everywhere || values.regions.length > 0;
}

function recheckFits({ recheck_every, interval }: MonitorValues): boolean {
  return recheck_every.trim() === "" || Number(recheck_every) < Number(interval);
}

function countFits({ quorum, quorum_count }: MonitorValues): boolean {
  return quorum !== "count" || (/^\d+$/.test(quorum_count.trim()) && Number(quorum_count) >= 1);
}

/** Said together with what is wrong with single fields, not after those are mended. */
const when = () => true;

function schemaOf(kind: Kind) {
  const fields = z.object({ ...common, ...UNJUDGED, ...(KIND_SHAPES[kind] as typeof UNJUDGED) });
  return fields.check(
    z.refine(regionsChosen, { path: ["regions"], error: "Choose a region, or let all of them check.", when }),
    z.refine(recheckFits, { path: ["recheck_every"], error: "This must be shorter than the interval.", when }),
    z.refine(countFits, { path: ["quorum_count"], error: "Write how many regions: 1 or more.", when }),
  );
}

const SCHEMAS = Object.fromEntries(ALL_KINDS.map((kind) => [kind, schemaOf(kind)])) as Record<
  Kind,
  ReturnType<typeof schemaOf>
>;

export function monitorSchema(url: string) {
  return SCHEMAS[kindOf(url)];
}
