/** Which monitors are ticked. Pure. */
export interface Selection {
  ids: ReadonlySet<string>;
  /** The last one ticked by itself: where a range begins. */
  anchor: string | null;
}

export const NOTHING: Selection = { ids: new Set(), anchor: null };

export function toggled({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** With shift: all from the anchor to here, as they stand in the list. */
export function ranged(selection: Selection, id: string, list: readonly string[]): Selection {
  const [from, to] = [list.indexOf(selection.anchor ?? ""), list.indexOf(id)];
  if (from < 0 || to < 0) return toggled(selection, id);
  const range = list.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...selection.ids, ...range]), anchor: id };
}

/** All of the list, or none where all were. */
export function allToggled({ ids }: Selection, list: readonly string[]): Selection {
  const all = list.length > 0 && list.every((id) => ids.has(id));
  return all ? NOTHING : { ids: new Set(list), anchor: null };
}

/** Without those that are no longer there. */
export function existing(selection: Selection, exists: (id: string) => boolean): Selection {
  const gone = [...selection.ids].filter((id) => !exists(id));
  if (gone.length === 0) return selection;
  const ids = new Set(selection.ids);
  for (const id of gone) ids.delete(id);
  return { ...selection, ids };
}
