import "@/test/radix";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import type { ChannelBody, MonitorBody, Policy, PolicyBody } from "@/api/types";
import { finishOnboarding } from "@/lib/onboarding";
import { answers, problem, serveAnswers, show, signedInAs } from "@/test/screen";
import { Onboarding } from "./onboarding";

serveAnswers();

const policy: Policy = {
  id: "p1",
  name: "Default",
  channels: ["c0"],
  sends: ["down"],
  delay: 0,
  reminder: null,
  default: true,
  tells: [
    {
      channel: "c0",
      name: "Owners",
      kind: "email",
      able: false,
      why_not: "smtp.host is not set",
      why_not_code: "no_mail_server",
    },
  ],
  warning: "nobody will be told: smtp.host is not set",
};
const eu = { id: "eu-west", registered: true, isolated: false, since: null, workers: [], lag_seconds: 0, pending: 0 };
const up = {
  verdict: "up",
  reason: null,
  suspect: null,
  http_status: 200,
  phases: { connect: 0.02, processing: 0.1 },
  address: "203.0.113.7:443",
  detail: null,
  started_at: null,
  certificate: null,
  evidence: null,
};

beforeEach(() => {
  vi.stubGlobal("scrollTo", () => undefined);
  finishOnboarding();
  answers("get", "regions", { items: [eu], next: null });
  answers("get", "policies", { items: [policy], next: null });
});

it("leads from an address to a live monitor and a channel that was tested", { timeout: 30_000 }, async () => {
  signedInAs("owner");
  const user = userEvent.setup();
  const made: { monitor?: MonitorBody; channel?: ChannelBody; policy?: PolicyBody } = {};
  answers("post", "monitors/try", { regions: [{ region: "eu-west", outcome: up, why: null }] });
  answers("post", "monitors", async (request: Request) => {
    made.monitor = (await request.json()) as MonitorBody;
    return { ...made.monitor, id: "m1", status: "pending" };
  });
  answers("get", "monitors/m1", { id: "m1", name: "shop.example", url: "https://shop.example", status: "up" });
  const { router } = show(<Onboarding />);

  await user.type(await screen.findByLabelText("Address"), "shop.example");
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(await screen.findByText("HTTP 200")).toBeVisible();
  await user.click(await screen.findByRole("button", { name: "Keep checking every minute" }));
  expect(await screen.findByRole("heading", { name: "Your first monitor is live" })).toBeVisible();
  expect(made.monitor).toEqual({ name: "shop.example", url: "https://shop.example" });
  expect(await screen.findByText(/Nobody will be told: this installation has no mail server/)).toBeVisible();

  answers("post", "channels", async (request: Request) => {
    made.channel = (await request.json()) as ChannelBody;
    return { id: "c1", name: made.channel.name };
  });
  answers("get", "channels", { items: [], next: null });
  answers("patch", "policies/p1", async (request: Request) => {
    made.policy = (await request.json()) as PolicyBody;
    const tells = [
      ...policy.tells,
      { channel: "c1", name: "Slack", kind: "slack", able: true, why_not: null, why_not_code: null },
    ];
    const changed = { ...policy, ...made.policy, tells, warning: null };
    answers("get", "policies", { items: [changed], next: null });
    return changed;
  });
  answers("post", "channels/c1/test", { ok: false, status: 404, answer: "no_team", took_ms: 80, permanent: true });
  await user.type(screen.getByLabelText("Webhook URL"), "https://hooks.slack.example/T/B/x");
  await user.click(screen.getByRole("button", { name: "Add channel" }));
  await user.click(await screen.findByRole("button", { name: "Send test to Slack" }));
  expect(await screen.findByText("It did not arrive: status 404: no_team")).toBeVisible();
  expect(made.channel).toEqual({
    kind: "slack",
    name: "Slack",
    settings: { url: "https://hooks.slack.example/T/B/x" },
  });
  expect(made.policy).toEqual({ channels: ["c0", "c1"] });

  await user.click(screen.getByRole("button", { name: "Done: show my monitor" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/monitors/m1"));
});

it("refuses what is no address, and shows what the server refuses at the field", async () => {
  signedInAs("owner");
  const user = userEvent.setup();
  show(<Onboarding />);
  await user.type(await screen.findByLabelText("Address"), "two words");
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(await screen.findByText(/This is no address/)).toBeVisible();

  answers("post", "monitors/try", () => problem(422, "no", [{ pointer: "/url", detail: "`url` is too long" }]));
  await user.clear(screen.getByLabelText("Address"));
  await user.type(screen.getByLabelText("Address"), "shop.example");
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(await screen.findByText("The address is too long.")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Keep checking every minute" })).toBeNull();
});

it("tells viewers that others must begin", async () => {
  signedInAs("viewer");
  show(<Onboarding />);
  expect(await screen.findByText(/role editor has to add the first one/)).toBeVisible();
  expect(screen.queryByLabelText("Address")).toBeNull();
});
