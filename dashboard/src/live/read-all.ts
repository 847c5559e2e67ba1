/** All rows at once. Read early, they wait for whoever needs them first. */
import { get } from "@/api/client";
import type { LiveMonitors } from "@/api/types";

let early: Promise<LiveMonitors> | null = null;

const read = (): Promise<LiveMonitors> => get<LiveMonitors>("monitors", { view: "live" });

export function readEarly(): void {
  early = read();
  early.catch(() => undefined);
}

export function readAll(): Promise<LiveMonitors> {
  const rows = early?.catch(read) ?? read();
  early = null;
  return rows;
}
