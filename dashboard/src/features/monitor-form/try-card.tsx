import { FlaskConical } from "lucide-react";
import type { TryState } from "@/api/queries/try";
import { TryResults } from "@/domain/components/try-results";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { ErrorPanel } from "@/ui/error-panel";

interface TryCardProps {
  state: TryState;
  /** The form was changed since. */
  old: boolean;
  run: () => void;
}

/** Runs what is on screen, unsaved, and shows what each region finds. */
export function TryCard({ state, old, run }: TryCardProps) {
  const tried = state.parts.length > 0;
  const refused = state.error !== null && state.error.errors.length > 0;
  return (
    <Card
      title="Try it"
      description={
        tried && old && !state.busy ? "The form has changed since this try." : "Runs it now, without saving."
      }
      actions={
        <Button size="sm" icon={<FlaskConical aria-hidden />} busy={state.busy} onClick={run}>
          {tried ? "Try again" : "Try it"}
        </Button>
      }
    >
      {state.error && !refused ? <ErrorPanel error={state.error} title="The try did not work" /> : null}
      {refused ? <p className="text-down-text text-sm">Mend the marked fields first.</p> : null}
      {tried ? <TryResults state={state} className={old && !state.busy ? "opacity-60" : undefined} /> : null}
      {!tried && !state.error ? (
        <p className="text-muted text-sm">
          Each region answers with what it found, where the time went, and which expectation failed.
        </p>
      ) : null}
    </Card>
  );
}
