import { usePolicies } from "@/api/queries/policies";
import { useMay } from "@/api/roles";
import type { Policy } from "@/api/types";
import { warningWords } from "@/domain/warning";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { ChannelQuickForm } from "./channel-quick-form";
import { ToldChannel } from "./told-channel";

/** Who is told when it goes down. */
export function NotifyStep({ finish }: { finish: () => void }) {
  const policies = usePolicies();
  const may = useMay("admin");
  const policy = policies.data?.find((one) => one.default);
  const told = policy?.tells.some((one) => one.able) ?? false;
  return (
    <Card
      title="Who is told when it goes down?"
      description="This is your default alert policy. All monitors use it unless you say otherwise."
    >
      {policies.isPending ? <Skeleton className="h-12" /> : null}
      {policy ? <ToldNow policy={policy} mayTest={may.may} /> : null}
      {may.may ? <ChannelQuickForm /> : <p className="mt-4 text-muted text-sm">{may.whyNot}</p>}
      <div className="mt-5 flex justify-end border-line border-t pt-5">
        <Button variant={told ? "primary" : "secondary"} onClick={finish}>
          {told ? "Done: show my monitor" : "Skip: show my monitor"}
        </Button>
      </div>
    </Card>
  );
}

function ToldNow({ policy, mayTest }: { policy: Policy; mayTest: boolean }) {
  return (
    <div>
      {policy.warning ? (
        <p className="rounded-lg bg-degraded-tint px-3 py-2.5 text-degraded-text text-sm">{warningWords(policy)}.</p>
      ) : null}
      <ul className="divide-y divide-line">
        {policy.tells.map((one) => (
          <ToldChannel key={one.channel} told={one} mayTest={mayTest} />
        ))}
      </ul>
    </div>
  );
}
