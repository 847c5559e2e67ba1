import { useUpdateChannel } from "@/api/queries/channels";
import type { Channel } from "@/api/types";
import { sentence } from "@/lib/errors";
import { Switch } from "@/ui/choices";
import { toast } from "@/ui/toast";

/** Switches a channel on or off, at once. */
export function EnableSwitch({ channel }: { channel: Channel }) {
  const update = useUpdateChannel();
  const change = (enabled: boolean) =>
    update.mutate(
      { id: channel.id, enabled },
      { onError: (why) => toast({ tone: "failed", title: "Not switched", description: sentence(why) }) },
    );
  const label = (
    <>
      Enabled<span className="sr-only">: {channel.name}</span>
    </>
  );
  const enabled = update.isPending ? update.variables.enabled === true : channel.enabled;
  return <Switch label={label} checked={enabled} onCheckedChange={change} />;
}
