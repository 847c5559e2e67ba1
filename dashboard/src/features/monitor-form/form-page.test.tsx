import "@/test/radix";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { MonitorBody, Policy, Region } from "@/api/types";
import { ApiError } from "@/lib/errors";
import { answers, problem, serveAnswers, show } from "@/test/screen";
import { FormPage } from "./form-page";
import { bodyOf, type MonitorValues, USUAL } from "./values";

serveAnswers();

const region = (id: string): Region => ({
  id,
  registered: true,
  isolated: false,
  since: null,
  workers: [],
  lag_seconds: 0,
  pending: 0,
});
const policy: Policy = {
  id: "p1",
  name: "Default",
  channels: [],
  sends: ["down"],
  delay: 0,
  reminder: null,
  default: true,
  tells: [],
  warning: "nobody will be told: smtp.host is not set",
};

beforeEach(() => {
  answers("get", "regions", { items: [region("eu-west"), region("us-east")], next: null });
  answers("get", "policies", { items: [policy], next: null });
});

async function form(save: (values: MonitorValues) => Promise<() => void>, initial: Partial<MonitorValues> = {}) {
  const page = (
    <FormPage
      title="Add a monitor"
      action="Create monitor"
      initial={{ ...USUAL, ...initial }}
      edited={false}
      save={save}
      cancel={<a href="/elsewhere">Cancel</a>}
    />
  );
  const shown = show(page);
  await screen.findByRole("heading", { name: "Add a monitor" });
  return { ...shown, user: userEvent.setup() };
}

const create = () => screen.getByRole("button", { name: "Create monitor" });

describe("the monitor form", () => {
  it("needs the address alone", async () => {
    const save = vi.fn().mockResolvedValue(vi.fn());
    const { user } = await form(save);
    await user.type(screen.getByLabelText("Address"), "shop.example");
    await user.click(create());
    await waitFor(() => expect(save).toHaveBeenCalledOnce());
    expect(bodyOf(save.mock.calls[0]?.[0])).toMatchObject({ name: "shop.example", url: "https://shop.example" });
  });

  it("says what is wrong before it asks the server, and leads there", async () => {
    const save = vi.fn();
    const { user } = await form(save);
    await user.click(create());
    expect(await screen.findByText(/Write the address to watch/)).toBeVisible();
    await waitFor(() => expect(screen.getByLabelText("Address")).toHaveFocus());
    expect(save).not.toHaveBeenCalled();
  });

  it("puts what the server refuses at its field, in a closed section too, and keeps the input", async () => {
    const refusal = new ApiError({
      status: 422,
      errors: [
        { pointer: "/tls/ca", detail: "`ca` holds no certificate" },
        { pointer: "/parent", detail: "`parent` is not supported by this version: leave it out" },
      ],
    });
    const { user } = await form(() => Promise.reject(refusal), { url: "https://a.example/", ca: "nonsense" });
    await user.click(create());
    const field = await screen.findByLabelText("Your own certificate authorities");
    expect(field).toHaveValue("nonsense");
    expect(field).toHaveAccessibleDescription(/The text holds no certificate\./);
    expect(screen.getByText(/“parent” is not supported/)).toBeVisible();
    await waitFor(() => expect(field).toHaveFocus());
  });

  it.each([
    [new ApiError({ status: 0 }), /cannot be reached.*kept/],
    [
      new ApiError({ status: 409, detail: "something like this is there already" }),
      /Something like this is there already\./,
    ],
    [new ApiError({ status: 503, detail: "not now" }, "req-7"), /Not now \(request req-7\)\./],
    [new ApiError({ status: 401, detail: "sign in" }), /session has ended/],
  ])("keeps the input when the answer is %s", async (error, text) => {
    const { user } = await form(() => Promise.reject(error), { url: "https://a.example/" });
    await user.click(create());
    expect(await screen.findByText(text)).toBeVisible();
    expect(screen.getByLabelText("Address")).toHaveValue("https://a.example/");
  });

  it("asks before changes are lost, and not after they are saved", async () => {
    const { user, router } = await form(async () => () => void router.navigate({ to: "/saved" as string }));
    void router.navigate({ to: "/quietly" as string });
    await waitFor(() => expect(router.state.location.pathname).toBe("/quietly"));
    await user.type(screen.getByLabelText("Address"), "a.example");
    void router.navigate({ to: "/away" as string });
    const question = await screen.findByRole("alertdialog", { name: "Leave without saving?" });
    await user.click(within(question).getByRole("button", { name: "Keep editing" }));
    expect(router.state.location.pathname).toBe("/quietly");
    expect(screen.getByLabelText("Address")).toHaveValue("a.example");
    await user.click(create());
    await waitFor(() => expect(router.state.location.pathname).toBe("/saved"));
    expect(screen.queryByRole("alertdialog")).toBeNull();
  });
});

