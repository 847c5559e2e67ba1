import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { act, configure, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Beat } from "@/api/types";
import { store } from "@/live/live";
import {
  beats,
  downVerdict,
  failure,
  ID,
  incident,
  monitor,
  NOW,
  result,
  results,
  series,
  uptime,
  verdict,
} from "@/test/monitor-fixtures";
import { answers, problem, serveAnswers, signedInAs } from "@/test/screen";
import { Toaster } from "@/ui/toaster";
import { MonitorPage } from "./monitor-page";
import { monitorSearch } from "./search";

const own = `monitors/${ID}`;
vi.mock("@/charts/response-chart", () => ({ default: () => <p>The chart</p> }));

// A whole page with chunks of its own takes its time on a busy machine.
configure({ asyncUtilTimeout: 8_000 });
vi.setConfig({ testTimeout: 30_000 });
serveAnswers();
beforeEach(() => {
  signedInAs("editor");
  window.matchMedia = ((media: string) => ({
    matches: false,
    media,
    addEventListener() {},
    removeEventListener() {},
  })) as never;
  window.ResizeObserver = class {
    observe() {}
    unobserve() {}
    disconnect() {}
  } as never;
  window.scrollTo = () => undefined;
  answers("get", own, monitor());
  answers("get", `${own}/verdict`, verdict());
  answers("get", `${own}/series`, series());
  answers("get", `${own}/uptime`, uptime());
  answers("get", `${own}/results`, results(20));
  answers("get", "monitors/beats", { items: [beats()] });
  answers("get", "incidents", { items: [incident()], next: null });
});

/** The page at its address, as the app's router has it. */
function open(search = "") {
  const root = createRootRoute();
  const app = createRoute({ getParentRoute: () => root, id: "_app" });
  const page = createRoute({
    getParentRoute: () => app,
    path: "/monitors/$id/",
    validateSearch: monitorSearch,
    component: MonitorPage,
  });
  const other = createRoute({ getParentRoute: () => root, path: "$", component: () => <p>Elsewhere</p> });
  const router = createRouter({
    routeTree: root.addChildren([app.addChildren([page]), other]),
    history: createMemoryHistory({ initialEntries: [`/monitors/${ID}/${search}`] }),
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: "always" } } });
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router as never} />
      <Toaster />
    </QueryClientProvider>,
  );
  return { router, client };
}

const panel = async (name: string) => within(await screen.findByRole("region", { name }));

/** The menu loads on its own. */
async function openMenu() {
  await waitFor(() => expect(screen.getByRole("button", { name: "More actions" })).toBeEnabled());
  await userEvent.click(screen.getByRole("button", { name: "More actions" }));
}

