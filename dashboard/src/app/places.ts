import { Activity, Bell, Globe, LayoutDashboard, type LucideIcon, TriangleAlert } from "lucide-react";

export interface Place {
  to: "/overview" | "/monitors" | "/incidents" | "/alerting" | "/regions";
  word: string;
  icon: LucideIcon;
  /** The letter behind `g`. */
  key: string;
}

export const PLACES: readonly Place[] = [
  { to: "/overview", word: "Overview", icon: LayoutDashboard, key: "o" },
  { to: "/monitors", word: "Monitors", icon: Activity, key: "m" },
  { to: "/incidents", word: "Incidents", icon: TriangleAlert, key: "i" },
  { to: "/alerting", word: "Alerting", icon: Bell, key: "a" },
  { to: "/regions", word: "Regions", icon: Globe, key: "r" },
];

/** A phone's bar has room for three. */
export const FIRST = PLACES.slice(0, 3);
export const REST = PLACES.slice(3);

export const tabStyle =
  "relative flex h-14 flex-1 flex-col items-center justify-center gap-0.5 font-medium text-[11px]";
