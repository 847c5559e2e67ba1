import type { Page } from "./types";

/** What a page of a list is asked by. */
interface PageQuery {
  limit: number;
  after?: string;
}

/** All pages of a list that is short by nature (channels, policies). */
export async function everyPage<T>(read: (query: PageQuery) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page: Page<T> = await read({ limit: 100, after });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined && items.length < 1_000);
  return items;
}
