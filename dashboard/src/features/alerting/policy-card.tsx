import { MoreHorizontal, Pencil, Star, Trash2 } from "lucide-react";
import { useState } from "react";
import { useDeletePolicy, useUpdatePolicy } from "@/api/queries/policies";
import type { Policy } from "@/api/types";
import { policyWords } from "@/domain/policy";
import { sentence } from "@/lib/errors";
import { AlertDialog } from "@/ui/alert-dialog";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { IconButton } from "@/ui/icon-button";
import { Menu, MenuItem } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { Tells } from "./tells";
import { Warning } from "./warning";

interface PolicyCardProps {
  policy: Policy;
  may: boolean;
  edit: () => void;
}

/** One policy: what it sends, and who would be told now. */
export function PolicyCard({ policy, may, edit }: PolicyCardProps) {
  const title = (
    <span className="flex flex-wrap items-center gap-2">
      <span className="min-w-0 break-words">{policy.name}</span>
      {policy.default ? <Badge tone="accent">Default</Badge> : null}
    </span>
  );
  const actions = (
    <>
      <Button size="sm" icon={<Pencil aria-hidden />} onClick={edit}>
        Edit<span className="sr-only"> {policy.name}</span>
      </Button>
      {policy.default ? null : <More policy={policy} />}
    </>
  );
  return (
    <Card title={title} description={policyWords(policy)} actions={may ? actions : undefined}>
      <div className="flex flex-col gap-4">
        {policy.warning ? <Warning policy={policy} edit={may ? edit : null} /> : null}
        <Tells policy={policy} />
      </div>
    </Card>
  );
}

/** A default has neither: it stays until another one is. */
function More({ policy }: { policy: Policy }) {
  const [asking, ask] = useState(false);
  const update = useUpdatePolicy();
  const remove = useDeletePolicy();
  const makeDefault = () =>
    update.mutate(
      { id: policy.id, default: true },
      {
        onSuccess: () => toast({ title: `${policy.name} is the default now` }),
        onError: (why) => toast({ tone: "failed", title: "Not changed", description: sentence(why) }),
      },
    );
  return (
    <>
      <Menu
        trigger={
          <IconButton
            size="sm"
            label={`More for ${policy.name}`}
            icon={<MoreHorizontal aria-hidden />}
            tooltip={false}
          />
        }
      >
        <MenuItem icon={<Star aria-hidden />} onSelect={makeDefault}>
          Make it the default
        </MenuItem>
        <MenuItem icon={<Trash2 aria-hidden />} danger onSelect={() => setTimeout(() => ask(true))}>
          Delete
        </MenuItem>
      </Menu>
      <AlertDialog
        open={asking}
        onOpenChange={ask}
        danger
        title={`Delete ${policy.name}?`}
        description="Monitors that go by it go by the default then."
        confirm="Delete policy"
        onConfirm={() => remove.mutateAsync(policy.id)}
      />
    </>
  );
}
