import { describe, expect, it } from "vitest";
import type { Incident, IncidentWhole, TimelineEntry, What } from "@/api/types";
import { cause, headline } from "./incident";
import { subject } from "./subject";
import { folded, steps } from "./timeline";

function incident(over: Partial<IncidentWhole> = {}): IncidentWhole {
  return {
    id: "i1",
    kind: "availability",
    state: "open",
    level: "down",
    worst: "down",
    reason: "status",
    flapping: false,
    monitor: { id: "m1", name: "Shop" },
    region: null,
    failed_in: [],
    opened_at: "2026-01-01T00:00:02Z",
    acknowledged_at: null,
    resolved_at: null,
    acknowledged_by: null,
    timeline: [],
    failures: [],
    deliveries: [],
    ...over,
  };
}

function entry(what: What, data: Record<string, unknown> = {}, who: string | null = null): TimelineEntry {
  return {
    change: 1,
    at: "2026-01-01T00:00:02Z",
    what,
    who: who ? { kind: "person", id: "u1", name: who } : null,
    data,
  };
}

function told(data: Record<string, unknown>, what: What = "opened"): string[] {
  return steps(incident({ timeline: [entry(what, data)] }))[0]?.lines ?? [];
}

describe("the timeline", () => {
  it("begins with the first failure of each region, before what was made of it", () => {
    const failure = { slot: 1_767_225_602, attempt: 0, detail: "503", evidence: null };
    const all = steps(
      incident({
        failures: [
          { ...failure, region: "eu-west", reason: "status", slot: 1_767_225_600 },
          { ...failure, region: "us-east", reason: "connect", detail: null },
        ],
        timeline: [entry("opened", { status: "regional", told: 1, policy: "Default", sends: true })],
      }),
    );
    expect(all.map((step) => step.title)).toEqual([
      "First failure in eu-west",
      "First failure in us-east",
      "Incident opened: down in some regions",
    ]);
    expect(all[0]?.lines).toEqual(["Unexpected status: 503"]);
    expect(all[1]?.lines).toEqual(["Connection failed"]);
  });

  it("tells people from the machine", () => {
    const all = steps(
      incident({
        timeline: [
          entry("acknowledged", {}, "Ada"),
          entry("resolved"),
          entry("resolved", {}, "Ada"),
          entry("resolved", { closed: "paused", why: "the monitor was paused" }, "Ada"),
        ],
      }),
    );
    expect(all.map((step) => [step.title, step.who])).toEqual([
      ["Acknowledged by Ada", "Ada"],
      ["Recovered", null],
      ["Resolved by Ada", "Ada"],
      ["Closed by Ada", "Ada"],
    ]);
  });

  it("shows a comment as it was written", () => {
    const [step] = steps(incident({ timeline: [entry("commented", { text: "<b>on it</b>" }, "Ada")] }));
    expect(step?.quote).toBe("<b>on it</b>");
    expect(step?.lines).toEqual([]);
  });

  it("says who was told, and why nobody was", () => {
    expect(told({ told: 2, policy: "Default", sends: true })).toEqual(["Goes to 2 channels by the policy “Default”."]);
    expect(told({ told: 0, policy: "Default", sends: false })).toEqual([
      "Nobody was told: the policy “Default” does not send this level.",
    ]);
    expect(told({ told: 0, policy: "Default", sends: true })).toEqual([
      "Nobody was told: the policy “Default” has no channel that could be told.",
    ]);
    expect(told({ told: 0, policy: null, sends: false })).toEqual(["Nobody was told: no alert policy applies."]);
    expect(told({ told: 0, policy: "Default", sends: true }, "changed")).toEqual([]);
  });

  it("folds many swings in a row, and leaves few as they are", () => {
    const swings = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...entry("changed"), change: at + 10 }));
    const timeline = [entry("opened"), ...swings(3), entry("acknowledged", {}, "Ada"), ...swings(40)];
    const told = folded(steps(incident({ timeline })));
    expect(told).toHaveLength(6);
    expect(told.at(-1)).toMatchObject({ steps: { length: 40 } });
  });

  it("explains regions and certificates", () => {
    expect(
      told({ why: "workers of the region doubt what they see", workers: [{ worker: "a1", diagnosis: "clock" }] }),
    ).toEqual(["Workers of the region doubt what they see.", "a1: its clock is off."]);
    expect(told({ days: 1, not_after: 0 })).toEqual(["The certificate ends in 1 day."]);
  });
});

describe("an incident in words", () => {
  const availability: Incident = incident();
  it.each([
    [availability, "Shop", "Unexpected status"],
    [{ ...availability, reason: null, worst: "regional" as const }, "Shop", "Down in some regions"],
    [{ ...availability, kind: "certificate" as const }, "Shop", "Certificate ends soon"],
    [
      { ...availability, kind: "region" as const, monitor: null, region: "eu-west" },
      "Region eu-west",
      "Its probes are gone or doubt what they see",
    ],
  ])("%#", (given, whom, why) => {
    expect([subject(given), cause(given)]).toEqual([whom, why]);
  });
});

it("says in the headline that something comes and goes", () => {
  expect(headline(incident())).toBe("Shop is down");
  expect(headline(incident({ flapping: true }))).toBe("Shop comes and goes");
  expect(headline(incident({ flapping: true, state: "resolved" }))).toBe("Shop was down");
});
