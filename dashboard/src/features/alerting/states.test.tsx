import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Channel, Policy } from "@/api/types";
import { answers, problem, serveAnswers, show, signedInAs } from "@/test/screen";
import { ChannelSheet } from "./channel-sheet";
import { PolicyCard } from "./policy-card";
import { SecretDialog } from "./secret-dialog";
import { TestButton } from "./test-button";
import { Unconfirmed } from "./unconfirmed";

const hook: Channel = {
  id: "c1",
  kind: "webhook",
  name: "Hook",
  enabled: true,
  settings: { url: "https://example.com/hook" },
  secrets: ["secret"],
  unconfirmed: [],
  able: true,
  why_not: null,
  why_not_code: null,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};

serveAnswers();
beforeEach(() => signedInAs("admin"));

describe("a channel's form", () => {
  const sheet = (channel: Channel | null, showSecret = vi.fn()) => (
    <ChannelSheet kind="webhook" channel={channel} close={() => undefined} showSecret={showSecret} />
  );

  it("asks for what is missing before it asks the server", async () => {
    show(sheet(null));
    await userEvent.click(await screen.findByRole("button", { name: "Add channel" }));
    expect(screen.getByText("Give the channel a name.")).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: /^URL/ })).toHaveAccessibleDescription("Enter the URL.");
  });

  it("shows the server's errors at their fields, and keeps the input", async () => {
    answers("post", "channels", () =>
      problem(422, "", [{ pointer: "/settings/url", detail: "must begin with https://" }]),
    );
    show(sheet(null));
    await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "Hook");
    await userEvent.type(screen.getByRole("textbox", { name: "URL" }), "http://example.com");
    await userEvent.click(screen.getByRole("button", { name: "Add channel" }));
    expect(await screen.findByText("Must begin with https://")).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: /^URL/ })).toHaveValue("http://example.com");
  });

  it("wants a whole web address", async () => {
    show(sheet(null));
    await userEvent.type(await screen.findByRole("textbox", { name: "URL" }), "example.com/hook");
    await userEvent.click(screen.getByRole("button", { name: "Add channel" }));
    expect(screen.getByRole("textbox", { name: /^URL/ })).toHaveAccessibleDescription(/This is no web address/);
  });

  it("hands on the secret that was made, which is shown once", async () => {
    const made = { ...hook, secret: "whsec_made" };
    answers("post", "channels", made, 201);
    const showSecret = vi.fn();
    show(sheet(null, showSecret));
    await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "Hook");
    await userEvent.type(screen.getByRole("textbox", { name: "URL" }), "https://example.com/hook");
    await userEvent.click(screen.getByRole("button", { name: "Add channel" }));
    await vi.waitFor(() => expect(showSecret).toHaveBeenCalledWith(made));
    show(<SecretDialog channel={made} close={() => undefined} />);
    expect(await screen.findByText("whsec_made")).toBeInTheDocument();
  });

  it("never shows a stored secret, and leaves it alone", async () => {
    const sent = vi.fn();
    answers("patch", "channels/c1", async (request: Request) => {
      sent(await request.json());
      return hook;
    });
    show(sheet(hook));
    expect(await screen.findByRole("button", { name: /the signing secret$/ })).toBeInTheDocument();
    await userEvent.type(screen.getByRole("textbox", { name: "Name" }), "s");
    await userEvent.click(screen.getByRole("button", { name: "Save changes" }));
    await vi.waitFor(() => expect(sent).toHaveBeenCalledWith({ name: "Hooks" }));
  });
});

it("shows what a receiver said to a test", async () => {
  const said = { ok: false, status: 404, answer: "no such hook", took_ms: 12, permanent: true };
  answers("post", "channels/c1/test", said);
  show(<TestButton channel={hook} />);
  await userEvent.click(await screen.findByRole("button", { name: /^Send test/ }));
  expect(await screen.findByText("The test did not arrive")).toBeInTheDocument();
  expect(screen.getByText("no such hook")).toBeInTheDocument();
  expect(screen.getByText(/It would refuse again/)).toBeInTheDocument();
});

it("shows who has not confirmed yet, and asks them again", async () => {
  const mail: Channel = { ...hook, kind: "email", unconfirmed: [{ address: "ops@example.org", asked_at: null }] };
  const asked = { items: [{ address: "ops@example.org", sent: false, why_not: "too often: wait 60 s" }] };
  answers("post", "channels/c1/confirmations", asked);
  show(<Unconfirmed channel={mail} may />);
  expect(await screen.findByText(/mailed nothing until then: ops@example.org/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: /^Ask again/ }));
  expect(await screen.findByText("ops@example.org: too often: wait 60 s")).toBeInTheDocument();
});

describe("a policy that would tell nobody", () => {
  const policy: Policy = {
    id: "p1",
    name: "Default",
    channels: [],
    sends: ["down"],
    delay: 0,
    reminder: null,
    default: true,
    tells: [],
    warning: "nobody will be told: the policy has no channels",
  };

  it("says so, and opens the way to mend it", async () => {
    const edit = vi.fn();
    show(<PolicyCard policy={policy} may edit={edit} />);
    expect(await screen.findByText("Nobody will be told: it has no channels.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Choose channels" }));
    expect(edit).toHaveBeenCalled();
  });

  it("sends those who may not to an admin", async () => {
    show(<PolicyCard policy={policy} may={false} edit={() => undefined} />);
    expect(await screen.findByText("Ask an admin to mend it.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Edit/ })).not.toBeInTheDocument();
  });
});
