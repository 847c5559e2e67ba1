import { Link } from "@tanstack/react-router";
import {
  Bell,
  Check,
  CircleCheck,
  KeyRound,
  type LucideIcon,
  MessageSquare,
  Repeat,
  TrendingUp,
  TriangleAlert,
  X,
} from "lucide-react";
import { memo, useDeferredValue, useMemo, useState } from "react";
import { useActivity } from "@/api/queries/incidents";
import type { Activity, What } from "@/api/types";
import { subject } from "@/domain/subject";
import { type Transition, transitionWords } from "@/domain/transition";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { EmptyState } from "@/ui/empty-state";
import { Loaded } from "@/ui/loaded";
import { SkeletonList } from "@/ui/skeleton";
import { Ago } from "@/ui/time";
import { type Burst, burstWords } from "./bursts";
import { type KeyAct, linesOf } from "./lines";

const KEPT = 50;

/** What happened last: changes that came together are one line that opens. */
export function ActivityFeed() {
  const activity = useActivity(KEPT);
  // Many lines: drawn in small steps.
  const data = useDeferredValue(activity.data);
  return (
    <Card title="Activity" flush className="overflow-hidden">
      <Loaded
        query={{ ...activity, data }}
        failed="The activity could not be loaded"
        loading={<SkeletonList label="activity" rows={6} rowClassName="h-9" className="px-4 pb-4 sm:px-5" />}
      >
        {(activity) => <Feed activity={activity} />}
      </Loaded>
    </Card>
  );
}

const Feed = memo(function Feed({ activity }: { activity: Activity }) {
  const lines = useMemo(() => linesOf(activity, KEPT), [activity]);
  if (lines.length === 0) {
    return (
      <EmptyState icon={<CircleCheck />} title="Nothing has happened" className="pt-4 pb-9">
        Incidents, what people did about them, and API keys show up here.
      </EmptyState>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the keyboard
    <ol className="max-h-[28rem] overflow-y-auto pb-2" tabIndex={0} aria-label="Latest activity">
      {lines.map((line) => (
        <li key={line.key}>
          {"act" in line ? (
            <OfKey act={line.act} at={line.at} />
          ) : line.items.length > 1 ? (
            <Many line={line} />
          ) : (
            <One item={line.items[0]} at={line.at} />
          )}
        </li>
      ))}
    </ol>
  );
});

const LOOK: Record<What, { icon: LucideIcon; tone: string }> = {
  opened: { icon: X, tone: "text-down-text" },
  escalated: { icon: TrendingUp, tone: "text-down-text" },
  changed: { icon: TriangleAlert, tone: "text-degraded-text" },
  flapping: { icon: Repeat, tone: "text-degraded-text" },
  acknowledged: { icon: Check, tone: "text-accent" },
  reminded: { icon: Bell, tone: "text-muted" },
  commented: { icon: MessageSquare, tone: "text-accent" },
  resolved: { icon: CircleCheck, tone: "text-up-text" },
};

function Mark({ item }: { item: Transition }) {
  const isMild = item.what === "opened" && item.level !== "down" && item.level !== "region" && item.level !== "lane";
  const { icon: Icon, tone } = isMild ? LOOK.changed : LOOK[item.what];
  return <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", tone)} strokeWidth={2.25} />;
}

const row = "flex gap-3 px-4 py-2 hover:bg-hover sm:px-5";

function One({ item, at }: { item: Transition; at: number }) {
  const { before, after } = transitionWords(item);
  return (
    <Link to="/incidents/$id" params={{ id: item.incident }} className={cn(row, "-outline-offset-2")}>
      <Mark item={item} />
      <span className="min-w-0 flex-1 break-words leading-5">
        {before} <span className="font-medium">{subject(item)}</span> {after}
      </span>
      <Ago at={at} className="shrink-0 whitespace-nowrap text-muted text-xs leading-5" />
    </Link>
  );
}

function OfKey({ act, at }: { act: KeyAct; at: number }) {
  const tone = act.what === "revoked" ? "text-degraded-text" : "text-muted";
  return (
    <Link to="/settings/api-keys" className={cn(row, "-outline-offset-2")}>
      <KeyRound aria-hidden className={cn("mt-0.5 size-4 shrink-0", tone)} strokeWidth={2.25} />
      <span className="min-w-0 flex-1 break-words leading-5">
        {act.who?.name || "Somebody"} {act.what} the API key <span className="font-medium">{act.key.name}</span>
      </span>
      <Ago at={at} className="shrink-0 whitespace-nowrap text-muted text-xs leading-5" />
    </Link>
  );
}

function Many({ line }: { line: Burst }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={cn(row, "list-none -outline-offset-2 [&::-webkit-details-marker]:hidden")}>
        <Mark item={line.items[0]} />
        <span className="min-w-0 flex-1 leading-5">
          <span className="font-medium underline decoration-dotted underline-offset-3">{burstWords(line)}</span>
        </span>
        <Ago at={line.at} className="shrink-0 whitespace-nowrap text-muted text-xs leading-5" />
      </summary>
      {isOpen ? (
        <ul className="pb-1 pl-7">
          {line.items.map((item) => (
            <li key={`${item.incident} ${item.at}`}>
              <One item={item} at={Date.parse(item.at) / 1000} />
            </li>
          ))}
        </ul>
      ) : null}
    </details>
  );
}
