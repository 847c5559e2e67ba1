/** What is said back to the reader. Drawn by `toaster.tsx`, which is loaded when there is something to say. */
export interface ToastContent {
  title: string;
  description?: string;
  tone?: "done" | "failed";
  action?: { label: string; run: () => void };
}

export interface Shown extends ToastContent {
  id: number;
}

/** More at once would cover what they speak of. */
const MOST = 3;
let shown: readonly Shown[] = [];
let last = 0;
const listeners = new Set<() => void>();

export function showToasts(next: readonly Shown[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

/** Answers the reader's own action. A change of a monitor's status is never a toast. */
export function toast(content: ToastContent): void {
  last += 1;
  showToasts([...shown, { ...content, id: last }].slice(-MOST));
}

export const shownToasts = (): readonly Shown[] => shown;

export function onToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
