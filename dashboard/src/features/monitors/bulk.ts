import { type BulkAction, useBulk } from "@/api/queries/monitors";
import type { BulkDone } from "@/api/types";
import { plural } from "@/lib/format";
import { toast } from "@/ui/toast";

const DONE: Record<BulkAction, string> = { pause: "paused", resume: "resumed", delete: "deleted" };

/** "37 monitors paused", and of those that were not, why: each reason once. */
export function bulkWords(
  action: BulkAction,
  { items }: BulkDone,
): { title: string; description?: string; ok: boolean } {
  const refused = items.filter((item) => !item.ok);
  const done = items.length - refused.length;
  const title = `${plural(done, "monitor")} ${DONE[action]}`;
  if (refused.length === 0) return { title, ok: true };
  const why = [...new Set(refused.map((item) => item.detail ?? "no reason given"))].slice(0, 3).join("; ");
  return { title, description: `${plural(refused.length, "monitor")} could not be ${DONE[action]}: ${why}`, ok: false };
}

/** Acts on many at once, and says what came of it. */
export function useBulkAction(): { run: (action: BulkAction, ids: string[]) => Promise<void>; busy: boolean } {
  const bulk = useBulk();
  const run = async (action: BulkAction, ids: string[]) => {
    const { title, description, ok } = bulkWords(action, await bulk.mutateAsync({ action, ids }));
    toast({ title, description, tone: ok ? "done" : "failed" });
  };
  return { run, busy: bulk.isPending };
}
