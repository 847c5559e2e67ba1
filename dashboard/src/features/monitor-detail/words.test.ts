import { describe, expect, it } from "vitest";
import { answersOf, incidentAt } from "@/api/queries/monitors-detail";
import { beats, failure, incident, liveRow, monitor, NOW, result, series, uptime } from "@/test/monitor-fixtures";
import { curlOf } from "./curl";
import { fromInput, problem, toInput } from "./custom-range";
import { certificateFigure, checksFigure, downSeconds, latencyFigure, type Summary, uptimeFigure } from "./figures";
import { headline, sinceWords } from "./headline";
import { beatCells, dayCell } from "./heartbeat-panel";
import { regionRows } from "./regions-panel";
import { causeWords, newWords, resultKey } from "./results";
import { monitorSearch } from "./search";
import { lanesOf } from "./use-check-now";
import { fits } from "./use-log";

describe("the head of the page", () => {
  it("is there from the list's row alone", () => {
    expect(headline(undefined, liveRow())).toMatchObject({ name: "Shop", status: "up" });
    expect(headline(undefined, undefined)).toBeNull();
  });

  it("follows the row's events before the monitor is read again", () => {
    expect(headline(monitor(), liveRow({ status: "down", reason: "connect" }))).toMatchObject({
      status: "down",
      reason: "connect",
    });
  });

  it("knows at once that a monitor was paused, and that it was resumed", () => {
    expect(headline(monitor({ enabled: false, status: "paused" }), liveRow())?.status).toBe("paused");
    expect(headline(monitor({ status: "pending" }), liveRow({ status: "paused" }))?.status).toBe("pending");
  });

  it("knows since when nobody checks it, from the row as from the monitor", () => {
    const at = "2026-01-01T00:00:00Z";
    const told = headline(monitor({ status: "unknown", unchecked_since: at }), undefined);
    expect(told).toMatchObject({ status: "unknown", unchecked: Date.parse(at) / 1000 });
    expect(headline(monitor(), liveRow({ status: "unknown", unchecked_since: 7 }))?.unchecked).toBe(7);
    expect(headline(monitor(), liveRow())?.unchecked).toBeNull();
  });

  it("says how long, and why", () => {
    const since = (change: object) =>
      sinceWords(
        {
          name: "",
          url: "",
          since: NOW - 12 * 86_400 - 14_400,
          status: "up",
          reason: null,
          unchecked: null,
          ...change,
        },
        NOW,
      );
    expect(since({})).toBe("Up for 12 d 4 h");
    expect(since({ status: "down", since: NOW - 200, reason: "connect" })).toBe("Down for 3 m 20 s: connection failed");
    expect(since({ status: "degraded", since: NOW - 60, reason: "tls" })).toBe("Degraded for 1 m: TLS failed");
    expect(since({ status: "paused", since: NOW + 3 })).toBe("Paused for 0 s");
    expect(since({ status: "pending" })).toBe("Waiting for the first result");
  });
});

