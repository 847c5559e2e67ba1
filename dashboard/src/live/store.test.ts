import { beforeEach, describe, expect, it, vi } from "vitest";
import { beat, row, snapshotOf, statusTold } from "@/test/factories";
import { createStore, type LiveStore } from "./store";

let store: LiveStore;
let turns: (() => void)[];

beforeEach(() => {
  turns = [];
  store = createStore((turn) => turns.push(turn));
  store.load(snapshotOf([row({ id: "a" }), row({ id: "b", status: "down" })]));
});

const frame = () => {
  for (const turn of turns.splice(0)) turn();
};

describe("events", () => {
  it("wait for the frame, and one frame takes many", () => {
    store.tell([statusTold("101-0", "a", "down")]);
    store.tell([statusTold("102-0", "b", "up", "down")]);
    expect(turns).toHaveLength(1);
    expect(store.row("a")?.status).toBe("up");
    frame();
    expect(store.row("a")).toMatchObject({ status: "down", since: Date.parse("2026-01-01T00:00:00Z") / 1000 });
    expect(store.counts()).toMatchObject({ up: 1, down: 1 });
  });

  it("that bring a status end that nobody checks", () => {
    store.load(snapshotOf([row({ id: "a", status: "unknown", unchecked_since: 7 })]));
    store.tell([statusTold("101-0", "a", "up", "unknown")]);
    frame();
    expect(store.row("a")).not.toHaveProperty("unchecked_since");
  });

  it("tell only who shows the row", () => {
    const [a, b, list] = [vi.fn(), vi.fn(), vi.fn()];
    store.onRow("a", a);
    store.onRow("b", b);
    store.onList(list);
    store.tell([statusTold("101-0", "a", "down")]);
    frame();
    expect([a, b, list].map((listener) => listener.mock.calls.length)).toEqual([1, 0, 1]);
  });

  it("that a snapshot has already change nothing", () => {
    store.tell([statusTold("99-0", "a", "down"), statusTold("100-0", "a", "down")]);
    frame();
    expect(store.row("a")?.status).toBe("up");
  });

  it("that are repeated change nothing the second time", () => {
    store.tell([
      statusTold("101-0", "a", "down"),
      statusTold("102-0", "a", "up", "down"),
      statusTold("101-0", "a", "down"),
    ]);
    frame();
    expect(store.row("a")?.status).toBe("up");
  });

  it("heard while a snapshot was on its way are told behind it", () => {
    store.load(snapshotOf([row({ id: "a" })], "200-0"), [
      statusTold("150-0", "a", "degraded"),
      statusTold("201-0", "a", "down"),
    ]);
    expect(store.row("a")?.status).toBe("down");
    expect(store.row("b")).toBeUndefined();
  });

  it("of incidents mark the row", () => {
    const told = (
      id: string,
      event: "incident.opened" | "incident.acknowledged" | "incident.resolved",
      incident = "i",
    ) => store.tell([{ id, event, data: { incident, monitor: "a" } }]);
    told("101-0", "incident.opened");
    frame();
    expect(store.openIncidents()).toBe(1);
    told("102-0", "incident.resolved", "another");
    told("103-0", "incident.acknowledged");
    frame();
    expect(store.row("a")?.incident).toEqual({ id: "i", state: "acknowledged" });
    expect(store.openIncidents()).toBe(0);
    told("104-0", "incident.resolved");
    frame();
    expect(store.row("a")?.incident).toBeNull();
  });

  it("of a deletion take the row away", () => {
    const gone = vi.fn();
    store.onRow("a", gone);
    store.tell([{ id: "101-0", event: "monitor.deleted", data: { monitor: "a" } }]);
    frame();
    expect(store.row("a")).toBeUndefined();
    expect(gone).toHaveBeenCalledOnce();
    expect(store.size()).toBe(1);
  });
});

it("tells transitions, and no repetitions of a status", () => {
  const heard = vi.fn();
  store.onTransitions(heard);
  store.tell([statusTold("101-0", "a", "down"), statusTold("102-0", "b", "down")]);
  frame();
  expect(heard).toHaveBeenCalledExactlyOnceWith([expect.objectContaining({ from: "up", to: "down" })]);
});

it("keeps beats up where they are shown, and counts all of them", () => {
  const shown = vi.fn();
  store.onBeats("a", shown);
  store.putBeats([
    { id: "a", beats: "u", last_slot: 60, last: null, uptime: { "24h": { good: 1, total: 1, expected: 1 } } },
  ]);
  store.tell([
    {
      id: "101-0",
      event: "beat",
      data: { beats: [beat({ monitor: "a", slot: 120 }), beat({ monitor: "b", slot: 120 })] },
    },
  ]);
  frame();
  expect(store.beats("a")?.beats).toBe("uu");
  expect(store.beats("b")).toBeUndefined();
  expect(shown).toHaveBeenCalledTimes(2);
  expect(store.watched()).toEqual(["a"]);
});

it("does not go back behind what it heard when an older answer comes late", () => {
  const uptime = { "24h": { good: 1, total: 1, expected: 1 } };
  store.putBeats([{ id: "a", beats: "ud", last_slot: 120, last: null, uptime }]);
  store.putBeats([
    { id: "a", beats: "u", last_slot: 60, last: null, uptime: { "24h": { good: 9, total: 9, expected: 9 } } },
  ]);
  expect(store.beats("a")).toMatchObject({ beats: "ud", uptime: { "24h": { good: 9 } } });
});
