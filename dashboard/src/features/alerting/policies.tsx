import { Plus } from "lucide-react";
import { useState } from "react";
import { useChannels } from "@/api/queries/channels";
import { usePolicies } from "@/api/queries/policies";
import { useMay } from "@/api/roles";
import type { Policy } from "@/api/types";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { Loaded } from "@/ui/loaded";
import { SkeletonList } from "@/ui/skeleton";
import { PolicySheet } from "./lazy-sheets";
import { PolicyCard } from "./policy-card";

/** Whom to tell of what: the default first. */
export function Policies() {
  const query = usePolicies();
  const channels = useChannels();
  const { may, whyNot } = useMay("admin");
  const [editing, edit] = useState<Policy | "new" | null>(null);
  const add = (
    <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => edit("new")}>
      Add policy
    </Button>
  );
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <p className="text-muted">A monitor that names no policy goes by the default.</p>
        {may ? add : null}
      </div>
      {whyNot ? <p className="mb-3 text-muted">To change policies: {whyNot}</p> : null}
      <Loaded
        query={query}
        failed="The policies could not be loaded"
        loading={<SkeletonList label="policies" rows={2} rowClassName="h-40" />}
      >
        {(policies) =>
          policies.length === 0 ? (
            <Card flush>
              <EmptyState title="No policies" action={may ? add : undefined}>
                Nobody is told of anything until there is one.
              </EmptyState>
            </Card>
          ) : (
            <ul className="flex flex-col gap-4" aria-label="Policies">
              {policies.map((policy) => (
                <li key={policy.id}>
                  <PolicyCard policy={policy} may={may} edit={() => edit(policy)} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {editing ? (
        <PolicySheet
          key={editing === "new" ? "new" : editing.id}
          policy={editing === "new" ? null : editing}
          channels={channels.data ?? []}
          close={() => edit(null)}
        />
      ) : null}
    </>
  );
}
