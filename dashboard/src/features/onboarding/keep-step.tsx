import { CircleAlert } from "lucide-react";
import { useCreateMonitor } from "@/api/queries/monitors";
import { hostOf } from "@/lib/address";
import { sentence } from "@/lib/errors";
import { Button } from "@/ui/button";

interface KeepStepProps {
  url: string;
  created: (id: string) => void;
}

/** Makes a monitor of what was tried. */
export function KeepStep({ url, created }: KeepStepProps) {
  const create = useCreateMonitor();
  const keep = () => create.mutate({ name: hostOf(url), url }, { onSuccess: (monitor) => created(monitor.id) });
  return (
    <div className="mt-5 flex flex-col gap-3 border-line border-t pt-5">
      {create.isError ? (
        <p role="alert" className="flex gap-2 text-down-text text-sm">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {sentence(create.error)}
        </p>
      ) : null}
      <div className="flex flex-col gap-2 sm:flex-row sm:items-center sm:justify-between">
        <p className="text-muted text-sm">Everything else has a sensible default and can be changed later.</p>
        <Button variant="primary" busy={create.isPending} onClick={keep}>
          Keep checking every minute
        </Button>
      </div>
    </div>
  );
}
