import type { Explanation, RegionVote } from "@/api/types";
import { StatusChip, ToneChip } from "@/domain/components/status-chip";
import { sortBallots } from "@/domain/verdict-rule";
import { voteReason } from "@/domain/vote-reason";
import { Ago } from "@/ui/time";

type Rule = Pick<Explanation, "confirm" | "silent_after">;

/** Who says what, and why. */
export function RegionVoteList({ explanation }: { explanation: Rule & Pick<Explanation, "regions"> }) {
  return (
    <ul aria-label="Votes by region" className="flex flex-col divide-y divide-line">
      {sortBallots(explanation.regions).map((regionVote) => (
        <li
          key={regionVote.region}
          className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 py-2 first:pt-0 last:pb-0 sm:grid-cols-[8rem_6.5rem_minmax(0,1fr)_auto]"
        >
          <span className="min-w-0 truncate font-medium text-sm">{regionVote.region}</span>
          <Vote vote={regionVote.vote} />
          <span className="col-span-2 min-w-0 break-words text-muted text-sm sm:col-span-1">
            {why(regionVote, explanation)}
          </span>
          <span className="text-muted text-xs max-sm:col-span-2 sm:text-right">
            {regionVote.latest ? <Ago at={regionVote.latest.slot} /> : null}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Vote({ vote }: Pick<RegionVote, "vote">) {
  return (
    <span className="justify-self-end sm:justify-self-start">
      {vote ? <StatusChip status={vote} /> : <ToneChip tone="none" icon="unknown" word="No vote" />}
    </span>
  );
}

function why(regionVote: RegionVote, rule: Rule): string {
  const reason = voteReason(regionVote, rule);
  // A vote that says no more than its own word needs no second one.
  return reason.toLowerCase() === regionVote.vote ? "" : `${reason}.`;
}
