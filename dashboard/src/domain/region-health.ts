/** How a region is, in words. */
import type { Region, Worker } from "@/api/types";
import { formatDuration, listWords, plural } from "@/lib/format";
import { DIAGNOSIS } from "./diagnosis";
import type { StatusIcon, Tone } from "./status";

export type Health = "well" | "doubts" | "behind" | "silent" | "waiting" | "unregistered";

export interface HealthLook {
  word: string;
  tone: Tone;
  icon: StatusIcon;
}

export const HEALTH: Record<Health, HealthLook> = {
  well: { word: "Well", tone: "up", icon: "up" },
  doubts: { word: "Doubts itself", tone: "degraded", icon: "degraded" },
  behind: { word: "Behind", tone: "degraded", icon: "degraded" },
  silent: { word: "Silent", tone: "down", icon: "down" },
  waiting: { word: "No probe yet", tone: "none", icon: "pending" },
  unregistered: { word: "Unregistered", tone: "none", icon: "unknown" },
};

/** The oldest waiting job may be this old before a region is called behind, seconds. */
const BEHIND = 10;

export function healthOf(region: Region): Health {
  if (!region.registered) return "unregistered";
  const alive = region.workers.filter((worker) => worker.alive);
  if (alive.length === 0) return region.workers.length === 0 ? "waiting" : "silent";
  if (alive.some((worker) => worker.diagnosis !== null)) return "doubts";
  return (region.lag_seconds ?? 0) > BEHIND ? "behind" : "well";
}

/** What that means, and what to do. */
export function healthSentence(region: Region): string {
  const alive = region.workers.filter((worker) => worker.alive);
  switch (healthOf(region)) {
    case "unregistered":
      return "Probes made this group, and nobody registered it: its checks are not expected and count for nothing.";
    case "waiting":
      return "No probe has reported from here yet. Its checks close as not checked.";
    case "silent":
      return "No probe has spoken for 20 s. Its checks close as not checked; look at the machines.";
    case "doubts": {
      const sick = alive.filter((worker) => worker.diagnosis !== null);
      const whys = new Set(sick.map((worker) => (worker.diagnosis ? DIAGNOSIS[worker.diagnosis] : "")));
      const whom =
        sick.length === alive.length ? "Every probe says" : `${plural(sick.length, "probe")} of ${alive.length} say`;
      return `${whom}: ${listWords([...whys])}. Such results have no vote and count in no uptime.`;
    }
    case "behind":
      return `The oldest job has waited ${formatDuration(region.lag_seconds ?? 0)}. Add probes, or raise their concurrency.`;
    case "well":
      return "";
  }
}

/** The worst first, then by name. */
const ORDER: readonly Health[] = ["silent", "doubts", "behind", "waiting", "well", "unregistered"];

export function worstFirst(regions: readonly Region[]): Region[] {
  const rank = (region: Region) => ORDER.indexOf(healthOf(region));
  return [...regions].sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id));
}

/** `0.1.0`, or `0.1.0 and 0.2.0` while probes are replaced. */
export function versions(workers: readonly Worker[]): string {
  return listWords([...new Set(workers.map((worker) => worker.version))].sort());
}

/** The share of permits that are taken, 0 to 1. */
export function load(workers: readonly Worker[]): { taken: number; limit: number; share: number } {
  const taken = workers.reduce((sum, worker) => sum + worker.in_flight, 0);
  const limit = workers.reduce((sum, worker) => sum + worker.limit, 0);
  return { taken, limit, share: limit > 0 ? Math.min(1, taken / limit) : 0 };
}

/** `3 ms fast`, `on time`. */
export function clockWords(offsetMs: number): string {
  const off = Math.abs(Math.round(offsetMs));
  if (off < 1) return "on time";
  const text = off >= 1000 ? `${(off / 1000).toFixed(1)} s` : `${off} ms`;
  return `${text} ${offsetMs > 0 ? "fast" : "slow"}`;
}

/** `2 regions, 3 probes`: the fleet in a line. */
export function fleetWords(regions: readonly Region[]): string {
  const registered = regions.filter((region) => region.registered);
  const alive = registered.flatMap((region) => region.workers).filter((worker) => worker.alive).length;
  return `${plural(registered.length, "region")}, ${plural(alive, "probe")} at work`;
}
