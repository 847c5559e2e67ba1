import { type LucideIcon, Pause, Play, Trash2, X } from "lucide-react";
import { useState } from "react";
import type { BulkAction } from "@/api/queries/monitors";
import { useMay } from "@/api/roles";
import { sentence } from "@/lib/errors";
import { formatCount, plural } from "@/lib/format";
import { useLiveState } from "@/live/use-live";
import { AlertDialog } from "@/ui/alert-dialog";
import { Button } from "@/ui/button";
import { IconButton } from "@/ui/icon-button";
import { toast } from "@/ui/toast";
import { useBulkAction } from "./bulk";

const ACTIONS: readonly { action: BulkAction; word: string; icon: LucideIcon }[] = [
  { action: "pause", word: "Pause", icon: Pause },
  { action: "resume", word: "Resume", icon: Play },
  { action: "delete", word: "Delete", icon: Trash2 },
];

interface BulkBarProps {
  ids: readonly string[];
  clear: () => void;
}

/** What can be done with those that are ticked. Offline nothing can. */
export function BulkBar({ ids, clear }: BulkBarProps) {
  const { run, busy } = useBulkAction();
  const [asking, setAsking] = useState(false);
  const isOffline = useLiveState().state === "offline";
  const act = (action: BulkAction) =>
    run(action, [...ids]).then(clear, (error: unknown) =>
      toast({ title: "That did not work", description: sentence(error), tone: "failed" }),
    );
  const remove = async () => {
    await run("delete", [...ids]);
    clear();
  };
  const { may, whyNot } = useMay("editor");
  const off = busy || isOffline || !may;
  const why = isOffline ? "Not while offline" : whyNot;
  return (
    <div
      role="toolbar"
      aria-label="Selected monitors"
      className="fixed inset-x-3 bottom-[calc(4.25rem+env(safe-area-inset-bottom))] z-20 mx-auto flex max-w-xl flex-wrap items-center gap-2 rounded-lg border border-line bg-card p-2 pl-4 shadow-pop max-sm:pl-2 sm:bottom-5 sm:left-[4.75rem] lg:left-[14.75rem]"
    >
      <p className="mr-auto whitespace-nowrap font-medium tabular max-sm:pl-2">{formatCount(ids.length)} selected</p>
      {why ? <p className="text-muted text-xs">{why}</p> : null}
      {ACTIONS.map(({ action, word, icon: Icon }) => (
        <Button
          key={action}
          size="sm"
          className="max-sm:order-3 max-sm:flex-1"
          icon={<Icon aria-hidden className="max-sm:hidden" />}
          disabled={off}
          onClick={() => (action === "delete" ? setAsking(true) : act(action))}
        >
          {word}
        </Button>
      ))}
      <IconButton
        size="sm"
        label="Clear the selection"
        icon={<X aria-hidden />}
        onClick={clear}
        className="max-sm:order-1"
      />
      <span aria-hidden className="order-2 -my-1 w-full sm:hidden" />
      <AlertDialog
        open={asking}
        onOpenChange={setAsking}
        danger
        title={`Delete ${plural(ids.length, "monitor")}?`}
        description="Their history, incidents and certificates go with them. This cannot be undone."
        confirm={`Delete ${plural(ids.length, "monitor")}`}
        typed={ids.length > 1 ? String(ids.length) : undefined}
        onConfirm={remove}
      />
    </div>
  );
}
