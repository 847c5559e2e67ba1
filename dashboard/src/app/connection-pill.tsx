import { CloudOff, History, LoaderCircle, type LucideIcon } from "lucide-react";
import { formatClock, useZone } from "@/lib/time";
import type { Freshness } from "@/live/state";
import { useLiveState } from "@/live/use-live";
import { cn } from "@/ui/cn";
import { Tooltip } from "@/ui/tooltip";

const LOOK: Record<Freshness, { tone: string; icon: LucideIcon | null; means: string }> = {
  live: { tone: "text-up-text", icon: null, means: "Changes show as they happen." },
  reconnecting: {
    tone: "text-degraded-text bg-degraded-tint",
    icon: LoaderCircle,
    means: "The connection broke and is being opened again.",
  },
  offline: {
    tone: "text-down-text bg-down-tint",
    icon: CloudOff,
    means: "The server cannot be reached. What you see may be old.",
  },
  stale: {
    tone: "text-degraded-text bg-degraded-tint",
    icon: History,
    means: "Changes were missed and are being read again.",
  },
};

function useWords(): { state: Freshness; words: string; means: string } {
  const { state, since } = useLiveState();
  const zone = useZone();
  const words = {
    live: "Live",
    reconnecting: since === 0 ? "Connecting" : "Reconnecting",
    offline: since === 0 ? "Offline" : `Offline since ${formatClock(since, zone).slice(0, 5)}`,
    stale: "Stale",
  }[state];
  return { state, words, means: LOOK[state].means };
}

/** Whether what is on screen is now. `compact` shows the shape alone; the words stay for those who hear. */
export function ConnectionPill({ compact = false }: { compact?: boolean }) {
  const { state, words, means } = useWords();
  const { tone, icon: Icon } = LOOK[state];
  return (
    <Tooltip label={compact ? `${words}. ${means}` : means}>
      <span
        className={cn(
          "inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-full font-medium text-xs forced-colors:border",
          compact ? "px-1.5" : "px-2",
          tone,
        )}
      >
        {Icon ? (
          <Icon
            aria-hidden
            className={cn("size-3.5", state === "reconnecting" && "animate-spin motion-reduce:animate-none")}
          />
        ) : (
          <span aria-hidden className="mx-0.5 size-2 rounded-full bg-up-fill" />
        )}
        <span className={compact ? "sr-only" : undefined}>{words}</span>
      </span>
    </Tooltip>
  );
}
