import { CircleAlert, CircleCheck, Send } from "lucide-react";
import { useTestChannel } from "@/api/queries/channels";
import type { ChannelTested, Policy } from "@/api/types";
import { whyNotWords } from "@/domain/why-not";
import { sentence } from "@/lib/errors";
import { formatMs } from "@/lib/format";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";

interface ToldChannelProps {
  told: Policy["tells"][number];
  mayTest: boolean;
}

/** One channel, whether it works, and a test. */
export function ToldChannel({ told, mayTest }: ToldChannelProps) {
  const test = useTestChannel();
  return (
    <li className="py-3">
      <div className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1 basis-48">
          <p className="break-words font-medium">{told.name}</p>
          <p className="break-words text-muted text-sm">
            {told.able ? "Will be told" : `Cannot be told: ${whyNotWords(told)}`}
          </p>
        </div>
        {mayTest ? (
          <Button
            size="sm"
            icon={<Send aria-hidden />}
            busy={test.isPending}
            disabled={!told.able}
            onClick={() => test.mutate(told.channel)}
            aria-label={`Send test to ${told.name}`}
          >
            Send test
          </Button>
        ) : null}
      </div>
      <div role="status">
        {test.data ? <Answer tested={test.data} /> : null}
        {test.error ? <Said ok={false} text={sentence(test.error)} /> : null}
      </div>
    </li>
  );
}

function Answer({ tested }: { tested: ChannelTested }) {
  const took = formatMs(tested.took_ms);
  if (tested.ok) return <Said ok text={`It arrived: accepted in ${took}.`} />;
  const status = tested.status ? `status ${tested.status}: ` : "";
  return <Said ok={false} text={`It did not arrive: ${status}${tested.answer}`} />;
}

function Said({ ok, text }: { ok: boolean; text: string }) {
  const Icon = ok ? CircleCheck : CircleAlert;
  return (
    <p className={cn("mt-2 flex gap-1.5 text-sm", ok ? "text-up-text" : "text-down-text")}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0 break-words">{text}</span>
    </p>
  );
}
