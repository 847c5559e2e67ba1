import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { snapshot, store } from "@/live/live";
import { row, snapshotOf, statusTold } from "@/test/factories";
import { answers, problem, serveAnswers, signedInAs } from "@/test/screen";
import { MonitorsPage } from "./monitors-page";
import { monitorsSearch } from "./search";

serveAnswers();

beforeEach(() => {
  signedInAs("editor");
  answers("get", "regions", { items: [], next: null });
  answers("get", "monitors/beats", { items: [] });
});
afterEach(() => act(() => store.reset()));

function show(search = "") {
  const root = createRootRoute();
  const app = createRoute({ getParentRoute: () => root, id: "_app" });
  const page = createRoute({
    getParentRoute: () => app,
    path: "monitors/",
    validateSearch: monitorsSearch,
    component: MonitorsPage,
  });
  const history = createMemoryHistory({ initialEntries: [`/monitors${search}`] });
  const router = createRouter({ routeTree: root.addChildren([app.addChildren([page])]), history });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  return router;
}

const load = (...rows: Parameters<typeof row>[0][]) => act(() => store.load(snapshotOf(rows.map(row))));
const names = () => screen.getAllByRole("article").map((article) => article.getAttribute("aria-label"));

it("while loading has rows of the final size, and takes what is typed", async () => {
  show();
  expect(await screen.findByText("Loading monitors")).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText("Filter by name, address or tag"), "shop");
  load({ id: "api" }, { id: "shop" });
  await waitFor(() => expect(names()).toEqual(["shop"]));
  expect(screen.getByText("1 of 2 monitors")).toBeInTheDocument();
});

it("without any monitor says what one is, and offers to add it", async () => {
  load();
  show();
  expect(await screen.findByText("No monitors yet")).toBeInTheDocument();
  expect(await screen.findAllByRole("link", { name: "Add a monitor" })).toHaveLength(2);
});

it("says why the monitors could not be read, and tries again", async () => {
  answers("get", "monitors", () => problem(503, "not now"));
  show();
  await act(() => snapshot());
  expect(await screen.findByText("The monitors could not be loaded")).toBeInTheDocument();
  expect(screen.getByText("Not now")).toBeInTheDocument();
  answers("get", "monitors", snapshotOf([row({ id: "shop" })]));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(names()).toEqual(["shop"]));
  expect(screen.queryByText("The monitors could not be loaded")).not.toBeInTheDocument();
});

it("puts the worst first, and keeps filters and order in the URL", async () => {
  load({ id: "api" }, { id: "blog", status: "down" }, { id: "cdn", status: "degraded" });
  const router = show();
  await waitFor(() => expect(names()).toEqual(["blog", "cdn", "api"]));
  await userEvent.selectOptions(screen.getByLabelText("Sort by"), "name");
  await waitFor(() => expect(names()).toEqual(["api", "blog", "cdn"]));
  expect(router.state.location.search).toMatchObject({ sort: "name" });
  await userEvent.type(screen.getByLabelText("Filter by name, address or tag"), "b");
  await waitFor(() => expect(router.state.location.search).toMatchObject({ q: "b", sort: "name" }));
});

it("shows what a link says, and clears it where nothing matches", async () => {
  load({ id: "api" }, { id: "blog", status: "paused" });
  show("?status=down&q=nothing");
  await userEvent.click(await screen.findByRole("button", { name: "Clear filters" }));
  await waitFor(() => expect(names()).toEqual(["api", "blog"]));
});

it("holds still under the pointer, and says what would move", async () => {
  load({ id: "api" }, { id: "blog" });
  show();
  await waitFor(() => expect(names()).toEqual(["api", "blog"]));
  await userEvent.hover(screen.getByRole("feed"));
  act(() => {
    store.tell([statusTold("101-0", "blog", "down")]);
    store.flush();
  });
  const pill = await screen.findByRole("button", { name: "1 changed – reorder" }, { timeout: 4_000 });
  expect(names()).toEqual(["api", "blog"]);
  await userEvent.click(pill);
  await waitFor(() => expect(names()).toEqual(["blog", "api"]));
});

it("deletes many once their number was typed, and says of each refusal why", async () => {
  load({ id: "api" }, { id: "blog" }, { id: "cdn" });
  show();
  const user = userEvent.setup();
  let asked: unknown;
  answers("post", "monitors/bulk", async (request: Request) => {
    asked = await request.json();
    return {
      items: [
        { id: "api", ok: true, detail: null },
        { id: "blog", ok: false, detail: "not there" },
      ],
    };
  });
  await user.click(await screen.findByLabelText("Select api"));
  await user.click(screen.getByLabelText("Select blog"));
  const bar = await screen.findByRole("toolbar", { name: "Selected monitors" });
  expect(within(bar).getByText("2 selected")).toBeInTheDocument();
  await user.click(within(bar).getByRole("button", { name: "Delete" }));
  const dialog = await screen.findByRole("alertdialog");
  const confirm = within(dialog).getByRole("button", { name: "Delete 2 monitors" });
  expect(confirm).toBeDisabled();
  await user.type(within(dialog).getByLabelText("Type 2 to confirm"), "2");
  await user.click(confirm);
  await waitFor(() => expect(asked).toEqual({ action: "delete", ids: ["api", "blog"] }));
  await waitFor(() => expect(screen.queryByRole("toolbar")).not.toBeInTheDocument());
});

it("is walked by keys", async () => {
  load({ id: "api" }, { id: "blog" });
  show();
  const user = userEvent.setup();
  await waitFor(() => expect(names()).toEqual(["api", "blog"]));
  await user.keyboard("jj");
  await waitFor(() => expect(screen.getByRole("link", { name: "blog" })).toHaveFocus());
  await user.keyboard("x");
  expect(screen.getByLabelText("Select blog")).toBeChecked();
  await user.keyboard("/");
  expect(screen.getByLabelText("Filter by name, address or tag")).toHaveFocus();
});

it("lets viewers look, not change", async () => {
  signedInAs("viewer");
  load({ id: "api" });
  show();
  await userEvent.click(await screen.findByLabelText("Select api"));
  const bar = await screen.findByRole("toolbar", { name: "Selected monitors" });
  expect(within(bar).getByRole("button", { name: "Pause" })).toBeDisabled();
  expect(screen.queryByRole("link", { name: "Add a monitor" })).not.toBeInTheDocument();
});
