import type { Incident } from "@/api/types";
import { levelLook } from "@/domain/level";
import { ToneChip } from "./status-chip";

interface LevelChipProps {
  incident: Pick<Incident, "state" | "level" | "worst">;
  size?: "md" | "lg";
}

/** How bad it is; what is over keeps its shape and word, and loses its colour. */
export function LevelChip({ incident, size }: LevelChipProps) {
  const over = incident.state === "resolved";
  const level = over ? incident.worst : incident.level;
  const { word, tone, icon } = levelLook(level);
  return <ToneChip tone={over ? "none" : tone} icon={icon} word={word} size={size} />;
}
