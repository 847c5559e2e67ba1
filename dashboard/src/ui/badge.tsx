import type { ReactNode } from "react";
import { cn } from "./cn";

export type Tone = "neutral" | "accent" | "up" | "degraded" | "down" | "maintenance";

export const badgeTones: Record<Tone, string> = {
  neutral: "border-line bg-sunken text-muted",
  accent: "border-transparent bg-accent-soft text-accent",
  up: "border-transparent bg-up-tint text-up-text",
  degraded: "border-transparent bg-degraded-tint text-degraded-text",
  down: "border-transparent bg-down-tint text-down-text",
  maintenance: "border-transparent bg-maintenance-tint text-maintenance-text",
};

export const badgeStyle = "h-[1.375rem] max-w-full whitespace-nowrap rounded-md border px-1.5 font-medium text-xs";

interface BadgeProps {
  children: ReactNode;
  tone?: Tone;
  icon?: ReactNode;
  className?: string;
}

/** A word in a box: a tag, a count, a kind. The colour is never all it says. */
export function Badge({ children, tone = "neutral", icon, className }: BadgeProps) {
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1 [&_svg]:size-3.5 [&_svg]:shrink-0",
        badgeStyle,
        badgeTones[tone],
        className,
      )}
    >
      {icon}
      <span className="min-w-0 truncate">{children}</span>
    </span>
  );
}
