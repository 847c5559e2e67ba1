/** Shares of counts as honest figures: never rounded up. */
import { formatNumber } from "./number";

export const NO_DATA = "—";

/**
 * Percent, rounded down: 100 only when exact. Three decimals from 99 on, two below.
 * Null where there is nothing to divide by.
 */
export function flooredPercent(part: number, whole: number): { value: number; decimals: number } | null {
  if (!(whole > 0)) return null;
  if (part >= whole) return { value: 100, decimals: 0 };
  const thousandths = Math.floor((Math.max(0, part) * 100_000) / whole);
  if (thousandths >= 99_000) return { value: thousandths / 1000, decimals: 3 };
  return { value: Math.floor(thousandths / 10) / 100, decimals: 2 };
}

/** "99.987 %", "97.50 %", "100 %", or a dash. */
export function formatRatio(part: number, whole: number): string {
  const percent = flooredPercent(part, whole);
  return percent === null ? NO_DATA : `${formatNumber(percent.value, percent.decimals)} %`;
}

/** By how much a figure moved; null without a figure on both sides, so that no badge is invented. */
export function change(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : now - before;
}
