import { CircleCheck, CircleX } from "lucide-react";
import type { Policy } from "@/api/types";
import { CHANNEL } from "@/domain/channel";
import { ChannelIcon } from "@/domain/components/channel-icon";
import { whyNotWords } from "@/domain/why-not";

/** Who would be told now, and who would not and why. */
export function Tells({ policy }: { policy: Policy }) {
  if (policy.tells.length === 0) return null;
  return (
    <div>
      <h3 className="mb-2 text-muted text-xs">If something happened now</h3>
      <ul className="flex flex-col gap-2">
        {policy.tells.map((tell) => (
          <li key={tell.channel} className="flex items-start gap-2">
            {tell.able ? (
              <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-up-text" />
            ) : (
              <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-degraded-text" />
            )}
            <p className="flex min-w-0 flex-wrap items-center gap-x-2">
              <span className="min-w-0 break-words font-medium">{tell.name}</span>
              <span className="inline-flex items-center gap-1 text-muted">
                <ChannelIcon kind={tell.kind} className="size-3.5" />
                {CHANNEL[tell.kind].title}
              </span>
              <span className={tell.able ? "text-muted" : "min-w-0 break-words text-degraded-text"}>
                {tell.able ? "would be told" : `would not be told: ${whyNotWords(tell)}`}
              </span>
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}
