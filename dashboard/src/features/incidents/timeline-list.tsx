import { ArrowUpDown, Bot, UserRound } from "lucide-react";
import { useMemo, useState } from "react";
import type { IncidentWhole } from "@/api/types";
import { type Fold, folded, type Step, steps, type Tone } from "@/domain/timeline";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Moment } from "@/ui/time";
import { ExplanationDetails } from "./explanation-details";

const DOT: Record<Tone, string> = {
  bad: "bg-down-tint text-down-text",
  warning: "bg-degraded-tint text-degraded-text",
  good: "bg-up-tint text-up-text",
  person: "bg-accent-soft text-accent",
  plain: "bg-sunken text-muted",
};

/** All that happened, oldest first; people and the machine are told apart. */
export function Timeline({ incident }: { incident: IncidentWhole }) {
  const all = useMemo(() => folded(steps(incident)), [incident]);
  return (
    <ol>
      {all.map((item) =>
        "steps" in item ? <Folded key={item.key} fold={item} /> : <Entry key={item.key} step={item} />,
      )}
    </ol>
  );
}

/** The ups and downs of what comes and goes; all of them on request. */
function Folded({ fold: { steps: all } }: { fold: Fold }) {
  const [isOpen, open] = useState(false);
  const [first, last] = [all[0], all.at(-1)];
  if (isOpen || !first || !last) return all.map((step) => <Entry key={step.key} step={step} />);
  return (
    <li className="group relative flex gap-3 pb-5 last:pb-0">
      <Line />
      <span className={cn("grid size-7 shrink-0 place-items-center rounded-full", DOT.plain)}>
        <ArrowUpDown aria-hidden className="size-4" />
      </span>
      <div className="flex min-w-0 flex-1 flex-wrap items-center justify-between gap-x-4 gap-y-1 pt-1">
        <p className="min-w-0 break-words text-muted">
          {all.length} ups and downs from <Moment at={first.at} /> to <Moment at={last.at} />
        </p>
        <Button size="sm" variant="ghost" onClick={() => open(true)}>
          Show all
        </Button>
      </div>
    </li>
  );
}

function Line() {
  return (
    <span aria-hidden className="absolute top-7 bottom-0 left-3.5 w-px -translate-x-1/2 bg-line group-last:hidden" />
  );
}

function Entry({ step }: { step: Step }) {
  const Icon = step.who ? UserRound : Bot;
  return (
    <li className="group relative flex gap-3 pb-5 last:pb-0">
      <Line />
      <span className={cn("grid size-7 shrink-0 place-items-center rounded-full", DOT[step.tone])}>
        <Icon aria-hidden className="size-4" />
      </span>
      <div className="min-w-0 flex-1 pt-1">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4">
          <p className="min-w-0 break-words font-medium">
            <span className="sr-only">{step.who ? "" : "UpGuard: "}</span>
            {step.title}
          </p>
          <Moment at={step.at} className="whitespace-nowrap text-muted text-xs tabular-nums" />
        </div>
        {step.lines.map((line) => (
          <p key={line} className="break-words text-muted">
            {line}
          </p>
        ))}
        {step.quote ? (
          <p className="mt-1.5 whitespace-pre-wrap break-words rounded-lg bg-sunken px-3 py-2">{step.quote}</p>
        ) : null}
        {step.explanation ? <ExplanationDetails explanation={step.explanation} /> : null}
      </div>
    </li>
  );
}
