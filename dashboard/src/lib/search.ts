/** Reads of the URL's search: what is not as it should be is left out, never an error. */
export type RawSearch = Record<string, unknown>;

export function text(raw: RawSearch, name: string): string | undefined {
  const value = raw[name];
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function word<Word extends string>(raw: RawSearch, name: string, words: readonly Word[]): Word | undefined {
  const value = text(raw, name);
  return words.find((known) => known === value);
}

/** `a,b` in the URL: the words that are known, each once. */
export function words<Word extends string>(raw: RawSearch, name: string, known: readonly Word[]): Word[] | undefined {
  const given = text(raw, name)?.split(",") ?? [];
  const found = known.filter((one) => given.includes(one));
  return found.length > 0 ? found : undefined;
}

export interface NextSearch {
  /** Where to go after the sign-in: a path of this app, nothing else. */
  next?: string;
}

export function nextSearch(raw: RawSearch): NextSearch {
  const next = text(raw, "next");
  return next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? { next } : {};
}
