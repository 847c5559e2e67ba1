import { ChevronRight } from "lucide-react";
import type { Explanation, RegionVote } from "@/api/types";
import { StatusChip, ToneChip } from "@/domain/components/status-chip";
import { verdictSentence, voteWords } from "@/domain/explanation";
import { voteReason } from "@/domain/vote-reason";
import { cn, focusRing } from "@/ui/cn";

/** Why the verdict was what it was: who voted what, by which rule. */
export function ExplanationDetails({ explanation }: { explanation: Explanation }) {
  return (
    <details className="group/why mt-1.5">
      <summary
        className={cn(
          focusRing,
          "inline-flex list-none items-center gap-1 rounded-sm text-accent pointer-coarse:min-h-11",
        )}
      >
        <ChevronRight aria-hidden className="size-4 group-open/why:rotate-90" />
        Why: the votes of {explanation.regions.length === 1 ? "1 region" : `${explanation.regions.length} regions`}
      </summary>
      <div className="mt-2 rounded-lg border border-line p-3">
        <p className="text-muted">{verdictSentence(explanation)}</p>
        <ul className="mt-2 flex flex-col gap-2">
          {explanation.regions.map((regionVote) => (
            <BallotLine key={regionVote.region} regionVote={regionVote} explanation={explanation} />
          ))}
        </ul>
      </div>
    </details>
  );
}

function BallotLine({ regionVote, explanation }: { regionVote: RegionVote; explanation: Explanation }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
      <span className="font-medium">{regionVote.region}</span>
      {regionVote.vote ? (
        <StatusChip status={regionVote.vote} size="sm" />
      ) : (
        <ToneChip tone="none" icon="unknown" word={voteWords(null)} size="sm" />
      )}
      <span className="min-w-0 basis-full break-words text-muted sm:flex-1 sm:basis-40">
        {voteReason(regionVote, explanation)}
      </span>
    </li>
  );
}
