import "@/test/radix";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { AlertDialog } from "./alert-dialog";
import { Dialog } from "./dialog";
import { Menu, MenuItem } from "./menu";
import { Sheet } from "./sheet";

function Opens({ insistent = false, kind = "dialog" }: { insistent?: boolean; kind?: "dialog" | "sheet" }) {
  const [open, setOpen] = useState(false);
  const props = { open, onOpenChange: setOpen, title: "Rename", children: <input aria-label="New name" /> };
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Open it
      </button>
      {kind === "sheet" ? <Sheet {...props} /> : <Dialog {...props} insistent={insistent} />}
    </>
  );
}

describe("a dialog", () => {
  it.each(["dialog", "sheet"] as const)("as a %s begins with its content and gives the focus back", async (kind) => {
    const user = userEvent.setup();
    render(<Opens kind={kind} />);
    await user.click(screen.getByRole("button", { name: "Open it" }));
    expect(await screen.findByRole("dialog", { name: "Rename" })).toBeVisible();
    expect(screen.getByLabelText("New name")).toHaveFocus();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(screen.getByRole("button", { name: "Open it" })).toHaveFocus());
  });

  it("that was chosen in a menu gives the focus back to the menu's button", async () => {
    const user = userEvent.setup();
    render(<FromMenu />);
    screen.getByRole("button", { name: "Actions" }).focus();
    await user.keyboard("{Enter}{Enter}");
    expect(await screen.findByRole("alertdialog", { name: "Delete it?" })).toBeVisible();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.getByRole("button", { name: "Actions" })).toHaveFocus());
  });

  it("that insists has no way out", async () => {
    const user = userEvent.setup();
    render(<Opens insistent />);
    await user.click(screen.getByRole("button", { name: "Open it" }));
    await user.keyboard("{Escape}");
    expect(screen.getByRole("dialog")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Close" })).toBeNull();
  });
});

function FromMenu() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Menu trigger={<button type="button">Actions</button>}>
        <MenuItem onSelect={() => setOpen(true)}>Delete</MenuItem>
      </Menu>
      <AlertDialog
        open={open}
        onOpenChange={setOpen}
        title="Delete it?"
        description="For good."
        confirm="Delete"
        onConfirm={() => undefined}
      />
    </>
  );
}

function Asks({ onConfirm, typed }: { onConfirm: () => unknown; typed?: string }) {
  const [open, setOpen] = useState(true);
  return (
    <AlertDialog
      open={open}
      onOpenChange={setOpen}
      title="Delete 3 monitors?"
      description="Their history goes too."
      confirm="Delete 3 monitors"
      danger
      typed={typed}
      onConfirm={onConfirm}
    />
  );
}

describe("a question before something final", () => {
  it("begins with the harmless answer, and closes when it is done", async () => {
    const user = userEvent.setup();
    const onConfirm = vi.fn().mockResolvedValue(undefined);
    render(<Asks onConfirm={onConfirm} />);
    expect(screen.getByRole("button", { name: "Cancel" })).toHaveFocus();
    await user.click(screen.getByRole("button", { name: "Delete 3 monitors" }));
    await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
    expect(onConfirm).toHaveBeenCalledOnce();
  });

  it("wants the count typed where it is told to", async () => {
    const user = userEvent.setup();
    render(<Asks onConfirm={vi.fn()} typed="3" />);
    const button = screen.getByRole("button", { name: "Delete 3 monitors" });
    expect(button).toBeDisabled();
    await user.type(screen.getByLabelText("Type 3 to confirm"), "3");
    expect(button).toBeEnabled();
  });

  it("stays and says why where it did not work", async () => {
    const user = userEvent.setup();
    render(<Asks onConfirm={() => Promise.reject(new Error("No connection."))} />);
    await user.click(screen.getByRole("button", { name: "Delete 3 monitors" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("No connection.");
    expect(screen.getByRole("alertdialog")).toBeVisible();
  });
});

describe("a menu", () => {
  it("is opened, walked and left by keyboard", async () => {
    const user = userEvent.setup();
    const pause = vi.fn();
    render(
      <Menu trigger={<button type="button">Actions</button>}>
        <MenuItem onSelect={() => undefined}>Edit</MenuItem>
        <MenuItem onSelect={pause}>Pause</MenuItem>
      </Menu>,
    );
    screen.getByRole("button", { name: "Actions" }).focus();
    await user.keyboard("{Enter}{ArrowDown}{Enter}");
    expect(pause).toHaveBeenCalledOnce();
    await waitFor(() => expect(screen.getByRole("button", { name: "Actions" })).toHaveFocus());
  });
});
