/** Many changes of one kind at once are one line. Pure. */
import type { What } from "@/api/types";
import { subject } from "@/domain/subject";
import { actWords, manyDid, type Transition } from "@/domain/transition";
import { plural } from "@/lib/format";

export interface Burst {
  key: string;
  items: [Transition, ...Transition[]];
  /** Unix seconds of its newest. */
  at: number;
  /** Seconds between its first and its last. */
  span: number;
}

/** Changes this close together belong together. */
const APART_S = 30;
/** Fewer than this stay lines of their own. */
const FEW = 3;

const at = (item: Transition): number => Date.parse(item.at) / 1000;
const kindOf = ({ what, level, kind, who }: Transition): string =>
  [what, what === "opened" ? level : "", kind, who?.id].join(" ");

const WAVERING: readonly What[] = ["escalated", "changed", "flapping"];

/** One incident that gets better and worse and better. */
function isWavering(items: readonly Transition[]): boolean {
  return items.every(({ incident, what }) => incident === items[0]?.incident && WAVERING.includes(what));
}

function belongs(item: Transition, group: readonly Transition[], last: Transition): boolean {
  const isTogether = kindOf(last) === kindOf(item) && at(last) - at(item) <= APART_S;
  return isWavering([...group, item]) || (isTogether && last.incident !== item.incident);
}

/** `items` newest first, as the API gives them. */
export function bursts(items: readonly Transition[]): Burst[] {
  const groups: [Transition, ...Transition[]][] = [];
  for (const item of items) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && belongs(item, group, last)) group.push(item);
    else groups.push([item]);
  }
  return groups
    .flatMap((group) => (group.length < FEW ? group.map((one): [Transition, ...Transition[]] => [one]) : [group]))
    .map(burst);
}

function burst(items: [Transition, ...Transition[]]): Burst {
  const newest = at(items[0]);
  const key = `${items[0].incident} ${items[0].at} ${items[0].what}`;
  return { key, items, at: newest, span: newest - at(items.at(-1) ?? items[0]) };
}

function nounOf(items: readonly Transition[]): string {
  if (items.every(({ kind }) => kind === "lane")) return "lane";
  return items.every((item) => item.monitor === null && item.region !== null) ? "region" : "monitor";
}

/** "7 monitors went down within 20 s". */
export function burstWords({ items, span }: Burst): string {
  const [first] = items;
  if (isWavering(items)) return `${subject(first)} went back and forth ${items.length} times`;
  const noun = nounOf(items);
  const within = span >= 1 ? ` within ${Math.ceil(span)}\u00a0s` : " at once";
  const act = actWords(first);
  const many = plural(items.length, noun);
  return act === null ? `${many} ${manyDid(first)}${within}` : `${act} ${many}${within}`;
}
