import { describe, expect, it } from "vitest";
import { beatsOf } from "@/domain/beat";
import { type BarShape, BEAT_HEIGHT, barPaths, cellAt, DAY_SHAPE, keyMove, LIST_SHAPE } from "./heartbeat-paths";

const SHAPE: BarShape = { cell: 4, bar: 2, height: 20 };

describe("the paths of a bar", () => {
  it("are one a state, whatever the number of cells", () => {
    const paths = barPaths(beatsOf("ugdmw-".repeat(100)), LIST_SHAPE);
    expect(Object.keys(paths).sort()).toEqual(["degraded", "down", "hatch", "maintenance", "missed", "up"]);
  });

  it("stand on the ground, as high as the state is loud", () => {
    expect(barPaths(["up"], SHAPE)).toEqual({ up: "M1 8h2v12h-2z" });
    expect(barPaths(["degraded"], SHAPE)).toEqual({ degraded: "M1 4h2v16h-2z" });
    expect(barPaths(["down"], SHAPE)).toEqual({ down: "M1 0h2v20h-2z" });
  });

  it("go on to the right, the newest last", () => {
    expect(barPaths(["up", "down", "up"], SHAPE)).toEqual({ up: "M1 8h2v12h-2zM9 8h2v12h-2z", down: "M5 0h2v20h-2z" });
  });

  it("are hollow where nobody looked, and nothing where there is no data", () => {
    expect(barPaths(["missed"], SHAPE)).toEqual({ missed: "M1.5 15.5h1v4h-1z" });
    expect(barPaths(["none", "none"], SHAPE)).toEqual({});
  });

  it("hatch maintenance within its bar", () => {
    const { maintenance, hatch = "" } = barPaths(["maintenance"], DAY_SHAPE);
    expect(maintenance).toBe("M1.5 16h7v24h-7z");
    const strokes = [...hatch.matchAll(/M([\d.]+) ([\d.]+)l(\d+) -(\d+)/g)].map((found) => found.slice(1).map(Number));
    expect(strokes.length).toBeGreaterThan(1);
    for (const [x = 0, y = 0, right = 0, up = 0] of strokes) {
      expect(x).toBe(1.5);
      expect(x + right).toBe(8.5);
      expect(y).toBeLessThanOrEqual(40);
      expect(y - up).toBeGreaterThanOrEqual(16);
    }
  });

  it("tell trouble apart by height alone", () => {
    expect(BEAT_HEIGHT).toEqual({ up: 60, degraded: 80, down: 100, maintenance: 60, missed: 25, none: 0 });
  });
});

describe("the cell under a finger", () => {
  it.each([
    [-0.2, 0],
    [0, 0],
    [0.49, 44],
    [0.999, 89],
    [1.5, 89],
  ])("at %f of the width is %i", (share, cell) => {
    expect(cellAt(share, 90)).toBe(cell);
  });
});

describe("keys", () => {
  it.each([
    ["ArrowLeft", 5, { to: 4 }],
    ["ArrowLeft", 0, { to: 0 }],
    ["ArrowRight", 5, { to: 6 }],
    ["ArrowRight", 89, { to: 89 }],
    ["PageUp", 50, { to: 43 }],
    ["PageUp", 3, { to: 0 }],
    ["PageDown", 50, { to: 57 }],
    ["PageDown", 88, { to: 89 }],
    ["Home", 50, { to: 0 }],
    ["End", 50, { to: 89 }],
    ["ArrowUp", 50, { leave: -1 }],
    ["ArrowDown", 50, { leave: 1 }],
    ["Enter", 50, { open: true }],
    ["a", 50, null],
    ["Tab", 50, null],
  ])("%s at %i", (key, at, move) => {
    expect(keyMove(key, at, 90)).toEqual(move);
  });
});
