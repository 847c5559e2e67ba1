import { ArrowUp, Clock, Minus, Pause, TriangleAlert, Wrench, X } from "lucide-react";
import type { ComponentType } from "react";
import type { StatusIcon as Name } from "@/domain/status";

interface IconProps {
  className?: string;
  strokeWidth?: number;
}

/** A half-filled disc with a cross: some regions say so, not all. */
function HalfCross({ className }: IconProps) {
  return (
    <svg viewBox="0 0 24 24" className={className} fill="none" aria-hidden="true">
      <circle cx="12" cy="12" r="10" stroke="currentColor" strokeWidth="2" />
      <path d="M12 2a10 10 0 0 0 0 20z" fill="currentColor" />
      <path d="M12 12l3.5-3.5M12 12l3.5 3.5" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" />
      <path d="M12 12L8.5 8.5M12 12l-3.5 3.5" stroke="var(--card)" strokeWidth="2.5" strokeLinecap="round" />
    </svg>
  );
}

const ICONS: Record<Name, ComponentType<IconProps>> = {
  up: ArrowUp,
  degraded: TriangleAlert,
  regional: HalfCross,
  down: X,
  maintenance: Wrench,
  paused: Pause,
  pending: Clock,
  unknown: Minus,
};

/** The shape of a status; its word stands beside it or is said by who shows it. */
export function StatusIcon({ icon, className = "size-3.5" }: { icon: Name; className?: string }) {
  const Icon = ICONS[icon];
  return <Icon aria-hidden className={className} strokeWidth={2.5} />;
}
