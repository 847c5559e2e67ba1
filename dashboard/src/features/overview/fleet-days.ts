import type { UptimeDays } from "@/api/types";
import type { Beat } from "@/domain/beat";
import { formatUptime } from "@/domain/uptime";
import { plural } from "@/lib/format";
import { formatUtcDay } from "@/lib/time";

type Day = UptimeDays["days"][number];

/** In a fleet some monitor fails every day: a day is green from 99.9 %, amber from 99 %. */
export function fleetBeat({ good, total, expected }: Day): Beat {
  if (total === 0) return expected === 0 ? "none" : "missed";
  const share = good / total;
  if (share >= 0.999) return "up";
  return share >= 0.99 ? "degraded" : "down";
}

export const FLEET_WORDS = { up: "From 99.9 %", degraded: "From 99 %", down: "Below 99 %" } as const;

/** The cells of the bar. */
export function fleetCells(days: readonly Day[]) {
  return days.map((day) => ({
    key: day.day,
    beat: fleetBeat(day),
    title: formatUtcDay(day.day),
    detail: day.total === 0 ? "no data" : `${formatUptime(day)} uptime, ${plural(day.incidents, "incident")}`,
  }));
}
