import { Check } from "lucide-react";
import { cn } from "@/ui/cn";

const STEPS = ["See it checked", "Keep checking it", "Choose who is told"];

/** How far the first run has come. */
export function Checklist({ done }: { done: number }) {
  return (
    <ol aria-label={`First steps: ${done} of ${STEPS.length} done`} className="mb-5 grid grid-cols-3 gap-2">
      {STEPS.map((step, at) => {
        const isDone = at < done;
        const isNext = at === done;
        return (
          <li key={step} aria-current={isNext ? "step" : undefined} className="min-w-0">
            <span
              aria-hidden
              className={cn(
                "block h-1 rounded-full forced-colors:border",
                isDone ? "bg-accent" : isNext ? "bg-accent/45" : "bg-skeleton",
              )}
            />
            <span className={cn("mt-1.5 flex items-start gap-1 text-xs", isDone || isNext ? "text-fg" : "text-muted")}>
              {isDone ? <Check aria-hidden className="mt-px size-3.5 shrink-0 text-accent" /> : null}
              {step}
              {isDone ? <span className="sr-only">, done</span> : null}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