describe("the page", () => {
  it("is loading at first", async () => {
    answers("get", own, () => new Promise(() => undefined));
    open();
    expect(await screen.findByText("Loading the monitor")).toBeInTheDocument();
  });

  it("says that a monitor is gone", async () => {
    answers("get", own, () => problem(404, "no such monitor"));
    open();
    expect(await screen.findByText("Deleted or never existed")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Search the monitors" })).toBeInTheDocument();
  });

  it("says what went wrong, and tries again", async () => {
    answers("get", own, () => problem(503, "the database is away"));
    open();
    expect(await screen.findByText("The database is away")).toBeInTheDocument();
    answers("get", own, monitor());
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Shop" })).toBeInTheDocument();
  });

  it("keeps what it knows when the connection breaks", async () => {
    const { client } = open();
    await screen.findByRole("heading", { level: 1, name: "Shop" });
    answers("get", own, () => HttpResponse.error());
    await client.invalidateQueries({ queryKey: ["monitors", ID], exact: true });
    expect(await screen.findByText("The monitor could not be loaded")).toBeInTheDocument();
    expect(screen.getByRole("heading", { level: 1, name: "Shop" })).toBeInTheDocument();
  });

  it("shows who may only look nothing that changes", async () => {
    signedInAs("viewer");
    open();
    await screen.findByRole("heading", { level: 1, name: "Shop" });
    await waitFor(() => expect(screen.queryByRole("button", { name: "Pause" })).not.toBeInTheDocument());
    await openMenu();
    expect(await screen.findByRole("menuitem", { name: "Copy id" })).toBeInTheDocument();
    expect(screen.queryByRole("menuitem", { name: "Delete…" })).not.toBeInTheDocument();
  });

  it("pauses, and says so", async () => {
    answers("post", `${own}/pause`, monitor({ enabled: false, status: "paused" }));
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Pause" }));
    expect(await screen.findByRole("button", { name: "Resume" })).toBeInTheDocument();
    expect(await screen.findByText("Paused: it is not checked")).toBeInTheDocument();
  });

  it("asks before it deletes", async () => {
    const deleted = vi.fn(() => new HttpResponse(null, { status: 204 }));
    answers("delete", own, deleted);
    const { router } = open();
    await openMenu();
    await userEvent.click(await screen.findByRole("menuitem", { name: "Delete…" }));
    const dialog = within(await screen.findByRole("alertdialog", { name: "Delete Shop?" }));
    expect(deleted).not.toHaveBeenCalled();
    await userEvent.click(dialog.getByRole("button", { name: "Delete monitor" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/monitors"));
  });
});

describe("the verdict", () => {
  it("is explained by region, rule, confirmation and alerts", async () => {
    answers("get", own, monitor({ status: "down" }));
    answers("get", `${own}/verdict`, downVerdict());
    open();
    const why = await panel("Why it is down");
    expect(why.getAllByText("2 of 3 regions find it down. It takes 2.")[0]).toBeInTheDocument();
    expect(why.getAllByText("Connection failed: 2 or more failures in a row.")[0]).toBeInTheDocument();
    expect(why.getByText(/More than half of the regions/)).toBeInTheDocument();
    expect(why.getByText(/2 channels were told/)).toBeInTheDocument();
    expect(why.getByRole("link", { name: "See the incident" })).toHaveAttribute("href", "/incidents/i1");
  });

  it("fails alone", async () => {
    answers("get", `${own}/verdict`, () => problem(500, "oops"));
    open();
    expect(await screen.findByText("The verdict could not be loaded")).toBeInTheDocument();
    expect(await screen.findByText("The chart")).toBeInTheDocument();
  });

  it("names suspect regions", async () => {
    open();
    const why = await panel("Why it is up");
    expect(await why.findByText("ap-south has no vote: the probe doubts what it sees.")).toBeInTheDocument();
    expect(why.getByText("No vote")).toBeInTheDocument();
  });
});

describe("the figures", () => {
  it("are of the range in the URL, which the picker writes", async () => {
    const asked: URL[] = [];
    answers("get", `${own}/series`, (request: Request) => {
      asked.push(new URL(request.url));
      return series();
    });
    const { router } = open("?range=7d&pct=p99&by=regions");
    expect(await screen.findByText("The chart")).toBeInTheDocument();
    const length = (url?: URL) => Number(url?.searchParams.get("to")) - Number(url?.searchParams.get("from"));
    expect(length(asked[0])).toBe(7 * 86_400);
    expect(screen.getByRole("button", { name: "p99" })).toHaveAttribute("aria-pressed", "true");
    await userEvent.click(screen.getByRole("button", { name: "Last 30 days" }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ range: "30d", pct: "p99" }));
    await userEvent.click(screen.getByRole("button", { name: "Last 24 hours" }));
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty("range"));
  });

  it("offer a wider range where nothing was measured", async () => {
    answers("get", `${own}/series`, series(NOW - 3_600, NOW, 0));
    const { router } = open("?range=1h");
    expect(await screen.findByText("Nothing was measured in the last hour")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Show the last 30 days" }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ range: "30d" }));
  });

  it("say what went wrong, beside panels that work", async () => {
    answers("get", `${own}/series`, () => problem(503, "the database is away"));
    open();
    expect(await screen.findByText("The figures could not be loaded")).toBeInTheDocument();
    expect(await screen.findByText("99.671 % uptime in 90 days")).toBeInTheDocument();
  });

  it("are a table too", async () => {
    open();
    const chart = await panel("Response times");
    await chart.findByText("The chart");
    expect(chart.getByText(/^p95 of the last 24 hours is/)).toBeInTheDocument();
    await userEvent.click(chart.getByRole("button", { name: "View as table" }));
    expect(await chart.findByRole("table")).toHaveTextContent("Transfer");
    expect(chart.getAllByRole("row").length).toBe(61);
    await userEvent.click(chart.getByRole("button", { name: "Show more" }));
    expect(chart.getAllByRole("row").length).toBe(289);
  });

  it("put coverage beside uptime", async () => {
    open();
    const coverage = await panel("Uptime and coverage");
    const row = (await coverage.findByText("Last 90 days", { exact: false })).closest("tr");
    expect(row).toHaveTextContent("99.671 %");
    expect(row).toHaveTextContent("98.71 %");
  });

  it("open a day of the bar as a range", async () => {
    const { router } = open();
    const bar = await screen.findByRole("slider", { name: "Uptime of the last 90 days" });
    Element.prototype.scrollIntoView = vi.fn();
    bar.focus();
    await userEvent.keyboard("{Enter}");
    const day = Date.parse("2026-11-22T00:00:00Z") / 1000;
    await waitFor(() => expect(router.state.location.search).toMatchObject({ range: `${day}-${day + 86_400}` }));
  });
});

describe("failures", () => {
  it("open with what was kept of them", async () => {
    const failed = failure({ slot: NOW - 34_570 });
    answers("get", `${own}/results`, { items: [failed], next: null });
    const evidence = {
      request: "GET /checkout HTTP/1.1",
      response_head: "HTTP/1.1 503",
      body: "Back soon",
      body_cut: true,
      certificate: null,
    };
    const kept = {
      region: failed.region,
      slot: failed.slot,
      attempt: 0,
      reason: "status" as const,
      detail: null,
      evidence,
    };
    answers("get", "incidents/i1", incident({ failures: [kept] }));
    open();
    const list = await panel("Latest failures");
    await userEvent.click(await list.findByRole("button", { name: /Unexpected status/ }));
    const sheet = within(await screen.findByRole("dialog", { name: "Check from eu-west" }));
    expect(await sheet.findByText("HTTP/1.1 503")).toBeInTheDocument();
    expect(sheet.getByText("Only its beginning was kept.")).toBeInTheDocument();
  });

  it("of a TCP port show what it said, and no status", async () => {
    const target = monitor({ url: "tcp://mail.example:25", kind: "tcp", method: null, headers: null });
    answers("get", own, target);
    const failed = failure({ slot: NOW - 34_570, reason: "answer", http_status: null });
    answers("get", `${own}/results`, { items: [failed], next: null });
    const evidence = { request: "", response_head: null, body: "421 busy", body_cut: false, certificate: null };
    const { region, slot } = failed;
    const kept = { region, slot, attempt: 0, reason: "answer" as const, detail: null, evidence };
    answers("get", "incidents/i1", incident({ failures: [kept] }));
    open();
    const list = await panel("Latest failures");
    expect(screen.getByText("tcp://mail.example:25").closest("a")).toBeNull();
    await userEvent.click(await list.findByRole("button", { name: /Unexpected answer/ }));
    const sheet = within(await screen.findByRole("dialog", { name: "Check from eu-west" }));
    expect(await sheet.findByText("421 busy")).toBeInTheDocument();
    expect(sheet.queryByText("There was no response.")).toBeNull();
    expect(sheet.queryByText("Status")).toBeNull();
  });

  it("show the region's first failure where nothing was kept of a later one", async () => {
    const later = failure({ slot: NOW - 33_000 });
    answers("get", `${own}/results`, { items: [later], next: null });
    const evidence = {
      request: "GET /first HTTP/1.1",
      response_head: null,
      body: null,
      body_cut: false,
      certificate: null,
    };
    const first = {
      region: later.region,
      slot: NOW - 34_570,
      attempt: 0,
      reason: "connect" as const,
      detail: null,
      evidence,
    };
    answers("get", "incidents/i1", incident({ failures: [first] }));
    open();
    const list = await panel("Latest failures");
    await userEvent.click(await list.findByRole("button", { name: /Unexpected status/ }));
    const sheet = within(await screen.findByRole("dialog", { name: "Check from eu-west" }));
    expect(await sheet.findByText("GET /first HTTP/1.1")).toBeInTheDocument();
    expect(sheet.getByText(/As it was at the first failure of eu-west/)).toBeInTheDocument();
    expect(sheet.getByRole("link", { name: "See the incident" })).toHaveAttribute("href", "/incidents/i1");
  });

  it("may be none", async () => {
    answers("get", `${own}/results`, { items: [], next: null });
    answers("get", "incidents", { items: [], next: null });
    open();
    expect(await screen.findByText("No failures")).toBeInTheDocument();
    expect(await screen.findByText("No incidents")).toBeInTheDocument();
  });
});

describe("check now", () => {
  it("shows each region's phases as they arrive", async () => {
    let answered = [result({ slot: NOW, attempt: 255, cause: "request" })];
    answers("post", `${own}/check`, { slot: NOW, regions: ["eu-west", "us-east"] }, 202);
    answers("get", `${own}/results`, (request: Request) =>
      HttpResponse.json(request.url.includes("attempt=request") ? { items: answered, next: null } : results(4)),
    );
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Check now" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Check now" }));
    expect(await sheet.findByText("Waiting for 1 region of 2…")).toBeInTheDocument();
    expect(sheet.getByText("88 ms")).toBeInTheDocument();
    answered = [...answered, failure({ slot: NOW, attempt: 255, cause: "request", region: "us-east" })];
    expect(await sheet.findByText("Done.")).toBeInTheDocument();
    expect(sheet.getByText("answered 503, expected 200-299")).toBeInTheDocument();
    expect(sheet.getByRole("button", { name: "Check again" })).toBeInTheDocument();
  });

  it("says why it could not ask", async () => {
    answers("post", `${own}/check`, () => problem(503, "redis took no job within 1 s"));
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Check now" }));
    expect(await screen.findByText("Redis took no job within 1 s")).toBeInTheDocument();
  });
});

