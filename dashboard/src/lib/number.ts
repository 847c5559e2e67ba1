/** Numbers in the reader's locale. A format is dear to make and is kept. */
const formats = new Map<string, Intl.NumberFormat>();

/** With at most so many digits behind the point, and at least `least`. */
export function formatNumber(value: number, most = 0, least = most): string {
  const key = `${least} ${most}`;
  const options = { minimumFractionDigits: least, maximumFractionDigits: most };
  const format = formats.get(key) ?? new Intl.NumberFormat(undefined, options);
  formats.set(key, format);
  return format.format(value);
}