describe("trying it", () => {
  const outcome = {
    verdict: "down",
    reason: "status",
    suspect: null,
    http_status: 503,
    phases: { connect: 0.02, processing: 0.2 },
    address: "203.0.113.7:443",
    detail: "503 is not among 200-299",
    started_at: null,
    certificate: null,
    evidence: null,
  };

  it("shows what each region finds, and which expectation failed", async () => {
    answers("post", "monitors/try", async (request: Request) => {
      const body = (await request.json()) as MonitorBody;
      const [name = ""] = body.regions ?? [];
      if (name === "us-east") return { regions: [{ region: name, outcome: null, why: "No probe is here." }] };
      return { regions: [{ region: name, outcome, why: null }] };
    });
    const { user } = await form(vi.fn(), { url: "https://a.example/" });
    await user.click(screen.getByRole("button", { name: "Try it" }));
    expect(await screen.findByText("503 is not among 200-299")).toBeVisible();
    expect(await screen.findByText("No probe is here.")).toBeVisible();
    expect(screen.getByText("Unexpected status")).toBeVisible();
    expect(await screen.findByText("0 of 2 regions find it up.")).toBeInTheDocument();
  });

  it("puts a refusal at its field", async () => {
    const refusal = () => problem(422, "one field is not right", [{ pointer: "/url", detail: "`url` is too long" }]);
    answers("post", "monitors/try", refusal);
    const { user } = await form(vi.fn(), { url: "https://a.example/" });
    await user.click(screen.getByRole("button", { name: "Try it" }));
    expect(await screen.findByText("The address is too long.")).toBeVisible();
  });
});

describe("a TCP port", () => {
  it("has fields of its own as soon as the address says so", async () => {
    const save = vi.fn().mockResolvedValue(vi.fn());
    const { user } = await form(save);
    await user.type(screen.getByLabelText("Address"), "tcp://mail.example:25");
    expect(screen.getByText("A TCP port.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: /^Expectations/ }));
    expect(screen.queryByLabelText("Status")).toBeNull();
    await user.type(screen.getByLabelText("Answer must begin with"), "220 ");
    await user.click(screen.getByRole("button", { name: /^Advanced/ }));
    expect(screen.queryByLabelText("Method")).toBeNull();
    await user.click(screen.getByLabelText("Use TLS"));
    await user.click(create());
    await waitFor(() => expect(save).toHaveBeenCalledOnce());
    expect(bodyOf(save.mock.calls[0]?.[0])).toMatchObject({
      name: "mail.example:25",
      kind: "tcp",
      tcp: { tls: true, send: null, starts_with: "220 " },
      method: null,
    });
  });

  it("has what the server refuses at its field", async () => {
    const errors = [{ pointer: "/tcp/expect/hex", detail: "`hex` must have 1 to 16384 bytes, not 0" }];
    const { user } = await form(() => Promise.reject(new ApiError({ status: 422, errors })), {
      url: "tcp://a.example:1",
    });
    await user.click(create());
    const field = await screen.findByLabelText("Answer must contain");
    expect(field).toHaveAccessibleDescription(/must have 1 to 16384 bytes/);
  });
});
