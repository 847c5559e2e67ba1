import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useChannels } from "@/api/queries/channels";
import { useMay } from "@/api/roles";
import type { Channel, ChannelKind } from "@/api/types";
import { CHANNEL, CHANNEL_ORDER } from "@/domain/channel";
import { ChannelIcon } from "@/domain/components/channel-icon";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Loaded } from "@/ui/loaded";
import { Menu, MenuItem } from "@/ui/menu";
import { SkeletonList } from "@/ui/skeleton";
import { ChannelRow } from "./channel-row";
import { KindPicker } from "./kind-picker";
import { ChannelSheet } from "./lazy-sheets";
import { SecretDialog } from "./secret-dialog";

/** Where alerts go. */
export function Channels() {
  const query = useChannels();
  const { may, whyNot } = useMay("admin");
  const { add } = useSearch({ from: "/_app/alerting" });
  const navigate = useNavigate({ from: "/alerting" });
  const [editing, edit] = useState<Channel | null>(null);
  const [shown, show] = useState<Channel | null>(null);
  const begin = (kind?: ChannelKind) => void navigate({ search: kind ? { add: kind } : {}, replace: true });
  const close = () => {
    edit(null);
    if (add) begin();
  };
  const kind = editing?.kind ?? (may ? add : undefined);
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <p className="text-muted">A channel is told of nothing until a policy names it.</p>
        {may ? <AddMenu add={begin} /> : null}
      </div>
      {whyNot ? <p className="mb-3 text-muted">To change channels: {whyNot}</p> : null}
      <Loaded
        query={query}
        failed="The channels could not be loaded"
        loading={<SkeletonList label="channels" rows={3} rowClassName="h-[4.5rem]" />}
      >
        {(channels) =>
          channels.length === 0 ? (
            <KindPicker add={may ? begin : null} />
          ) : (
            <Card flush>
              <ul aria-label="Channels">
                {channels.map((channel) => (
                  <ChannelRow key={channel.id} channel={channel} may={may} edit={edit} showSecret={show} />
                ))}
              </ul>
            </Card>
          )
        }
      </Loaded>
      {kind ? (
        <ChannelSheet key={editing?.id ?? kind} kind={kind} channel={editing} close={close} showSecret={show} />
      ) : null}
      <SecretDialog channel={shown} close={() => show(null)} />
    </>
  );
}

function AddMenu({ add }: { add: (kind: ChannelKind) => void }) {
  const trigger = (
    <Button variant="primary" icon={<Plus aria-hidden />}>
      Add channel
    </Button>
  );
  return (
    <Menu trigger={trigger}>
      {CHANNEL_ORDER.map((kind) => (
        <MenuItem key={kind} icon={<ChannelIcon kind={kind} />} onSelect={() => setTimeout(() => add(kind))}>
          {CHANNEL[kind].title}
        </MenuItem>
      ))}
    </Menu>
  );
}
