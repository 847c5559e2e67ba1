import { useBlocker } from "@tanstack/react-router";
import { AlertDialog } from "@/ui/alert-dialog";

/** Asks before what was typed is lost. `dirty` is read at that moment. */
export function LeaveGuard({ dirty }: { dirty: () => boolean }) {
  const blocker = useBlocker({ shouldBlockFn: dirty, enableBeforeUnload: dirty, withResolver: true });
  return (
    <AlertDialog
      open={blocker.status === "blocked"}
      onOpenChange={(open) => open || blocker.reset?.()}
      title="Leave without saving?"
      description="What you changed here is lost."
      confirm="Leave"
      cancel="Keep editing"
      danger
      onConfirm={() => blocker.proceed?.()}
    />
  );
}
