/** Resolves when nothing more pressing is to be done: what a page needs itself comes first. */
export function whenIdle(): Promise<void> {
  if (typeof requestIdleCallback !== "function") return Promise.resolve();
  return new Promise((resolve) => requestIdleCallback(() => resolve(), { timeout: 1_000 }));
}
