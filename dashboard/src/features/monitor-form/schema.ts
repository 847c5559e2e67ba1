/** What is plain to see before the server is asked. The server has the last word. */
import { isAddress } from "@/lib/address";
import { z } from "@/lib/zod";
import { LIMITS } from "./limits";
import type { MonitorValues } from "./values";

const RANGE = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function whole(name: keyof typeof LIMITS, label: string, optional = false) {
  const [least, most] = LIMITS[name];
  const fits = (text: string) => {
    if (optional && text.trim() === "") return true;
    return /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;
  };
  const or = optional ? ", or leave it empty" : "";
  return z
    .string()
    .check(z.refine(fits, `${label}: write a whole number from ${least} to ${most.toLocaleString()}${or}.`));
}

export function isStatus(text: string): boolean {
  const [, from, to] = RANGE.exec(text) ?? [];
  return from !== undefined && (to === undefined || from <= to);
}

const pair = z.object({
  name: z
    .string()
    .check(
      z.refine(
        (name) => name.trim() === "" || TOKEN.test(name.trim()),
        "A header's name has letters, digits and dashes.",
      ),
    ),
  value: z.string(),
});

const fields = z.object({
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
  status: z.array(z.string()).check(
    z.refine((list) => list.every(isStatus), "Write codes or ranges from 100 to 599, such as 200 or 200-299."),
    z.maxLength(20, "At most 20 codes or ranges."),
  ),
  contains: z.string(),
  not_contains: z.string(),
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
  method: z.string(),
  headers: z.array(pair),
  body: z.string(),
  follow_redirects: z.boolean(),
  max_redirects: whole("max_redirects", "Redirects"),
  verify: z.boolean(),
  ca: z.string(),
});

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

export const monitorSchema = fields.check(
  z.refine(regionsChosen, { path: ["regions"], error: "Choose a region, or let all of them check.", when }),
  z.refine(recheckFits, { path: ["recheck_every"], error: "This must be shorter than the interval.", when }),
  z.refine(countFits, { path: ["quorum_count"], error: "Write how many regions: 1 or more.", when }),
);
