import type { ReactNode } from "react";
import { useRegisterRegion } from "@/api/queries/regions";
import type { Region } from "@/api/types";
import { ToneChip } from "@/domain/components/status-chip";
import { HEALTH, healthOf, healthSentence, load, versions } from "@/domain/region-health";
import { sentence } from "@/lib/errors";
import { formatCount, formatDuration } from "@/lib/format";
import { NO_DATA } from "@/lib/ratio";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Moment } from "@/ui/time";
import { toast } from "@/ui/toast";
import { LoadBar } from "./load-bar";
import { StartProbe } from "./start-probe";
import { Workers } from "./workers";

interface RegionCardProps {
  region: Region;
  mayRegister: boolean;
}

/** One region: how it is, what it has to do, and who works there. */
export function RegionCard({ region, mayRegister }: RegionCardProps) {
  const health = healthOf(region);
  const alive = region.workers.filter((worker) => worker.alive);
  const explained = healthSentence(region);
  const title = (
    <span className="flex flex-wrap items-center gap-2">
      <span className="min-w-0 break-all">{region.id}</span>
      <ToneChip {...HEALTH[health]} />
      {region.isolated ? <Badge>Isolated</Badge> : null}
    </span>
  );
  const register = health === "unregistered" && mayRegister ? <Register id={region.id} /> : undefined;
  return (
    <Card title={title} actions={register}>
      {explained ? <p className="mb-4 text-muted">{explained}</p> : null}
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
        <Figure name="Probes at work">
          {alive.length}
          {alive.length < region.workers.length ? ` of ${region.workers.length}` : ""}
        </Figure>
        <Figure name="Longest wait">{lag(region.lag_seconds)}</Figure>
        <Figure name="Jobs under way">{region.pending === null ? NO_DATA : formatCount(region.pending)}</Figure>
        <Figure name="Version">{versions(alive) || NO_DATA}</Figure>
      </dl>
      {alive.length > 0 ? <LoadBar {...load(alive)} className="mt-4" /> : null}
      {region.workers.length > 0 ? <Workers workers={region.workers} region={region.id} /> : null}
      {health === "waiting" ? <StartProbe region={region.id} /> : null}
      {region.since ? (
        <p className="mt-4 text-muted text-xs">
          Checks are expected since <Moment at={region.since} />
        </p>
      ) : null}
    </Card>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-xs">{name}</dt>
      <dd className="mt-0.5 break-words font-medium tabular-nums">{children}</dd>
    </div>
  );
}

function lag(seconds: number | null): string {
  if (seconds === null) return NO_DATA;
  return seconds < 1 ? "none" : formatDuration(seconds);
}

function Register({ id }: { id: string }) {
  const register = useRegisterRegion();
  const run = () =>
    register.mutate(
      { id },
      {
        onSuccess: () => toast({ title: `${id} is registered`, description: "Its checks are expected from now on." }),
        onError: (why) => toast({ tone: "failed", title: "Not registered", description: sentence(why) }),
      },
    );
  return (
    <Button size="sm" busy={register.isPending} onClick={run}>
      Register<span className="sr-only"> {id}</span>
    </Button>
  );
}
