/**
 * The columns of a row, from a phone's two lines to a wide table. Rows and the head share them, so they stand beneath
 * each other.
 */
export const GRID = [
  "grid items-center gap-x-2.5",
  "grid-cols-[1.25rem_minmax(0,1fr)_auto] px-3",
  "sm:grid-cols-[1.25rem_6.5rem_minmax(0,1fr)_5rem_2.25rem] sm:gap-x-4 sm:px-4",
  "md:grid-cols-[1.25rem_6.5rem_minmax(0,1fr)_5rem_8rem_2.25rem] md:gap-x-5",
  "lg:grid-cols-[1.25rem_6.5rem_minmax(0,1fr)_4.5rem_5rem_7rem_2.25rem]",
  "xl:grid-cols-[1.25rem_6.5rem_minmax(0,1fr)_4.5rem_5.5rem_10.5rem_5rem_2.25rem]",
  "group-data-[layout=tags]/list:grid-cols-[1.25rem_6.5rem_minmax(0,1fr)_11rem_4.5rem_5.5rem_10.5rem_5rem_2.25rem]",
].join(" ");

/** Two lines, a table, or a table with room for tags. */
export type Layout = "phone" | "wide" | "tags";

/** Heights in pixels; the virtual list trusts them. */
export const ROW = { phone: 76, wide: 56 };
/** Beats shown: a phone's bar has fewer. */
export const BEATS = { phone: 24, wide: 40 };
