import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { snapshot, store } from "@/live/live";
import { incident, row, snapshotOf } from "@/test/factories";
import { answers, problem, serveAnswers, show, signedInAs } from "@/test/screen";
import { OverviewPage } from "./overview-page";

serveAnswers();

const counts = { good: 10, total: 10, expected: 10 };
const window = { ...counts, incidents: 0, down_seconds: 0 };
const uptime = {
  days: [{ day: "2026-01-01", ...window }],
  windows: { "24h": window, "7d": window, "30d": window, "90d": window, "1y": window },
};

beforeEach(() => {
  signedInAs("editor");
  answers("get", "incidents", { items: [], next: null });
  answers("get", "policies", { items: [], next: null });
  answers("get", "activity", { items: [], keys: [] });
  answers("get", "regions", { items: [], next: null });
  answers("get", "uptime", uptime);
});
afterEach(() => act(() => store.reset()));

const load = (...rows: Parameters<typeof row>[0][]) => act(() => store.load(snapshotOf(rows.map(row))));
const overview = () => show(<OverviewPage empty={<p>First run</p>} />);

it("says that all is well where it is", async () => {
  load({ id: "a" }, { id: "b" });
  overview();
  expect(await screen.findByRole("heading", { level: 1, name: "All 2 monitors up" })).toBeInTheDocument();
  expect(await screen.findByText("All clear")).toBeInTheDocument();
  expect(await screen.findByText("Nothing has happened")).toBeInTheDocument();
  expect(await screen.findByRole("heading", { name: "Fleet uptime" })).toBeInTheDocument();
  expect((await screen.findAllByText("100 %")).length).toBe(4);
});

it("leads from each number to the list of them", async () => {
  load({ id: "a", status: "down" }, { id: "b", status: "pending" });
  overview();
  const list = await screen.findByRole("list", { name: "Monitors by status" });
  const down = within(list).getByRole("link", { name: /Down\s*1/ });
  expect(decodeURIComponent(down.getAttribute("href") ?? "")).toContain("status=down");
  expect(within(list).getByRole("link", { name: /No verdict\s*1/ })).toBeInTheDocument();
});

it("tells who made a key", async () => {
  load({ id: "m1" });
  const who = { kind: "person", id: "u", name: "Ada" };
  const made = { at: "2026-01-01T00:00:00Z", what: "made", key: { id: "k", name: "Prometheus" }, who };
  answers("get", "activity", { items: [], keys: [made] });
  overview();
  const line = await screen.findByRole("link", { name: /^Ada made the API key Prometheus/ });
  expect(line).toHaveAttribute("href", "/settings/api-keys");
});

it("has an incident acknowledged in its place", async () => {
  load({ id: "m1", status: "down" });
  answers("get", "incidents", { items: [incident({ id: "i1" })], next: null });
  let isAsked = false;
  answers("post", "incidents/i1/acknowledge", () => {
    isAsked = true;
    return { ...incident({ id: "i1", state: "acknowledged" }), timeline: [], failures: [], deliveries: [] };
  });
  overview();
  await userEvent.click(await screen.findByRole("button", { name: "Acknowledge shop" }));
  await waitFor(() => expect(isAsked).toBe(true));
});

it("says which part could not be had, and keeps the others", async () => {
  load({ id: "a" });
  answers("get", "incidents", () => problem(500, "it broke"));
  overview();
  expect(await screen.findByText("The incidents could not be loaded")).toBeInTheDocument();
  expect(screen.getByRole("heading", { level: 1, name: "Your monitor is up" })).toBeInTheDocument();
  expect(screen.queryByText("All clear")).not.toBeInTheDocument();
});

it("claims nothing before the monitors were read", async () => {
  answers("get", "monitors", () => problem(503, "not now"));
  overview();
  await act(() => snapshot());
  expect(await screen.findByText("The monitors could not be loaded")).toBeInTheDocument();
  expect(screen.queryByText(/up$/)).not.toBeInTheDocument();
});

it("gives way to the first run where there is nothing to watch", async () => {
  load();
  overview();
  expect(await screen.findByText("First run")).toBeInTheDocument();
});
