import { useState } from "react";
import { useRevokeApiKey } from "@/api/queries/api-keys";
import type { ApiKey } from "@/api/types";
import { seconds } from "@/lib/time";
import { useServerNow } from "@/live/use-live";
import { AlertDialog } from "@/ui/alert-dialog";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Ago, Until } from "@/ui/time";
import { toast } from "@/ui/toast";
import { wordOf } from "./scopes";

/** One key: what it may do, since when, and whether anybody uses it. */
export function ApiKeyRow({ apiKey, may }: { apiKey: ApiKey; may: boolean }) {
  const { name, prefix, scopes, created_at: made, created_by: by } = apiKey;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 border-line border-b px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 break-words font-medium">{name}</span>
          {scopes.map((scope) => (
            <Badge key={scope}>{wordOf(scope)}</Badge>
          ))}
        </p>
        <p className="text-muted">
          <span className="font-mono">{prefix}…</span> · made <Ago at={made} />
          {by ? <span className="break-words"> by {by.name}</span> : null}
        </p>
      </div>
      <div className="min-w-0 basis-44 text-muted">
        <LastUsed at={apiKey.last_used_at} />
        <End at={apiKey.expires_at} />
      </div>
      {may ? <Revoke apiKey={apiKey} /> : null}
    </li>
  );
}

function LastUsed({ at }: { at: string | null }) {
  return (
    <p>
      {at ? (
        <>
          Used <Ago at={at} />
        </>
      ) : (
        "Never used"
      )}
    </p>
  );
}

function End({ at }: { at: string | null }) {
  const now = useServerNow();
  if (at === null) return null;
  if (seconds(at) <= now) return <Badge tone="degraded">Expired</Badge>;
  return (
    <p>
      Ends <Until at={at} />
    </p>
  );
}

function Revoke({ apiKey: { id, name } }: { apiKey: ApiKey }) {
  const [asking, ask] = useState(false);
  const revoke = useRevokeApiKey();
  const run = async () => {
    await revoke.mutateAsync(id);
    toast({ title: `${name} was revoked` });
  };
  return (
    <>
      <Button size="sm" className="ml-auto" aria-label={`Revoke ${name}`} onClick={() => ask(true)}>
        Revoke
      </Button>
      <AlertDialog
        open={asking}
        onOpenChange={ask}
        danger
        title={`Revoke ${name}?`}
        description="Whatever uses it is refused at once. This cannot be taken back."
        confirm="Revoke key"
        onConfirm={run}
      />
    </>
  );
}
