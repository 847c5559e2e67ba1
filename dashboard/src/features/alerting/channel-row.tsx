import { CircleCheck, MoreHorizontal, TriangleAlert } from "lucide-react";
import type { Channel } from "@/api/types";
import { CHANNEL, destination } from "@/domain/channel";
import { ChannelIcon } from "@/domain/components/channel-icon";
import { whyNotWords } from "@/domain/why-not";
import { Badge } from "@/ui/badge";
import { cn } from "@/ui/cn";
import { IconButton } from "@/ui/icon-button";
import { ChannelMenu } from "./channel-menu";
import { EnableSwitch } from "./enable-switch";
import { TestButton } from "./test-button";
import { Unconfirmed } from "./unconfirmed";

interface ChannelRowProps {
  channel: Channel;
  may: boolean;
  edit: (channel: Channel) => void;
  showSecret: (channel: Channel) => void;
}

/** One channel: what it is, whether it could be told something now, and what can be done with it. */
export function ChannelRow({ channel, may, edit, showSecret }: ChannelRowProps) {
  const { kind, name, enabled } = channel;
  return (
    <li className="flex flex-col gap-3 border-line border-b px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <ChannelIcon kind={kind} className={cn("size-5 shrink-0 text-muted", !enabled && "opacity-55")} />
        <div className="min-w-0 flex-1 basis-48">
          <p className="break-words font-medium">{name}</p>
          <p className="break-all text-muted">
            {CHANNEL[kind].title} · {destination(kind, channel.settings)}
          </p>
        </div>
        <Ability channel={channel} />
        {may ? (
          <div className="flex items-center gap-2 max-sm:basis-full">
            <EnableSwitch channel={channel} />
            <span className="grow" />
            <TestButton channel={channel} />
            <ChannelMenu
              channel={channel}
              edit={edit}
              showSecret={showSecret}
              trigger={<IconButton label={`More for ${name}`} icon={<MoreHorizontal aria-hidden />} tooltip={false} />}
            />
          </div>
        ) : null}
      </div>
      <Unconfirmed channel={channel} may={may} />
    </li>
  );
}

/** Whether it could be told something now, and if not, why. */
function Ability({ channel }: { channel: Channel }) {
  if (channel.able) {
    return (
      <Badge tone="up" icon={<CircleCheck aria-hidden />}>
        Ready
      </Badge>
    );
  }
  if (!channel.enabled) return <Badge>Switched off</Badge>;
  return (
    <p className="flex min-w-0 basis-full items-start gap-1.5 text-degraded-text md:max-w-80 md:basis-auto">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0 break-words">Cannot be told: {whyNotWords(channel)}</span>
    </p>
  );
}
