/** Figures of a chart before they are drawn. Null is "nothing measured", and stays a gap. */

export type Line = (number | null)[];

/**
 * Layers laid on each other: each result is the sum of all layers up to it. Where no layer has a figure there is none;
 * where only some have, the others count as nothing.
 */
export function stack(layers: readonly Line[]): Line[] {
  const length = Math.max(0, ...layers.map((layer) => layer.length));
  const sums: Line[] = layers.map(() => new Array<number | null>(length).fill(null));
  for (let at = 0; at < length; at += 1) {
    if (!layers.some((layer) => isFigure(layer[at]))) continue;
    let sum = 0;
    layers.forEach((layer, index) => {
      sum += layer[at] ?? 0;
      const line = sums[index];
      if (line) line[at] = sum;
    });
  }
  return sums;
}

function isFigure(value: number | null | undefined): value is number {
  return typeof value === "number";
}

/** The mean of several lines at each point, of those that have a figure there. */
export function meanOf(lines: readonly Line[]): Line {
  const length = Math.max(0, ...lines.map((line) => line.length));
  return Array.from({ length }, (_, at) => {
    const figures = lines.map((line) => line[at]).filter(isFigure);
    return figures.length === 0 ? null : figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  });
}

/** Points without a neighbour on either side: a line would not show them. */
export function isolated(line: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  for (let at = 0; at < line.length; at += 1) {
    if (isFigure(line[at]) && !isFigure(line[at - 1]) && !isFigure(line[at + 1])) found.push(at);
  }
  return found;
}

/** The largest figure of all; null where there is none. */
export function largest(lines: readonly Line[]): number | null {
  let found: number | null = null;
  for (const line of lines) {
    for (const value of line) if (isFigure(value) && (found === null || value > found)) found = value;
  }
  return found;
}

/** Room above the largest figure; the threshold is shown too unless it would squeeze everything else. */
export function ceiling(most: number | null, threshold: number | null): number {
  const top = most ?? threshold ?? 100;
  const wanted = threshold !== null && threshold <= top * 2.5 ? Math.max(top, threshold) : top;
  return Math.max(1, wanted * 1.1);
}

/** At most so many points, each the mean of its neighbours: enough for a line that is a finger wide. */
export function thinned(line: Line, most: number): Line {
  if (line.length <= most) return line;
  const size = Math.ceil(line.length / most);
  return Array.from({ length: Math.ceil(line.length / size) }, (_, at) => {
    const figures = line.slice(at * size, (at + 1) * size).filter(isFigure);
    return figures.length === 0 ? null : figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  });
}

export interface RegionLine {
  name: string;
  line: Line;
}

/** At most so many lines: the rest becomes the mean of "others". */
export function fewerLines(lines: readonly RegionLine[], most = 6): RegionLine[] {
  if (lines.length <= most) return [...lines];
  const rest = lines.slice(most - 1);
  return [
    ...lines.slice(0, most - 1),
    { name: `${rest.length} others (mean)`, line: meanOf(rest.map(({ line }) => line)) },
  ];
}
