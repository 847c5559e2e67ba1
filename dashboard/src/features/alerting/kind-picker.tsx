import type { ChannelKind } from "@/api/types";
import { CHANNEL, CHANNEL_ORDER } from "@/domain/channel";
import { ChannelIcon } from "@/domain/components/channel-icon";
import { Card } from "@/ui/card";
import { cn, focusRing } from "@/ui/cn";

/** No channel yet: what there could be. */
export function KindPicker({ add }: { add: ((kind: ChannelKind) => void) | null }) {
  return (
    <Card
      title="No channels yet"
      description="Nobody can be told of anything. Choose how people should hear of incidents."
    >
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {CHANNEL_ORDER.map((kind) => (
          <li key={kind}>
            <button
              type="button"
              disabled={!add}
              onClick={() => add?.(kind)}
              className={cn(
                focusRing,
                "flex h-full w-full items-start gap-3 rounded-lg border border-line p-3 text-left",
                "hover:bg-hover disabled:cursor-not-allowed disabled:opacity-55",
              )}
            >
              <ChannelIcon kind={kind} className="mt-0.5 size-5 shrink-0 text-muted" />
              <span>
                <span className="block font-medium">{CHANNEL[kind].title}</span>
                <span className="block text-muted">{CHANNEL[kind].about}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