describe("the log of checks", () => {
  const beat: Beat = { monitor: ID, region: "eu-west", slot: NOW, attempt: 0, verdict: "up", ms: 182 };

  it("filters by the URL", async () => {
    const asked: URL[] = [];
    answers("get", `${own}/results`, (request: Request) => {
      asked.push(new URL(request.url));
      return { items: [], next: null };
    });
    const { router } = open("?tab=checks&verdict=down&region=eu-west");
    expect(await screen.findByText("No failures")).toBeInTheDocument();
    expect(asked.at(-1)?.searchParams.get("verdict")).toBe("down");
    expect(asked.at(-1)?.searchParams.get("region")).toBe("eu-west");
    await userEvent.click(screen.getByRole("button", { name: "Show all checks" }));
    await waitFor(() => expect(router.state.location.search).toEqual({ tab: "checks" }));
  });

  it("is loading, empty or broken, each in its own words", async () => {
    answers("get", `${own}/results`, () => problem(503, "the database is away"));
    open("?tab=checks");
    expect(await screen.findByText("The checks could not be loaded")).toBeInTheDocument();
    answers("get", `${own}/results`, { items: [], next: null });
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("No checks yet")).toBeInTheDocument();
  });

  it("counts what is new while the tail is off, and reads it when asked", async () => {
    let reads = 0;
    answers("get", `${own}/results`, () => {
      reads += 1;
      return results(4);
    });
    open("?tab=checks");
    const tail = await screen.findByRole("switch", { name: "Live tail" });
    await userEvent.click(tail);
    await screen.findByText("That is the whole log.");
    const before = reads;
    const told = { id: null, event: "beat" as const, data: { beats: [beat, { ...beat, region: "us-east" }] } };
    act(() => store.tell([told]));
    await userEvent.click(await screen.findByRole("button", { name: "2 new" }));
    await waitFor(() => expect(reads).toBeGreaterThan(before));
    expect(screen.queryByRole("button", { name: /new$/ })).not.toBeInTheDocument();
  });
});

describe("keys", () => {
  it("choose a range and ask for a check", async () => {
    answers("post", `${own}/check`, { slot: NOW, regions: [] }, 202);
    const { router } = open();
    await screen.findByText("The chart");
    await userEvent.keyboard("3");
    await waitFor(() => expect(router.state.location.search).toMatchObject({ range: "7d" }));
    await userEvent.keyboard("r");
    expect(await screen.findByRole("dialog", { name: "Check now" })).toHaveTextContent("There is no region to ask");
  });
});

describe("the two sides of the page", () => {
  it("are links, of which one is where we are", async () => {
    open("?tab=checks&range=7d");
    const checks = await screen.findByRole("link", { name: "Checks" });
    expect(checks).toHaveAttribute("aria-current", "page");
    const overview = screen.getByRole("link", { name: "Overview" });
    expect(overview).not.toHaveAttribute("aria-current");
    await userEvent.click(overview);
    expect(await screen.findByText("Last 7 days", { selector: "h2" })).toBeInTheDocument();
    await waitFor(() => {
      expect(screen.getByRole("link", { name: "Overview" })).toHaveAttribute("aria-current", "page");
      expect(screen.getByRole("link", { name: "Checks" })).not.toHaveAttribute("aria-current");
    });
  });
});
