import { Check, UserRoundCheck } from "lucide-react";
import { useState } from "react";
import { useAcknowledge, useResolve } from "@/api/queries/incidents";
import { useMay } from "@/api/roles";
import type { Incident } from "@/api/types";
import { ApiError, sentence } from "@/lib/errors";
import { AlertDialog } from "@/ui/alert-dialog";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";

/** What can be done about an incident. */
export function Steps({ incident }: { incident: Incident }) {
  const { may, whyNot } = useMay("editor");
  const [asking, setAsking] = useState(false);
  const acknowledge = useAcknowledge(incident.id);
  const resolve = useResolve(incident.id);
  if (incident.state === "resolved") return null;
  if (!may) return whyNot ? <p className="max-w-56 text-muted text-sm">{whyNot}</p> : null;
  return (
    <>
      {incident.state === "open" ? (
        <Button
          variant="primary"
          icon={<UserRoundCheck aria-hidden />}
          busy={acknowledge.isPending}
          onClick={() => acknowledge.mutate(undefined, { onError: (why) => refused("Not acknowledged", why) })}
        >
          Acknowledge
        </Button>
      ) : null}
      <Button icon={<Check aria-hidden />} busy={resolve.isPending} onClick={() => setAsking(true)}>
        Resolve
      </Button>
      <AlertDialog
        open={asking}
        onOpenChange={setAsking}
        title="Resolve this incident by hand?"
        description="Checks go on. If the trouble is not over, the next change opens a new incident and tells people again."
        confirm="Resolve"
        onConfirm={() => resolve.mutateAsync().catch((why: unknown) => refused("Not resolved", why))}
      />
    </>
  );
}

/** Nothing is kept for later: who presses again must know that it did not happen. */
function refused(title: string, why: unknown) {
  const offline = why instanceof ApiError && why.isOffline;
  const description = offline
    ? "You are offline, and nothing is kept for later. Try again once connected."
    : sentence(why);
  toast({ tone: "failed", title, description });
}
