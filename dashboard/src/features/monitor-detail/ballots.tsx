import type { Ballot } from "@/api/types";
import { StatusChip, ToneChip } from "@/domain/components/status-chip";
import { ballotWhy } from "@/domain/server-sentences";
import { Ago } from "@/ui/time";

/** Who says what, and why. */
export function BallotList({ ballots }: { ballots: readonly Ballot[] }) {
  return (
    <ul aria-label="Votes by region" className="flex flex-col divide-y divide-line">
      {ballots.map((ballot) => (
        <li
          key={ballot.region}
          className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 py-2 first:pt-0 last:pb-0 sm:grid-cols-[8rem_6.5rem_minmax(0,1fr)_auto]"
        >
          <span className="min-w-0 truncate font-medium text-sm">{ballot.region}</span>
          <Vote vote={ballot.vote} />
          <span className="col-span-2 min-w-0 break-words text-muted text-sm sm:col-span-1">{why(ballot)}</span>
          <span className="text-muted text-xs max-sm:col-span-2 sm:text-right">
            {ballot.latest ? <Ago at={ballot.latest.slot} /> : null}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Vote({ vote }: Pick<Ballot, "vote">) {
  return (
    <span className="justify-self-end sm:justify-self-start">
      {vote ? <StatusChip status={vote} /> : <ToneChip tone="none" icon="unknown" word="No vote" />}
    </span>
  );
}

function why(ballot: Ballot): string {
  // A vote that says no more than its own word needs no second one.
  return ballot.why === ballot.vote ? "" : `${ballotWhy(ballot)}.`;
}
