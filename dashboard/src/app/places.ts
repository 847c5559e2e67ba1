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
