import "@/test/radix";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { meQuery } from "@/api/queries/account";
import { answers, problem, serveAnswers, show } from "@/test/screen";
import { SignInDialog } from "./sign-in-dialog";
import { SignInForm } from "./sign-in-form";
import { SignUpForm } from "./sign-up-form";

serveAnswers();

const tokens = { access_token: "t", token_type: "Bearer", expires_in: 900 };

describe("signing in", () => {
  it("asks for what is missing, and leads there", async () => {
    const user = userEvent.setup();
    show(<SignInForm done={vi.fn()} />);
    await user.click(await screen.findByRole("button", { name: "Sign in" }));
    expect(screen.getByText("Write your e-mail address.")).toBeVisible();
    await waitFor(() => expect(screen.getByLabelText("E-mail")).toHaveFocus());
  });

  it("says that something is not right without saying what, then lets in", async () => {
    const user = userEvent.setup();
    const done = vi.fn();
    answers("post", "auth/login", () => problem(401, "the e-mail address or the password is not right"));
    show(<SignInForm done={done} />);
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByText("The e-mail address or the password is not right.")).toBeVisible();
    answers("post", "auth/login", tokens);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    await waitFor(() => expect(done).toHaveBeenCalledOnce());
  });
});

describe("signing up", () => {
  it("goes on in a mail where the server says so", async () => {
    const user = userEvent.setup();
    const done = vi.fn();
    answers("post", "auth/register", { mailed: true }, 202);
    show(<SignUpForm done={done} />);
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    await user.type(screen.getByLabelText("Password"), "three unrelated words{Enter}");
    expect(await screen.findByText(/Open the link in it to go on/)).toBeVisible();
    expect(done).not.toHaveBeenCalled();
  });

  it("tells the rule for passwords beforehand, and takes a refusal to its field", async () => {
    const user = userEvent.setup();
    const why = [{ pointer: "/password", detail: "`password` is among the first anybody would try" }];
    answers("post", "auth/register", () => problem(422, "one field is not right", why));
    show(<SignUpForm done={vi.fn()} />);
    const password = await screen.findByLabelText("Password");
    expect(password).toHaveAccessibleDescription(/At least 12 characters/);
    await user.type(screen.getByLabelText("E-mail"), "ada@example.com");
    await user.type(password, "password1234");
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(await screen.findByText("The password is among the first anybody would try.")).toBeVisible();
    await waitFor(() => expect(password).toHaveFocus());
  });
});

describe("a session that ended", () => {
  it("asks for the password of whose it was, and cannot be waved away", async () => {
    const user = userEvent.setup();
    const { client } = show(<Late />);
    client.setQueryData(meQuery.queryKey, { email: "ada@example.com" } as never);
    await user.click(await screen.findByRole("button", { name: "End it" }));
    const email = await screen.findByLabelText("E-mail");
    expect(email).toHaveValue("ada@example.com");
    expect(email).toHaveAttribute("readonly");
    expect(screen.getByLabelText("Password")).toHaveFocus();
    await user.keyboard("{Escape}");
    expect(screen.getByRole("dialog", { name: "Your session has ended" })).toBeVisible();
  });
});

function Late() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        End it
      </button>
      {open ? <SignInDialog open /> : null}
    </>
  );
}
