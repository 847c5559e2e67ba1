import type { Incident, Level } from "@/api/types";
import { levelLook, type StatusIcon } from "@/lib/status";
import { ToneChip } from "@/ui/status-chip";

const ICON: Record<Level, StatusIcon> = {
  down: "down",
  regional: "regional",
  degraded: "degraded",
  certificate: "degraded",
  region: "down",
  lane: "down",
  coverage: "unknown",
};

interface LevelChipProps {
  incident: Pick<Incident, "state" | "level" | "worst">;
  size?: "md" | "lg";
}

/** How bad it is; what is over keeps its shape and word, and loses its colour. */
export function LevelChip({ incident, size }: LevelChipProps) {
  const over = incident.state === "resolved";
  const level = over ? incident.worst : incident.level;
  const { word, tone } = levelLook(level);
  return <ToneChip tone={over ? "none" : tone} icon={ICON[level]} word={word} size={size} />;
}
