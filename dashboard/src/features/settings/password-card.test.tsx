import "@/test/radix";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { answers, problem, serveAnswers, show } from "@/test/screen";
import { PasswordCard } from "./password-card";

serveAnswers();

async function fill(current: string, next: string) {
  const user = userEvent.setup();
  show(<PasswordCard email="ada@example.com" />);
  await user.type(await screen.findByLabelText("Present password"), current);
  await user.type(screen.getByLabelText("New password"), next);
  await user.click(screen.getByRole("button", { name: "Change password" }));
}

describe("changing the password", () => {
  it("says the rule beforehand, and what is too short at once", async () => {
    await fill("old password", "short");
    expect(screen.getByLabelText("New password")).toHaveAccessibleDescription(
      /At least 12 characters.*this one has 5\./,
    );
  });

  it("puts a wrong present password at its field", async () => {
    const wrong = [{ pointer: "/current_password", detail: "`current_password` is not right" }];
    answers("post", "auth/password", () => problem(422, "one field is not right", wrong));
    await fill("old password", "correct horse battery");
    expect(await screen.findByText("The present password is not right.")).toBeVisible();
  });

  it("empties the form and says that others are signed out", async () => {
    answers("post", "auth/password", () => new Response(null, { status: 204 }));
    await fill("old password", "correct horse battery");
    expect(await screen.findByText("You are signed out everywhere else.")).toBeVisible();
    expect(screen.getByLabelText("New password")).toHaveValue("");
  });
});
