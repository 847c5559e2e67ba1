import { BellOff } from "lucide-react";
import type { IncidentWhole } from "@/api/types";
import { delivery } from "@/domain/delivery";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { TextLink } from "@/ui/link-button";
import { Moment } from "@/ui/time";

/** Who was told through which channel, and whether it arrived. */
export function Told({ incident }: { incident: IncidentWhole }) {
  return (
    <Card title="Who was told">
      {incident.deliveries.length === 0 ? (
        <Nobody />
      ) : (
        <ul className="flex flex-col gap-4">
          {incident.deliveries.map((told) => (
            <Line key={told.channel.id} told={told} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Line({ told }: { told: IncidentWhole["deliveries"][number] }) {
  const { tone, word, last, all } = delivery(told);
  return (
    <li className="min-w-0">
      <div className="flex items-start justify-between gap-2">
        <TextLink
          to="/alerting"
          search={{ tab: "deliveries", channel: told.channel.id }}
          className="min-w-0 break-words font-medium"
        >
          {told.channel.name}
        </TextLink>
        <Badge tone={tone}>{word}</Badge>
      </div>
      <p className="mt-0.5 text-muted">
        {last}, <Moment at={told.last.at} className="whitespace-nowrap" />
      </p>
      {all ? <p className="text-muted">{all}</p> : null}
    </li>
  );
}

function Nobody() {
  return (
    <EmptyState icon={<BellOff />} title="Nobody was told" className="px-2 py-4">
      The timeline says why. <TextLink to="/alerting">Alerting</TextLink> decides who is told of what.
    </EmptyState>
  );
}