describe("the figures of a range", () => {
  const summary = (change: Partial<Summary> = {}): Summary => ({
    p50: 100,
    p95: 200,
    p99: 300,
    up: 90,
    degraded: 5,
    down: 5,
    missed: 2,
    ...change,
  });
  const range = (now: Partial<Summary>) => {
    const whole = series(NOW - 3_600, NOW, 60);
    return { ...whole, incidents: [], all: { ...whole.all, summary: summary(now) } };
  };

  it("say uptime, what failed and by how much it moved", () => {
    const figure = uptimeFigure(range({}), summary({ down: 10, up: 85 }), NOW);
    expect(figure).toMatchObject({
      value: "95.00 %",
      note: "5 failed",
      moved: { words: "5.00 points higher", better: true },
    });
    expect(uptimeFigure(range({}), null, NOW).moved).toBeUndefined();
    expect(uptimeFigure(range({ up: 0, degraded: 0, down: 0 }), summary(), NOW)).toMatchObject({
      value: "—",
      note: "nothing was checked",
      moved: undefined,
    });
  });

  it("call slower worse and faster better, and nothing without a baseline", () => {
    expect(latencyFigure("p95", summary(), summary({ p95: 188 })).moved).toEqual({
      words: "12 ms slower",
      better: false,
    });
    expect(latencyFigure("p95", summary(), summary({ p95: 1_700 })).moved).toEqual({
      words: "1.50 s faster",
      better: true,
    });
    expect(latencyFigure("p95", summary(), summary()).moved).toEqual({ words: "as before", better: null });
    expect(latencyFigure("p95", summary(), summary({ p95: null })).moved).toBeUndefined();
    expect(latencyFigure("p95", summary(), null).moved).toBeUndefined();
  });

  it("count checks without judging their number", () => {
    expect(checksFigure(summary(), summary({ up: 80 }))).toMatchObject({
      value: "100",
      note: "2 not checked",
      moved: { words: "10 more", better: null },
    });
    const nothing = summary({ up: 0, degraded: 0, down: 0, missed: 0 });
    expect(checksFigure(summary({ missed: 0 }), nothing)).toMatchObject({ note: "none missed", moved: undefined });
  });

  it("count the time down once, within the range, up to now", () => {
    const span = { from: 1_000, to: 2_000 };
    const down = (from: number, to: number | null) => ({ id: "", level: "down" as const, from, to });
    expect(downSeconds({ ...span, incidents: [down(900, 1_100), down(1_050, 1_200), down(1_900, null)] }, 1_950)).toBe(
      250,
    );
    expect(downSeconds({ ...span, incidents: [{ ...down(1_000, 2_000), level: "regional" }] }, 1_950)).toBe(0);
  });

  it("count the certificate's days", () => {
    const ends = (days: number) =>
      certificateFigure({ not_after: new Date((NOW + days * 86_400) * 1000).toISOString() }, NOW);
    expect(ends(63)).toMatchObject({ value: "63 days", note: "left", soon: false });
    expect(ends(1.5)).toMatchObject({ value: "1 day", soon: true });
    expect(ends(0.5)).toMatchObject({ value: "Today", note: "is its last day" });
    expect(ends(-2)).toMatchObject({ value: "Expired", note: "2 days ago", soon: true });
    expect(certificateFigure(null, NOW)).toBeNull();
  });
});

describe("bars", () => {
  it("have a cell a slot, each with its time", () => {
    const cells = beatCells(beats(), 60, "utc");
    expect(cells).toHaveLength(40);
    expect(cells.at(-1)).toMatchObject({ beat: "up", detail: "Up", key: String(NOW - 20) });
    expect(cells.at(-2)?.key).toBe(String(NOW - 80));
    expect(beatCells(undefined, 60, "utc")[0]).toMatchObject({ beat: "none", title: "Before the first check" });
  });

  it("say of a day what there is to say", () => {
    const details = uptime().days.map(dayCell);
    expect(details[0]).toMatchObject({ beat: "none", detail: "No data" });
    expect(details[40]).toMatchObject({ beat: "missed", detail: "Not checked" });
    expect(details[55]).toMatchObject({ beat: "degraded", detail: "99.722 % uptime" });
    expect(details[71]).toMatchObject({ beat: "down", detail: "75.00 % uptime, 1 incident, 6 h down" });
    expect(details[89]).toMatchObject({ beat: "up", title: "Nov 22" });
  });
});

describe("the command", () => {
  it("is one a shell takes", () => {
    expect(curlOf(monitor())).toBe(
      "curl --include --max-time 10 --location --max-redirs 10 https://shop.example/checkout",
    );
    const wild = monitor({
      method: "POST",
      url: "https://x.example/a?b=c&d=$e",
      headers: { "x-quote": "it's" },
      body: '{"a": 1}',
      follow_redirects: false,
      tls: { verify: false, ca: null },
    });
    expect(curlOf(wild)).toBe(
      `curl --include --max-time 10 --request POST --insecure --header 'x-quote: it'\\''s' --data-raw '{"a": 1}' 'https://x.example/a?b=c&d=$e'`,
    );
    expect(curlOf(monitor({ method: "HEAD" }))).toContain("--head");
  });
});

