import { describe, expect, it } from "vitest";
import { lines, NOW, series } from "@/test/monitor-fixtures";
import { msLabel, timeLabels, timeSplits } from "./axis";
import { bandBox } from "./marks";
import { countsAt, paintVar, responseModel, responseSentence } from "./response-model";
import { alignedData, paintOrder } from "./response-options";
import { sparkPath } from "./sparkline";
import { ceiling, fewerLines, isolated, largest, meanOf, stack, thinned } from "./stack";

describe("a stack", () => {
  it("lays each layer on those beneath it", () => {
    expect(
      stack([
        [1, 2],
        [10, 20],
        [100, 200],
      ]),
    ).toEqual([
      [1, 2],
      [11, 22],
      [111, 222],
    ]);
  });

  it("keeps a gap where nothing was measured, and takes an absent phase for nothing", () => {
    expect(
      stack([
        [1, null, null],
        [2, null, 5],
      ]),
    ).toEqual([
      [1, null, 0],
      [3, null, 5],
    ]);
    expect(stack([])).toEqual([]);
  });
});

describe("lines", () => {
  it("have a mean where any has a figure", () => {
    expect(
      meanOf([
        [1, null, null],
        [3, 4, null],
      ]),
    ).toEqual([2, 4, null]);
  });

  it("show lone points as points", () => {
    expect(isolated([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(isolated([null, undefined])).toEqual([]);
  });

  it("have a largest figure, or none", () => {
    expect(
      largest([
        [1, null],
        [7, 2],
      ]),
    ).toBe(7);
    expect(largest([[null]])).toBeNull();
  });

  it("get thinner by means, gaps included", () => {
    expect(thinned([1, 3, null, null, 5, null], 3)).toEqual([2, null, 5]);
    expect(thinned([1, 2], 3)).toEqual([1, 2]);
  });

  it("become others beyond the sixth", () => {
    const all = Array.from({ length: 8 }, (_, index) => ({ name: `r${index}`, line: [index] }));
    const fewer = fewerLines(all);
    expect(fewer.map(({ name }) => name)).toEqual(["r0", "r1", "r2", "r3", "r4", "3 others (mean)"]);
    expect(fewer.at(-1)?.line).toEqual([6]);
    expect(fewerLines(all.slice(0, 6))).toHaveLength(6);
  });
});

describe("the height of a chart", () => {
  it.each([
    [100, null, 110],
    [100, 200, 220],
    [100, 90, 110],
    [100, 2_000, 110],
    [null, 500, 550],
    [null, null, 110],
  ])("of at most %s ms with a threshold of %s is %s", (most, threshold, top) => {
    expect(ceiling(most, threshold)).toBeCloseTo(top);
  });
});

describe("the time axis", () => {
  it("has round times of the zone, midnights as days", () => {
    const from = Date.parse("2026-07-01T15:00:00Z") / 1000;
    const splits = timeSplits(from, from + 86_400, 720, "Europe/Berlin");
    expect(timeLabels(splits, "Europe/Berlin")).toEqual([
      "18:00",
      "21:00",
      "Jul 2",
      "03:00",
      "06:00",
      "09:00",
      "12:00",
      "15:00",
    ]);
  });

  it("has fewer of them on a phone", () => {
    expect(timeSplits(NOW - 86_400, NOW, 250, "UTC").length).toBeLessThanOrEqual(3);
  });

  it("says milliseconds without noise", () => {
    expect([0, 0.5, 250, 1_500, 2_000].map(msLabel)).toEqual(["0", "0.5 ms", "250 ms", "1.5 s", "2 s"]);
  });
});

describe("a band", () => {
  const shown = { from: 100, to: 200 };

  it.each([
    [
      { from: 120, to: 140 },
      { x: 30, width: 20 },
    ],
    [
      { from: 50, to: 150 },
      { x: 10, width: 50 },
    ],
    [
      { from: 180, to: null },
      { x: 90, width: 20 },
    ],
    [
      { from: 150, to: 150.5 },
      { x: 60, width: 2 },
    ],
    [{ from: 10, to: 90 }, null],
    [{ from: 210, to: null }, null],
  ])("of %o is at %o", (band, box) => {
    expect(bandBox({ ...band, tone: "down" }, shown, 10, 100)).toEqual(box);
  });
});

describe("the model of response times", () => {
  const given = series(NOW - 3_600, NOW, 60);

  it("stacks phases under the percentile", () => {
    const { layers, at } = responseModel(given, "phases", "p95");
    expect(layers.map(({ name }) => name)).toEqual(["DNS", "Connect", "TLS", "Waiting", "Transfer", "p95"]);
    expect(at[0]).toBe(given.from + given.step / 2);
    const transfer = layers[4];
    const sum = [0, 1, 2, 3, 4].reduce((total, index) => total + (layers[index]?.values[0] ?? 0), 0);
    expect(transfer?.drawn[0]).toBe(sum);
  });

  it("leaves out a phase that was never measured", () => {
    const plain = {
      ...given,
      all: { ...given.all, phases: { ...given.all.phases, tls: given.all.phases.tls.map(() => null) } },
    };
    expect(responseModel(plain, "phases", "p50").layers.map(({ name }) => name)).not.toContain("TLS");
  });

  it("has a line a region, each with a colour and a dash of its own", () => {
    const { layers } = responseModel(given, "regions", "p50");
    expect(layers.map(({ name }) => name)).toEqual(["ap-south", "eu-west", "us-east"]);
    expect(new Set(layers.map(({ dash }) => dash.join())).size).toBe(3);
    expect(layers.map(({ paint }) => paintVar(paint))).toEqual([
      "var(--region-1)",
      "var(--region-2)",
      "var(--region-3)",
    ]);
  });

  it("turns many regions into six lines, the last muted", () => {
    const many = {
      ...given,
      regions: Array.from({ length: 9 }, (_, index) => ({ region: `r${index}`, ...lines(60, 100) })),
    };
    const { layers } = responseModel(many, "regions", "p50");
    expect(layers).toHaveLength(6);
    expect(layers.map(({ paint }) => paintVar(paint)).at(-1)).toBe("var(--muted)");
  });

  it("paints the highest area first and lines last", () => {
    const model = responseModel(given, "phases", "p99");
    expect(paintOrder(model.layers).map(({ name }) => name)).toEqual([
      "Transfer",
      "Waiting",
      "TLS",
      "Connect",
      "DNS",
      "p99",
    ]);
    expect(alignedData(model)).toHaveLength(7);
  });

  it("is told in a sentence", () => {
    expect(responseSentence(given, "p50", "last hour")).toMatch(
      /^p50 of the last hour is 240 ms, between \d+ ms and \d+ ms over time\. 1 incident in this time\.$/,
    );
    expect(responseSentence(series(NOW - 60, NOW, 0), "p50", "last hour")).toBe(
      "No response was measured in the last hour.",
    );
  });

  it("counts the checks of a bucket", () => {
    expect(countsAt(given.all, 0)).toBe("5 up");
    expect(countsAt({ ...given.all, up: [3], degraded: [1], down: [2], missed: [4] }, 0)).toBe(
      "3 up, 1 degraded, 2 down, 4 not checked",
    );
    expect(countsAt(given.all, 9_999)).toBe("no checks");
  });
});

describe("a sparkline", () => {
  it("begins at zero, breaks at gaps and shows lone points", () => {
    expect(sparkPath([0, 10], 100, 28)).toBe("M0 27L100 2");
    expect(sparkPath([10, null, 10, null, 5], 100, 28)).toBe("M0 2h1.5M50 2h1.5M98.5 14.5h1.5");
    expect(sparkPath([null, null])).toBe("");
    expect(sparkPath([0], 100, 28)).toBe("M0 27h1.5");
  });
});
