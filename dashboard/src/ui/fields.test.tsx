import "@/test/radix";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { Button } from "./button";
import { Checkbox, RadioGroup, Switch } from "./choices";
import { copyText } from "./copy-text";
import { KeyValueList, type Pair } from "./key-value-list";
import { NumberField } from "./number-field";
import { PasswordField } from "./password-field";
import { Select } from "./select";
import { TagInput } from "./tag-input";
import { TextField } from "./text-field";

describe("a field", () => {
  it("is called by its label and described by hint and error", () => {
    render(<TextField label="Address" hint="Public ones." error="Write an address." optional />);
    const input = screen.getByRole("textbox", { name: "Address" });
    expect(input).toBeInvalid();
    expect(input).toHaveAccessibleDescription("Public ones. Write an address.");
  });

  it("of numbers asks for a number pad and has no spinner", () => {
    render(<NumberField label="Timeout" unit="seconds" defaultValue="10" />);
    expect(screen.getByLabelText("Timeout")).toHaveAttribute("inputmode", "numeric");
    expect(screen.getByLabelText("Timeout")).toHaveAttribute("type", "text");
  });

  it("of passwords can be looked at, and says when Caps Lock is on", async () => {
    render(<PasswordField label="Password" />);
    const input = screen.getByLabelText("Password");
    await userEvent.click(screen.getByRole("button", { name: "Show password" }));
    expect(input).toHaveAttribute("type", "text");
    fireEvent.keyUp(input, { key: "A", modifierCapsLock: true });
    expect(screen.getByRole("status")).toHaveTextContent("Caps Lock is on.");
    fireEvent.blur(input);
    expect(screen.queryByRole("status")).toBeNull();
  });

  it("of one among several can have nothing chosen", async () => {
    const user = userEvent.setup();
    const choose = vi.fn();
    const choices = [
      { value: "", label: "Default" },
      { value: "p1", label: "Night" },
    ];
    render(<Select label="Policy" value="" onValueChange={choose} choices={choices} />);
    const box = screen.getByRole("combobox", { name: "Policy" });
    expect(box).toHaveDisplayValue("Default");
    await user.selectOptions(box, "Night");
    expect(choose).toHaveBeenCalledWith("p1");
  });
});

function Tags({ start = [] }: { start?: string[] }) {
  const [tags, setTags] = useState(start);
  return <TagInput label="Tags" value={tags} onValueChange={setTags} />;
}

describe("tags", () => {
  it("are added by Enter, a comma and leaving, each once", async () => {
    const user = userEvent.setup();
    render(<Tags />);
    await user.type(screen.getByLabelText("Tags"), "shop{Enter}eu, shop{Enter}last");
    await user.tab();
    const removers = screen.getAllByRole("button", { name: /^Remove/ });
    expect(removers.map((one) => one.getAttribute("aria-label"))).toEqual(["Remove shop", "Remove eu", "Remove last"]);
  });

  it("are taken by Backspace in an empty box, and by their button", async () => {
    const user = userEvent.setup();
    render(<Tags start={["a", "b", "c"]} />);
    await user.type(screen.getByLabelText("Tags"), "{Backspace}");
    await user.click(screen.getByRole("button", { name: "Remove a" }));
    expect(screen.getAllByRole("button")).toHaveLength(1);
    expect(screen.getByText("b")).toBeVisible();
  });
});

function Headers() {
  const [pairs, setPairs] = useState<Pair[]>([]);
  return (
    <KeyValueList
      label="Headers"
      noun="header"
      value={pairs}
      onValueChange={setPairs}
      errors={{ 0: "Not this one." }}
    />
  );
}

it("names with values are added, filled, refused and removed", async () => {
  const user = userEvent.setup();
  render(<Headers />);
  await user.click(screen.getByRole("button", { name: "Add header" }));
  await user.type(screen.getByLabelText("Header 1 name"), "Te");
  expect(screen.getByLabelText("Header 1 name")).toHaveAccessibleDescription("Not this one.");
  await user.type(screen.getByLabelText("Header 1 value"), "trailers");
  await user.click(screen.getByRole("button", { name: "Remove header Te" }));
  expect(screen.queryByLabelText("Header 1 name")).toBeNull();
});

describe("choices", () => {
  it("are changed by their words too", async () => {
    const user = userEvent.setup();
    const [active, region, theme] = [vi.fn(), vi.fn(), vi.fn()];
    const themes = [
      { value: "light", label: "Light" },
      { value: "dark", label: "Dark", hint: "Easy on the eyes." },
    ];
    render(
      <>
        <Switch label="Active" hint="Off: nothing is checked." checked onCheckedChange={active} />
        <Checkbox label="eu-west" checked={false} onCheckedChange={region} />
        <RadioGroup label="Theme" value="light" onValueChange={theme} choices={themes} />
      </>,
    );
    expect(screen.getByRole("switch", { name: "Active" })).toHaveAccessibleDescription("Off: nothing is checked.");
    expect(screen.getByRole("radio", { name: "Dark" })).toHaveAccessibleDescription("Easy on the eyes.");
    await user.click(screen.getByText("Active"));
    await user.click(screen.getByText("eu-west"));
    await user.click(screen.getByText("Dark"));
    expect(active).toHaveBeenCalledWith(false);
    expect(region).toHaveBeenCalledWith(true);
    expect(theme).toHaveBeenCalledWith("dark");
  });
});

it("a busy button keeps the focus and takes no second press", async () => {
  const press = vi.fn();
  render(
    <Button busy onClick={press}>
      Save
    </Button>,
  );
  const button = screen.getByRole("button", { name: "Save" });
  button.focus();
  await userEvent.click(button);
  expect(press).not.toHaveBeenCalled();
  expect(button).toHaveFocus();
  expect(button).toHaveAttribute("aria-busy", "true");
});

describe("copying", () => {
  it("works without a secure context, and leaves nothing behind", async () => {
    const hidden = vi.spyOn(navigator, "clipboard", "get").mockReturnValue(undefined as never);
    const copy = vi.fn(() => true);
    Object.assign(document, { execCommand: copy });
    expect(await copyText("abc")).toBe(true);
    expect(copy).toHaveBeenCalledWith("copy");
    expect(document.querySelector("textarea")).toBeNull();
    hidden.mockRestore();
  });
});
