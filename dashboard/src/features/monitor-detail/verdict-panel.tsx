import type { ReactNode } from "react";
import { useVerdict } from "@/api/queries/monitors";
import type { Explanation, RegionVote, VerdictAnswer } from "@/api/types";
import { STATUS } from "@/domain/status";
import {
  abstentions,
  aheadSentence,
  alertSentence,
  confirmSentences,
  ruleSentence,
  verdictSentence,
} from "@/domain/verdict-rule";
import { Card } from "@/ui/card";
import { TextLink } from "@/ui/link-button";
import { Loaded } from "@/ui/loaded";
import { Skeleton } from "@/ui/skeleton";
import { Ago } from "@/ui/time";
import { RegionVoteList } from "./region-votes";

/** Why the status is what it is: who says what, the rule, and who was told. */
export function VerdictPanel({ id }: { id: string }) {
  const query = useVerdict(id);
  const word = query.data ? STATUS[query.data.status].word.toLowerCase() : "";
  return (
    <Card title={word ? `Why it is ${word}` : "Why"}>
      <Loaded query={query} failed="The verdict could not be loaded" loading={<Skeleton className="h-44 w-full" />}>
        {(verdict) => <Verdict verdict={verdict} />}
      </Loaded>
    </Card>
  );
}

function Verdict({ verdict }: { verdict: VerdictAnswer }) {
  const ahead = aheadSentence(verdict);
  // What the regions say comes to `judged`; the status may be a person's doing.
  const shown =
    verdict.status === "paused" ? { ...verdict, status: verdict.status } : { ...verdict, status: verdict.judged };
  return (
    <>
      <p className="text-[0.9375rem]">
        {verdictSentence(shown)} {ahead ? <span className="text-muted">{ahead}</span> : null}
      </p>
      <div className="mt-4 grid gap-x-8 gap-y-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <RegionVoteList explanation={verdict} />
        <dl className="flex flex-col gap-3 text-sm">
          <Point name="Rule">{ruleSentence(verdict.quorum, verdict.needed, verdict.can_vote)}</Point>
          <Point name="Confirmation">{confirmSentences(verdict.confirm).join(" ")}</Point>
          <Silence regionVotes={verdict.regions} />
          <Point name="Alerts">
            {alertSentence(verdict)} <AlertLink alert={verdict.alert} />
          </Point>
        </dl>
      </div>
      {verdict.at_change ? <AtChange since={verdict.since} explanation={verdict.at_change} /> : null}
    </>
  );
}

function Silence({ regionVotes }: { regionVotes: readonly RegionVote[] }) {
  const sentences = abstentions(regionVotes);
  return sentences.length > 0 ? <Point name="Without a vote">{sentences.join(" ")}</Point> : null;
}

function Point({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-muted text-xs">{name}</dt>
      <dd className="mt-0.5 break-words">{children}</dd>
    </div>
  );
}

function AlertLink({ alert }: { alert: VerdictAnswer["alert"] }) {
  if (alert === null) return null;
  return (
    <TextLink to="/incidents/$id" params={{ id: alert.incident }}>
      See the incident
    </TextLink>
  );
}

function AtChange({ since, explanation }: { since: string; explanation: Explanation }) {
  return (
    <details className="mt-4 border-line border-t pt-3">
      <summary className="rounded-sm text-accent text-sm pointer-coarse:min-h-11">
        What was known when this began, <Ago at={since} />
      </summary>
      <p className="mt-2 mb-2 text-muted text-sm">{verdictSentence(explanation)}</p>
      <RegionVoteList explanation={explanation} />
    </details>
  );
}
