import "@/test/radix";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { keys } from "@/api/keys";
import { useMonitorQuery } from "@/api/queries/monitors";
import type { Monitor, MonitorBody } from "@/api/types";
import { answers, problem, serveAnswers, show } from "@/test/screen";
import { Edit } from "./edit-page";
import { bodyOf, USUAL } from "./values";

serveAnswers();

const empty = { good: 0, total: 0, expected: 0 };
const monitor: Monitor = {
  ...bodyOf({ ...USUAL, name: "Shop", url: "https://shop.example/" }),
  id: "m1",
  status: "up",
  since: "2026-11-22T00:00:00Z",
  reason: null,
  phase: 7,
  created_at: "2026-11-22T00:00:00Z",
  certificate: null,
  incident: null,
  regions_now: [],
  uptime: { "24h": empty, "7d": empty, "30d": empty },
};

beforeEach(() => {
  vi.stubGlobal("scrollTo", () => undefined);
  answers("get", "regions", { items: [], next: null });
  answers("get", "policies", { items: [], next: null });
});

function Page() {
  const { data } = useMonitorQuery("m1");
  return data ? <Edit latest={data} /> : null;
}

it("sends what was changed alone, and says what somebody else changed meanwhile", async () => {
  const user = userEvent.setup();
  let sent: MonitorBody | null = null;
  answers("get", "monitors/m1", monitor);
  answers("patch", "monitors/m1", async (request: Request) => {
    sent = (await request.json()) as MonitorBody;
    return { ...monitor, ...sent };
  });
  const { client, router } = show(<Page />);
  await user.type(await screen.findByLabelText("Name"), " two");
  client.setQueryData(keys.monitor("m1"), { ...monitor, interval: 300, tags: ["new"] });
  expect(await screen.findByText(/interval, tags\. Saving sends only what you change here/)).toBeVisible();
  expect(screen.getByLabelText("Name")).toHaveValue("Shop two");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/monitors/m1"));
  expect(sent).toEqual({ name: "Shop two" });
});

it("says when it was deleted meanwhile, and keeps the input", async () => {
  const user = userEvent.setup();
  answers("get", "monitors/m1", monitor);
  answers("patch", "monitors/m1", () => problem(404, "there is nothing here, or it is not yours"));
  show(<Page />);
  await user.type(await screen.findByLabelText("Name"), " two");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  expect(await screen.findByText(/was deleted meanwhile/)).toBeVisible();
  expect(screen.getByLabelText("Name")).toHaveValue("Shop two");
});
