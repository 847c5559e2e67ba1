import { ArrowUpDown } from "lucide-react";
import { formatCount } from "@/lib/format";
import { Button } from "@/ui/button";

/** The order stands still while somebody is in the list; this says that it would not. */
export function ReorderPill({ changed, reorder }: { changed: number; reorder: () => void }) {
  if (changed === 0) return null;
  return (
    <Button size="sm" className="h-7 rounded-full" icon={<ArrowUpDown aria-hidden />} onClick={reorder}>
      {formatCount(changed)} changed – reorder
    </Button>
  );
}
