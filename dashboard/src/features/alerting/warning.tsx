import { TriangleAlert } from "lucide-react";
import type { Policy } from "@/api/types";
import { mendOf } from "@/domain/policy";
import { warningWords } from "@/domain/warning";
import { Button } from "@/ui/button";
import { LinkButton } from "@/ui/link-button";

/** Nobody would be told: the most important thing on the page, with the way to mend it. */
export function Warning({ policy, edit }: { policy: Policy; edit: (() => void) | null }) {
  return (
    <div
      role="note"
      className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg bg-degraded-tint px-4 py-3 text-degraded-text"
    >
      <TriangleAlert aria-hidden className="size-5 shrink-0" />
      <p className="min-w-0 flex-1 basis-52 break-words font-medium">{warningWords(policy)}.</p>
      <Mend policy={policy} edit={edit} />
    </div>
  );
}

function Mend({ policy, edit }: { policy: Policy; edit: (() => void) | null }) {
  if (!edit) return <p>Ask an admin to mend it.</p>;
  switch (mendOf(policy)) {
    case "levels":
      return (
        <Button size="sm" onClick={edit}>
          Choose what is sent
        </Button>
      );
    case "channels":
      return (
        <Button size="sm" onClick={edit}>
          Choose channels
        </Button>
      );
    case "channel":
      return (
        <LinkButton size="sm" to="/alerting" search={{}}>
          Look at the channels
        </LinkButton>
      );
  }
}
