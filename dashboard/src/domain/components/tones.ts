import type { Tone } from "@/domain/status";

/** A state's text on its tint. */
export const tintOf: Record<Tone, string> = {
  up: "bg-up-tint text-up-text",
  degraded: "bg-degraded-tint text-degraded-text",
  regional: "bg-regional-tint text-regional-text",
  down: "bg-down-tint text-down-text",
  maintenance: "bg-maintenance-tint text-maintenance-text",
  paused: "bg-paused-tint text-paused-text",
  none: "bg-paused-tint text-paused-text",
};

/** A state's text on a card. */
export const textOf: Record<Tone, string> = {
  up: "text-up-text",
  degraded: "text-degraded-text",
  regional: "text-regional-text",
  down: "text-down-text",
  maintenance: "text-maintenance-text",
  paused: "text-paused-text",
  none: "text-paused-text",
};
