import { get, type Query } from "./client";
import type { Page } from "./types";

/** All pages of a list that is short by nature (channels, policies). */
export async function everyPage<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let after: string | null = null;
  do {
    const page: Page<T> = await get<Page<T>>(path, { limit: 100, ...query, after }, signal);
    items.push(...page.items);
    after = page.next;
  } while (after !== null && items.length < 1_000);
  return items;
}
