/** How bad an incident is, as people are told. */
import type { Level } from "@/api/types";
import type { StatusIcon, Tone } from "./status";

interface LevelLook {
  word: string;
  tone: Tone;
  icon: StatusIcon;
}

/** In the order people think of them. */
const LEVELS: Record<Level, LevelLook> = {
  down: { word: "Down", tone: "down", icon: "down" },
  regional: { word: "Regional", tone: "regional", icon: "regional" },
  degraded: { word: "Degraded", tone: "degraded", icon: "degraded" },
  certificate: { word: "Certificate", tone: "degraded", icon: "degraded" },
  coverage: { word: "Coverage", tone: "none", icon: "unknown" },
  region: { word: "Region", tone: "down", icon: "down" },
  lane: { word: "Checks", tone: "down", icon: "down" },
};

export const LEVEL_ORDER = Object.keys(LEVELS) as Level[];

export function levelLook(level: Level): LevelLook {
  return LEVELS[level];
}
