import { useMonitorQuery } from "@/api/queries/monitors";
import { StatusChip } from "@/domain/components/status-chip";
import { useMonitor } from "@/live/use-live";
import { Card } from "@/ui/card";
import { TextLink } from "@/ui/link-button";
import { Skeleton } from "@/ui/skeleton";

/** What was made, live. */
export function FirstMonitor({ id }: { id: string }) {
  const live = useMonitor(id);
  const { data } = useMonitorQuery(id);
  const name = live?.name ?? data?.name;
  const status = live?.status ?? data?.status;
  if (!name || !status) return <Skeleton className="h-[4.5rem]" />;
  return (
    <Card>
      <div className="flex items-center gap-3">
        <StatusChip status={status} />
        <div className="min-w-0 flex-1">
          <TextLink to="/monitors/$id" params={{ id }} className="font-medium">
            {name}
          </TextLink>
          <p className="truncate text-muted text-sm">{live?.url ?? data?.url}</p>
        </div>
      </div>
    </Card>
  );
}
