/** What a key may do, in words. */
import type { ApiKeyScope } from "@/api/types";

interface ScopeWords {
  scope: ApiKeyScope;
  word: string;
  hint: string;
}

export const SCOPES: readonly ScopeWords[] = [
  { scope: "read", word: "Read", hint: "Look at monitors, incidents and everything else a viewer sees." },
  {
    scope: "write",
    word: "Write",
    hint: "Read, and change what an editor may: monitors and incidents, not channels, policies or keys.",
  },
  { scope: "metrics", word: "Metrics", hint: "Fetch the series of all monitors for Prometheus, and nothing else." },
];

export function wordOf(scope: ApiKeyScope): string {
  return SCOPES.find((one) => one.scope === scope)?.word ?? scope;
}
