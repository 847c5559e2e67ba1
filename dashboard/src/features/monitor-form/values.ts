/** The form's fields and the API's body: two shapes of one thing, and the ways between them. */
import type { Monitor, MonitorBody, Quorum } from "@/api/types";
import { kindOf } from "@/domain/kind";
import { hostOf, withScheme } from "@/lib/address";
import { KIND_ABSENT, KIND_FORMS, KIND_USUAL, type KindValues, kindValuesOf } from "./kinds";

/** What every kind of check has. */
interface CommonValues {
  name: string;
  url: string;
  interval: string;
  timeout: string;
  everywhere: boolean;
  regions: string[];
  enabled: boolean;
  max_latency_ms: string;
  min_cert_days: string;
  failures: string;
  recoveries: string;
  recheck_every: string;
  quorum: "any" | "majority" | "all" | "count";
  quorum_count: string;
  alert_policy: string;
  tags: string[];
  verify: boolean;
  ca: string;
}

/** As people fill them in: numbers are texts until they are read. */
export type MonitorValues = CommonValues & KindValues;

/** What the server takes where nothing is said. */
export const USUAL: MonitorValues = {
  name: "",
  url: "",
  interval: "60",
  timeout: "10",
  everywhere: true,
  regions: [],
  enabled: true,
  max_latency_ms: "",
  min_cert_days: "",
  failures: "2",
  recoveries: "2",
  recheck_every: "",
  quorum: "majority",
  quorum_count: "2",
  alert_policy: "",
  tags: [],
  verify: true,
  ca: "",
  ...KIND_USUAL,
};

export function valuesOf(monitor: Monitor): MonitorValues {
  const { expect, confirm, tls, quorum } = monitor;
  return {
    name: monitor.name,
    url: monitor.url,
    interval: String(monitor.interval),
    timeout: String(monitor.timeout),
    everywhere: monitor.regions.length === 0,
    regions: monitor.regions,
    enabled: monitor.enabled,
    max_latency_ms: text(expect.max_latency_ms),
    min_cert_days: text(expect.min_cert_days),
    failures: text(confirm.failures ?? 2),
    recoveries: text(confirm.recoveries ?? 2),
    recheck_every: text(confirm.recheck_every),
    quorum: typeof quorum === "object" ? "count" : quorum,
    quorum_count: typeof quorum === "object" ? String(quorum.count) : USUAL.quorum_count,
    alert_policy: monitor.alert_policy ?? "",
    tags: monitor.tags,
    verify: tls.verify ?? true,
    ca: tls.ca ?? "",
    ...kindValuesOf(monitor),
  };
}

/** Another one like it: it needs a name of its own. */
export function copyOf(monitor: Monitor): MonitorValues {
  return { ...valuesOf(monitor), name: `${monitor.name} (copy)`, enabled: true };
}

/** The whole body. What is empty is null, so that an edit takes it away; so is what only other kinds have. */
export function bodyOf(values: MonitorValues): Pick<Monitor, keyof MonitorBody> {
  const kind = kindOf(values.url);
  const own = KIND_FORMS[kind].bodyOf(values);
  return {
    name: values.name.trim() || hostOf(values.url),
    url: withScheme(values.url),
    kind,
    interval: Number(values.interval),
    timeout: Number(values.timeout),
    regions: values.everywhere ? [] : values.regions,
    ...KIND_ABSENT,
    ...own,
    tls: { verify: values.verify, ca: values.ca.trim() ? values.ca : null },
    expect: {
      ...KIND_ABSENT.expect,
      ...own.expect,
      max_latency_ms: number(values.max_latency_ms),
      min_cert_days: number(values.min_cert_days),
    },
    confirm: {
      failures: Number(values.failures),
      recoveries: Number(values.recoveries),
      recheck_every: number(values.recheck_every),
    },
    quorum: quorumOf(values),
    alert_policy: values.alert_policy || null,
    tags: values.tags,
    enabled: values.enabled,
  };
}

function quorumOf({ quorum, quorum_count }: MonitorValues): Quorum {
  return quorum === "count" ? { count: Number(quorum_count) } : quorum;
}

function text(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

function number(value: string): number | null {
  return value.trim() === "" ? null : Number(value);
}
