/** What happened to an incident, as its subject is told to have done. */
import type { Activity, Level, What } from "@/api/types";
import { levelLook } from "./level";

export type Transition = Activity["items"][number];

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
const ACTS: Partial<Record<What, string>> = {
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

function didWhat({ what, level }: Transition): string {
  return what === "opened" ? opened(level) : DID[what];
}

/** What somebody did, in front of what they did it to: "Ada acknowledged". Null where it happened by itself. */
export function actWords({ what, who }: Pick<Transition, "what" | "who">): string | null {
  const act = ACTS[what];
  return who && act ? `${who.name || "Somebody"} ${act}` : null;
}

/** One change around its subject: "Ada acknowledged" … or … "went down". */
export function transitionWords(of: Transition): { before: string; after: string } {
  const act = actWords(of);
  return act === null ? { before: "", after: didWhat(of) } : { before: act, after: "" };
}

/** Verbs that change when many do it. */
const MANY: Partial<Record<string, string>> = { has: "have", is: "are", goes: "go", waits: "wait", fails: "fail" };

/** What happened to many at once: "went down", "wait to be acknowledged". */
export function manyDid(of: Transition): string {
  const [verb = "", ...rest] = didWhat(of).split(" ");
  return [MANY[verb] ?? verb, ...rest].join(" ");
}
