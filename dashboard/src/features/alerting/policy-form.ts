/** A policy's form and the API's body. */
import type { Level, Policy, PolicyBody } from "@/api/types";
import { LEVEL_ORDER } from "@/domain/level";

export interface PolicyValues {
  name: string;
  channels: string[];
  sends: Level[];
  /** seconds */
  delay: number;
  /** seconds; 0: none */
  reminder: number;
  default: boolean;
}

/** Choices of the selects, seconds; another value that is stored joins them. */
export const DELAYS = [0, 30, 60, 120, 300, 600, 1800] as const;
export const REMINDERS = [0, 900, 1800, 3600, 14_400, 43_200, 86_400] as const;

export function valuesOf(policy: Policy | null): PolicyValues {
  return {
    name: policy?.name ?? "",
    channels: policy?.channels ?? [],
    sends: policy?.sends ?? ["certificate", "region", "lane", "down"],
    delay: policy?.delay ?? 0,
    reminder: policy?.reminder ?? 0,
    default: policy?.default ?? false,
  };
}

/** A delay or reminder that was set elsewhere stays to be chosen. */
export function choices(usual: readonly number[], stored: number): number[] {
  return usual.includes(stored) ? [...usual] : [...usual, stored].sort((a, b) => a - b);
}

export function toBody(values: PolicyValues): PolicyBody {
  return {
    name: values.name.trim(),
    channels: values.channels,
    sends: LEVEL_ORDER.filter((level) => values.sends.includes(level)),
    delay: values.delay,
    reminder: values.reminder === 0 ? null : values.reminder,
    default: values.default,
  };
}

/** The server's errors by field: `channels.2` belongs to `channels`. What belongs to no field is under "". */
export function byField(errors: Record<string, string>): Record<string, string> {
  const fields = new Set(["name", "channels", "sends", "delay", "reminder", "default"]);
  const mapped: Record<string, string> = {};
  for (const [path, detail] of Object.entries(errors)) {
    const head = path.split(".")[0] ?? "";
    mapped[fields.has(head) ? head : ""] ??= detail;
  }
  return mapped;
}
