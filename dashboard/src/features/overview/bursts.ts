/** Many changes of one kind at once are one line. Pure. */
import type { Activity, Level, What } from "@/api/types";
import { levelLook } from "@/domain/level";
import { subject } from "@/domain/subject";
import { plural } from "@/lib/format";

export type Item = Activity["items"][number];

export interface Burst {
  key: string;
  items: [Item, ...Item[]];
  /** Unix seconds of its newest. */
  at: number;
  /** Seconds between its first and its last. */
  span: number;
}

/** Changes this close together belong together. */
const APART_S = 30;
/** Fewer than this stay lines of their own. */
const FEW = 3;

const at = (item: Item): number => Date.parse(item.at) / 1000;
const kindOf = ({ what, level, kind, who }: Item): string =>
  [what, what === "opened" ? level : "", kind, who?.id].join(" ");

const WAVERING: readonly What[] = ["escalated", "changed", "flapping"];

/** One incident that gets better and worse and better. */
function isWavering(items: readonly Item[]): boolean {
  return items.every(({ incident, what }) => incident === items[0]?.incident && WAVERING.includes(what));
}

function belongs(item: Item, group: readonly Item[], last: Item): boolean {
  const isTogether = kindOf(last) === kindOf(item) && at(last) - at(item) <= APART_S;
  return isWavering([...group, item]) || (isTogether && last.incident !== item.incident);
}

/** `items` newest first, as the API gives them. */
export function bursts(items: readonly Item[]): Burst[] {
  const groups: [Item, ...Item[]][] = [];
  for (const item of items) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && belongs(item, group, last)) group.push(item);
    else groups.push([item]);
  }
  return groups
    .flatMap((group) => (group.length < FEW ? group.map((one): [Item, ...Item[]] => [one]) : [group]))
    .map(burst);
}

function burst(items: [Item, ...Item[]]): Burst {
  const newest = at(items[0]);
  const key = `${items[0].incident} ${items[0].at} ${items[0].what}`;
  return { key, items, at: newest, span: newest - at(items.at(-1) ?? items[0]) };
}

const DID: Record<Exclude<What, "opened">, string> = {
  escalated: "got worse",
  changed: "changed",
  flapping: "goes back and forth",
  acknowledged: "acknowledged",
  reminded: "waits to be acknowledged",
  commented: "commented on",
  resolved: "recovered",
};
/** What people do, in front of what they do it to. */
const PEOPLE: Partial<Record<What, string>> = {
  acknowledged: "acknowledged",
  commented: "commented on",
  resolved: "resolved",
};

function opened(level: Level): string {
  switch (level) {
    case "down":
      return "went down";
    case "region":
      return "became sick";
    case "lane":
      return "stopped running";
    case "certificate":
      return "has a certificate that ends soon";
    case "coverage":
      return "is checked too little";
    default:
      return `became ${levelLook(level).word.toLowerCase()}`;
  }
}

function didWhat({ what, level }: Item): string {
  return what === "opened" ? opened(level) : DID[what];
}

/** One change around its subject: "Ada acknowledged" … or … "went down". */
export function wordsOf(item: Item): { before: string; after: string } {
  const act = PEOPLE[item.what];
  if (item.who && act) return { before: `${item.who.name || "Somebody"} ${act}`, after: "" };
  return { before: "", after: didWhat(item) };
}

const MANY: Partial<Record<string, string>> = { has: "have", is: "are", goes: "go", waits: "wait", fails: "fail" };

function nounOf(items: readonly Item[]): string {
  if (items.every(({ kind }) => kind === "lane")) return "lane";
  return items.every((item) => item.monitor === null && item.region !== null) ? "region" : "monitor";
}

/** "7 monitors went down within 20 s". */
export function burstWords({ items, span }: Burst): string {
  const [first] = items;
  if (isWavering(items)) return `${subject(first)} went back and forth ${items.length} times`;
  const noun = nounOf(items);
  const within = span >= 1 ? ` within ${Math.ceil(span)}\u00a0s` : " at once";
  const act = PEOPLE[first.what];
  if (first.who && act) return `${first.who.name || "Somebody"} ${act} ${plural(items.length, noun)}${within}`;
  const did = wordsOf({ ...first, who: null }).after.replace(/^\w+/, (verb) => MANY[verb] ?? verb);
  return `${plural(items.length, noun)} ${did}${within}`;
}
