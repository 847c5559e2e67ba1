import { RotateCw } from "lucide-react";
import { useReloadNeeded } from "@/lib/reload";
import { Button } from "@/ui/button";

/** Offered, never done by itself: somebody may be typing. */
export function ReloadNotice() {
  if (!useReloadNeeded()) return null;
  return (
    <div
      role="status"
      className="fixed right-4 bottom-20 z-40 flex items-center gap-4 rounded-lg border border-line bg-card py-2.5 pr-2.5 pl-4 shadow-pop max-sm:left-4 sm:bottom-4"
    >
      <p className="mr-auto">UpGuard was updated.</p>
      <Button size="sm" variant="primary" icon={<RotateCw aria-hidden />} onClick={() => location.reload()}>
        Reload to update
      </Button>
    </div>
  );
}
