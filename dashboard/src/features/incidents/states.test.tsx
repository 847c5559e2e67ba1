import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Incident } from "@/api/types";
import { answers, problem, serveAnswers, show, signedInAs } from "@/test/screen";
import { CommentBox } from "./comment-box";
import { IncidentList } from "./incident-list";
import { Steps } from "./steps";

const open: Incident = {
  id: "i1",
  kind: "availability",
  state: "open",
  level: "down",
  worst: "down",
  reason: "connect",
  flapping: false,
  monitor: { id: "m1", name: "Shop" },
  region: null,
  failed_in: [],
  opened_at: "2026-01-01T00:00:00Z",
  acknowledged_at: null,
  resolved_at: null,
  acknowledged_by: null,
};

serveAnswers();
beforeEach(() => signedInAs("editor"));

describe("the list", () => {
  const list = <IncidentList title="Open" filter={{ state: ["open"] }} empty={<p>All clear</p>} />;

  it("is loading, which is not the same as empty", async () => {
    answers("get", "incidents", () => new Promise(() => undefined));
    show(list);
    expect(await screen.findByText("Loading Open")).toBeInTheDocument();
    expect(screen.queryByText("All clear")).not.toBeInTheDocument();
  });

  it("says that it is empty", async () => {
    answers("get", "incidents", { items: [], next: null });
    show(list);
    expect(await screen.findByText("All clear")).toBeInTheDocument();
  });

  it("says what went wrong, and tries again", async () => {
    answers("get", "incidents", () => problem(503, "the database is away"));
    show(list);
    expect(await screen.findByText("The database is away")).toBeInTheDocument();
    answers("get", "incidents", { items: [open], next: null });
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Shop")).toBeInTheDocument();
  });

  it("names the regions a monitor failed in", async () => {
    answers("get", "incidents", { items: [{ ...open, failed_in: ["eu-west", "us-east"] }], next: null });
    show(list);
    expect(await screen.findByRole("listitem")).toHaveTextContent("failed in eu-west, us-east");
  });

  it("keeps the last good data beneath an error", async () => {
    answers("get", "incidents", { items: [open], next: null });
    const { client } = show(list);
    await screen.findByText("Shop");
    answers("get", "incidents", () => HttpResponse.error());
    await client.invalidateQueries();
    expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached");
    expect(screen.getByText("Shop")).toBeInTheDocument();
    expect(screen.getByText(/^As of/)).toBeInTheDocument();
  });

  it("loads more where there is more", async () => {
    const older = { ...open, id: "i2", monitor: { id: "m2", name: "Blog" } };
    answers("get", "incidents", (request: Request) =>
      request.url.includes("after=i1") ? { items: [older], next: null } : { items: [open], next: "i1" },
    );
    show(list);
    await userEvent.click(await screen.findByRole("button", { name: "Load more" }));
    expect(await screen.findByText("Blog")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Load more" })).not.toBeInTheDocument();
  });
});

describe("acknowledging", () => {
  it("is refused offline, and says that nothing is kept", async () => {
    answers("post", "incidents/i1/acknowledge", () => HttpResponse.error());
    show(<Steps incident={open} />);
    await userEvent.click(await screen.findByRole("button", { name: "Acknowledge" }));
    expect(await screen.findByText(/You are offline, and nothing is kept for later/)).toBeInTheDocument();
  });

  it("takes back what it showed where the server refuses", async () => {
    answers("get", "incidents", { items: [open], next: null });
    let refuse: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      refuse = resolve;
    });
    answers("post", "incidents/i1/acknowledge", async () => {
      await held;
      return problem(409, "somebody acknowledged this incident already");
    });
    show(
      <>
        <IncidentList title="Open" filter={{ state: ["open"] }} empty={null} />
        <Steps incident={open} />
      </>,
    );
    const list = await screen.findByRole("list", { name: "Open" });
    await userEvent.click(await screen.findByRole("button", { name: "Acknowledge" }));
    await waitFor(() => expect(within(list).queryByText("Nobody on it")).not.toBeInTheDocument());
    refuse();
    expect(await within(list).findByText("Nobody on it")).toBeInTheDocument();
    expect(await screen.findByText("Somebody acknowledged this incident already")).toBeInTheDocument();
  });

  it("tells a viewer why not", async () => {
    signedInAs("viewer");
    show(<Steps incident={open} />);
    expect(await screen.findByText("This needs the role editor or more. You are a viewer.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Acknowledge" })).not.toBeInTheDocument();
  });
});

describe("a comment", () => {
  it("keeps what was typed until it has arrived", async () => {
    answers("post", "incidents/i1/comments", () => problem(503, "the database is away"));
    show(<CommentBox id="i1" />);
    const box = await screen.findByRole("textbox", { name: "Comment" });
    await userEvent.type(box, "On it");
    expect(screen.getByText("5 of 2,000")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Add comment" }));
    expect(await screen.findByText("The database is away")).toBeInTheDocument();
    expect(box).toHaveValue("On it");
  });
});
