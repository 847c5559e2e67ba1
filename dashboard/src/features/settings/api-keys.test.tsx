import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiKey, NewApiKey } from "@/api/types";
import { answers, problem, serveAnswers, show, signedInAs } from "@/test/screen";
import { ApiKeysPage } from "./api-keys-page";
import { endOf } from "./lifetimes";
import { scrapeConfig } from "./scrape-config";

const deploys: ApiKey = {
  id: "k1",
  name: "Deploys",
  scopes: ["write"],
  prefix: "ug_Ab12Cd",
  created_at: "2026-01-01T00:00:00Z",
  created_by: { kind: "person", id: "u1", name: "Ada" },
  expires_at: null,
  last_used_at: null,
};
const made: NewApiKey = { ...deploys, id: "k2", name: "Prometheus", scopes: ["metrics"], key: "ug_the-whole-key" };

const listed = (...items: ApiKey[]) => answers("get", "api-keys", { items, next: null });

serveAnswers();
beforeEach(() => signedInAs("admin"));

describe("the list of keys", () => {
  it("says what each may do, whether it is used, and when it ends", async () => {
    listed(
      deploys,
      { ...deploys, id: "k3", name: "Old", expires_at: "2020-01-01T00:00:00Z", last_used_at: "2019-12-31T00:00:00Z" },
      { ...deploys, id: "k4", name: "Orphan", created_by: null, expires_at: "2999-01-01T12:00:00Z" },
      { ...deploys, id: "k5", expires_at: new Date(Date.now() + 30 * 86_400_000 - 5_000).toISOString() },
    );
    show(<ApiKeysPage />);
    const [first, old, orphan, soon] = await screen.findAllByRole("listitem");
    expect(first).toHaveTextContent(/DeploysWrite.*ug_Ab12Cd….*by Ada.*Never used/);
    expect(old).toHaveTextContent(/Used .* ago.*Expired/);
    expect(orphan).toHaveTextContent(/Ends Jan 1, 2999/);
    expect(soon).toHaveTextContent(/Ends in 29 d/);
    expect(orphan).not.toHaveTextContent(/ by /);
  });

  it("says that there is none, and what to do", async () => {
    listed();
    show(<ApiKeysPage />);
    expect(await screen.findByText("No API keys yet")).toBeInTheDocument();
    expect(await screen.findByText(/Create one for each program/)).toBeInTheDocument();
    expect(screen.getByText(/metrics_path: \/api\/v1\/metrics/)).toBeInTheDocument();
  });

  it("can be asked for again when it could not be loaded", async () => {
    answers("get", "api-keys", () => problem(503, "not now"));
    show(<ApiKeysPage />);
    expect(await screen.findByText("The API keys could not be loaded")).toBeInTheDocument();
    listed(deploys);
    await userEvent.click(screen.getByRole("button", { name: /Try again|Retry/ }));
    expect(await screen.findByText("Deploys")).toBeInTheDocument();
  });

  it("shows those who may not change it why", async () => {
    signedInAs("viewer");
    listed(deploys);
    show(<ApiKeysPage />);
    expect(await screen.findByText(/This needs the role admin or more. You are a viewer./)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Create key|Revoke/ })).not.toBeInTheDocument();
  });
});

describe("a new key", () => {
  async function fill() {
    const user = userEvent.setup();
    listed();
    show(<ApiKeysPage />);
    await user.click(await screen.findByRole("button", { name: "Create key" }));
    const dialog = within(await screen.findByRole("dialog", { name: "New API key" }));
    await user.type(dialog.getByRole("textbox", { name: "Name" }), "Prometheus");
    return { user, dialog };
  }

  it("is made with what was chosen, and shown this once", async () => {
    const sent = vi.fn();
    answers("post", "api-keys", async (request: Request) => {
      sent(await request.json());
      return Response.json(made, { status: 201 });
    });
    const { user, dialog } = await fill();
    expect(dialog.getByRole("button", { name: "Create key" })).toBeDisabled();
    await user.click(dialog.getByRole("checkbox", { name: "Metrics" }));
    await user.selectOptions(dialog.getByRole("combobox", { name: "Good for" }), "30 days");
    await user.click(dialog.getByRole("button", { name: "Create key" }));
    expect(await screen.findByText("ug_the-whole-key")).toBeInTheDocument();
    expect(sent).toHaveBeenCalledWith({ name: "Prometheus", scopes: ["metrics"], expires_at: expect.any(String) });
    expect(Date.parse(sent.mock.calls[0]?.[0].expires_at)).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    expect(screen.getByText(/credentials: ug_the-whole-key/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "I have copied it" }));
    await vi.waitFor(() => expect(screen.queryByText("ug_the-whole-key")).not.toBeInTheDocument());
  });

  it("keeps the input and says why it was refused", async () => {
    answers("post", "api-keys", () => problem(409, "there are 100 API keys already: revoke one that nobody uses"));
    const { user, dialog } = await fill();
    await user.click(dialog.getByRole("checkbox", { name: "Write" }));
    await user.click(dialog.getByRole("button", { name: "Create key" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("There are 100 API keys already");
    expect(dialog.getByRole("textbox", { name: "Name" })).toHaveValue("Prometheus");
    expect(dialog.getByRole("checkbox", { name: "Write" })).toBeChecked();
  });
});

it("asks before a key is revoked", async () => {
  const revoked = vi.fn();
  listed(deploys);
  answers("delete", "api-keys/k1", () => {
    revoked();
    listed();
    return new Response(null, { status: 204 });
  });
  show(<ApiKeysPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Revoke Deploys" }));
  const dialog = within(await screen.findByRole("alertdialog", { name: "Revoke Deploys?" }));
  expect(revoked).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole("button", { name: "Revoke key" }));
  expect(await screen.findByText("No API keys yet")).toBeInTheDocument();
  expect(revoked).toHaveBeenCalledOnce();
});

it("writes a scrape configuration for the address of the page", () => {
  expect(scrapeConfig("https://up.example:8443", "ug_x").split("\n")).toEqual([
    "scrape_configs:",
    "  - job_name: upguard-monitors",
    "    scheme: https",
    "    metrics_path: /api/v1/metrics",
    "    authorization:",
    "      credentials: ug_x",
    "    static_configs:",
    '      - targets: ["up.example:8443"]',
  ]);
});

it("counts a lifetime from now", () => {
  expect(endOf("", 0)).toBeUndefined();
  expect(endOf("30", 1_700_000_000)).toBe("2023-12-14T22:13:20.000Z");
});
