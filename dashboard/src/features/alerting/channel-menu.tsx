import { useNavigate } from "@tanstack/react-router";
import { KeyRound, Pencil, ScrollText, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useDeleteChannel, useRotateSecret } from "@/api/queries/channels";
import { usePolicies } from "@/api/queries/policies";
import type { Channel } from "@/api/types";
import { listWords } from "@/lib/format";
import { AlertDialog } from "@/ui/alert-dialog";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { toast } from "@/ui/toast";

interface ChannelMenuProps {
  channel: Channel;
  trigger: ReactNode;
  edit: (channel: Channel) => void;
  showSecret: (channel: Channel) => void;
}

/** What is done with a channel now and then. */
export function ChannelMenu({ channel, trigger, edit, showSecret }: ChannelMenuProps) {
  const [asking, ask] = useState<"delete" | "rotate" | null>(null);
  const navigate = useNavigate({ from: "/alerting" });
  const close = (open: boolean) => open || ask(null);
  // A dialog opened in the same tick would fight the menu for the focus.
  const later = (act: () => void) => () => setTimeout(act);
  return (
    <>
      <Menu trigger={trigger}>
        <MenuItem icon={<Pencil aria-hidden />} onSelect={later(() => edit(channel))}>
          Edit
        </MenuItem>
        <MenuItem
          icon={<ScrollText aria-hidden />}
          onSelect={() => void navigate({ search: { tab: "deliveries", channel: channel.id } })}
        >
          Deliveries
        </MenuItem>
        {channel.kind === "webhook" ? (
          <MenuItem icon={<KeyRound aria-hidden />} onSelect={later(() => ask("rotate"))}>
            Rotate secret
          </MenuItem>
        ) : null}
        <MenuSeparator />
        <MenuItem icon={<Trash2 aria-hidden />} danger onSelect={later(() => ask("delete"))}>
          Delete
        </MenuItem>
      </Menu>
      <Rotate channel={channel} open={asking === "rotate"} onOpenChange={close} showSecret={showSecret} />
      <Delete channel={channel} open={asking === "delete"} onOpenChange={close} />
    </>
  );
}

interface AskProps {
  channel: Channel;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function Rotate({ channel, showSecret, ...dialog }: AskProps & { showSecret: (channel: Channel) => void }) {
  const rotate = useRotateSecret();
  return (
    <AlertDialog
      {...dialog}
      title={`Make a new secret for ${channel.name}?`}
      description="The new secret is shown once. For 24 hours requests carry both signatures, so that the receiver can change over."
      confirm="Make a new secret"
      onConfirm={async () => showSecret(await rotate.mutateAsync(channel.id))}
    />
  );
}

function Delete({ channel, ...dialog }: AskProps) {
  const remove = useDeleteChannel();
  const policies = usePolicies().data ?? [];
  const told = policies.filter((policy) => policy.channels.includes(channel.id));
  const alone = told.filter((policy) => policy.channels.length === 1);
  const run = async () => {
    await remove.mutateAsync(channel.id);
    toast({ title: `${channel.name} was deleted` });
  };
  return (
    <AlertDialog
      {...dialog}
      danger
      title={`Delete ${channel.name}?`}
      description={
        <>
          <p>Its settings and secrets are forgotten, and what still waits for it is not sent.</p>
          {told.length > 0 ? (
            <p className="mt-2">It is taken out of {listWords(told.map(({ name }) => `“${name}”`))}.</p>
          ) : null}
          {alone.length > 0 ? (
            <p className="mt-2 font-medium text-degraded-text">
              Then {listWords(alone.map(({ name }) => `“${name}”`))} will tell nobody.
            </p>
          ) : null}
        </>
      }
      confirm="Delete channel"
      onConfirm={run}
    />
  );
}