describe("the URL", () => {
  it("keeps what makes sense and leaves out the defaults", () => {
    expect(
      monitorSearch({ tab: "checks", range: "7d", pct: "p99", by: "regions", region: "eu", verdict: "down" }),
    ).toEqual({
      tab: "checks",
      range: "7d",
      pct: "p99",
      by: "regions",
      region: "eu",
      verdict: "down",
    });
    const empty = {
      tab: undefined,
      range: undefined,
      pct: undefined,
      by: undefined,
      region: undefined,
      verdict: undefined,
    };
    expect(monitorSearch({ tab: "settings", range: "2h", pct: "p95", by: "phases", verdict: "slow" })).toEqual(empty);
  });
});

describe("a range of one's own", () => {
  it("is written and read in the zone", () => {
    expect(toInput(NOW, "Europe/Berlin")).toBe("2026-11-22T13:00");
    expect(fromInput("2026-11-22T13:00", "Europe/Berlin")).toBe(NOW);
    expect(fromInput("2026-11-22T13:00:00", "UTC")).toBe(NOW + 3_600);
    expect(fromInput("", "UTC")).toBeNaN();
  });

  it.each([
    [{ from: Number.NaN, to: NOW }, "Fill in both a day and a time."],
    [{ from: NOW, to: NOW - 1 }, "Choose an end after the beginning."],
    [{ from: NOW + 60, to: NOW + 120 }, "Choose a beginning in the past."],
    [{ from: NOW - 400 * 86_400, to: NOW }, "Choose a year at most."],
    [{ from: NOW - 60, to: NOW }, null],
  ])("%o", (window, sentence) => {
    expect(problem(window, NOW)).toBe(sentence);
  });
});

describe("results", () => {
  it("have keys and causes", () => {
    expect(resultKey(result())).not.toBe(resultKey(result({ attempt: 1 })));
    expect(causeWords(result())).toBe("On schedule");
    expect(causeWords(result({ cause: "recheck", attempt: 2 }))).toBe("Recheck 2");
    expect(causeWords(result({ cause: "request", attempt: 255 }))).toBe("On request");
    expect(newWords(12)).toBe("12 new");
  });

  it("fit a filter or not", () => {
    const beat = { region: "eu", verdict: "down" as const };
    expect(fits({}, beat)).toBe(true);
    expect(fits({ region: "eu", verdict: "down" }, beat)).toBe(true);
    expect(fits({ region: "us" }, beat)).toBe(false);
    expect(fits({ verdict: "up" }, beat)).toBe(false);
  });

  it("answer the request they were asked by", () => {
    const asked = { slot: NOW, regions: ["eu-west", "us-east"] };
    const mine = failure({ slot: NOW, attempt: 255, cause: "request" });
    const older = { ...mine, slot: NOW - 60 };
    expect(answersOf([mine, older, result({ slot: NOW })], asked)).toEqual([mine]);
    expect(answersOf([mine], null)).toEqual([]);
    expect(lanesOf(asked.regions, [mine], false)).toEqual([
      { region: "eu-west", result: mine, isLate: false },
      { region: "us-east", result: null, isLate: false },
    ]);
    expect(lanesOf(asked.regions, [mine], true)[1]?.isLate).toBe(true);
  });

  it("belong to the incident of their time", () => {
    const ended = incident();
    const opened = Date.parse(ended.opened_at) / 1000;
    expect(incidentAt([ended], opened - 30, 60)).toBe(ended);
    expect(incidentAt([ended], opened - 90, 60)).toBeUndefined();
    expect(incidentAt([ended], NOW, 60)).toBeUndefined();
    expect(incidentAt([incident({ resolved_at: null })], NOW, 60)?.id).toBe("i1");
  });
});

describe("regions", () => {
  it("are all that say something now or said something in the range", () => {
    const rows = regionRows(monitor().regions_now.slice(0, 1), series().regions.slice(0, 1));
    expect(rows.map(({ region, now, series: lines }) => [region, now !== null, lines !== null])).toEqual([
      ["ap-south", false, true],
      ["eu-west", true, false],
    ]);
  });
});
