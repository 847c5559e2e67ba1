import type { TryState } from "@/api/queries/try";
import { TryResults } from "@/domain/components/try-results";
import { ErrorPanel } from "@/ui/error-panel";
import { TextLink } from "@/ui/link-button";

interface TryFindingsProps {
  state: TryState;
  noRegions: boolean;
}

/** What the regions find, as they answer. */
export function TryFindings({ state, noRegions }: TryFindingsProps) {
  return (
    <div className="mt-5 border-line border-t pt-5">
      {state.error ? <ErrorPanel error={state.error} title="The check could not be tried" /> : null}
      {noRegions ? (
        <p className="text-sm">
          No region is there yet, so nobody can check it. Start a probe first: see{" "}
          <TextLink to="/regions">Regions</TextLink>.
        </p>
      ) : null}
      <TryResults state={state} />
    </div>
  );
}
