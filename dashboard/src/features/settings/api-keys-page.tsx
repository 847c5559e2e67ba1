import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { useApiKeys } from "@/api/queries/api-keys";
import { useMay } from "@/api/roles";
import type { ApiKey, NewApiKey } from "@/api/types";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { Loaded } from "@/ui/loaded";
import { PageHeader } from "@/ui/page-header";
import { SkeletonList } from "@/ui/skeleton";
import { ApiKeyRow } from "./api-key-row";
import { KeyMadeDialog } from "./key-made-dialog";
import { NewKeyDialog } from "./new-key-dialog";
import { ScrapeCard } from "./scrape-card";

/** What programs sign in with. */
export function ApiKeysPage() {
  const query = useApiKeys();
  const { may, whyNot } = useMay("admin");
  const [adding, add] = useState(false);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const create = (
    <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => add(true)}>
      Create key
    </Button>
  );
  return (
    <div className="max-w-4xl">
      <PageHeader
        title="API keys"
        description="For programs that use UpGuard on their own: scripts, pipelines, Prometheus."
        actions={may ? create : undefined}
      />
      {whyNot ? <p className="mb-3 text-muted">To create or revoke keys: {whyNot}</p> : null}
      <div className="flex flex-col gap-4">
        <Loaded
          query={query}
          failed="The API keys could not be loaded"
          loading={<SkeletonList label="API keys" rows={3} rowClassName="h-[4.5rem]" />}
        >
          {(keys) => <Keys keys={keys} may={may} />}
        </Loaded>
        <ScrapeCard />
      </div>
      <NewKeyDialog
        open={adding}
        close={() => add(false)}
        made={(key) => {
          add(false);
          setMade(key);
        }}
      />
      <KeyMadeDialog made={made} close={() => setMade(null)} />
    </div>
  );
}

function Keys({ keys, may }: { keys: readonly ApiKey[]; may: boolean }) {
  return (
    <Card flush>
      {keys.length === 0 ? (
        <EmptyState icon={<KeyRound />} title="No API keys yet">
          {may ? "Create one for each program, so that each can be revoked by itself." : "An admin can create one."}
        </EmptyState>
      ) : (
        <ul aria-label="API keys">
          {keys.map((key) => (
            <ApiKeyRow key={key.id} apiKey={key} may={may} />
          ))}
        </ul>
      )}
    </Card>
  );
}
