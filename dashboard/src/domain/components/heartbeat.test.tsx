import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { HeartbeatBar } from "./heartbeat-bar";
import { HeartbeatLegend } from "./heartbeat-legend";
import { type BarCell, HeartbeatTimeline } from "./heartbeat-timeline";

describe("the bar of a row", () => {
  it("is a picture with a sentence, and few elements", () => {
    const { container } = render(<HeartbeatBar beats={`${"u".repeat(39)}d`} />);
    expect(screen.getByRole("img", { name: "Last 40 checks: 97.50 % uptime, 1 failed" })).toBeInTheDocument();
    expect(container.querySelectorAll("path")).toHaveLength(2);
  });

  it("says whose it is where it is asked to, and that there is nothing yet", () => {
    render(<HeartbeatBar beats="" label="Shop" />);
    expect(screen.getByRole("img", { name: "Shop. No checks yet" })).toBeInTheDocument();
  });
});

const cells: BarCell[] = Array.from({ length: 30 }, (_, index) => ({
  key: String(index),
  beat: index === 20 ? "down" : "up",
  title: `Day ${index + 1}`,
  detail: index === 20 ? "75.00 % uptime, 1 incident" : "100 % uptime",
}));

function timeline(onOpen = vi.fn(), label = "Uptime") {
  render(
    <HeartbeatTimeline label={label} cells={cells} startLabel="Aug 1" endLabel="Today" unit="Day" onOpen={onOpen}>
      <HeartbeatLegend only={["up", "down"]} words={{ down: "Outage" }} />
    </HeartbeatTimeline>,
  );
  return onOpen;
}

describe("the bar one can walk", () => {
  it("is one tab stop that says the newest cell", async () => {
    timeline();
    await userEvent.tab();
    expect(screen.getByRole("slider", { name: "Uptime" })).toHaveFocus();
    expect(screen.getByRole("slider")).toHaveAttribute("aria-valuetext", "Day 30: 100 % uptime");
    await userEvent.tab();
    expect(screen.getByRole("button", { name: "View as table" })).toHaveFocus();
  });

  it("walks by arrows, by weeks and to the ends", async () => {
    timeline();
    const bar = screen.getByRole("slider");
    bar.focus();
    const said = async (keys: string) => {
      await userEvent.keyboard(keys);
      return bar.getAttribute("aria-valuetext")?.split(":")[0];
    };
    expect(await said("{ArrowLeft}")).toBe("Day 29");
    expect(await said("{PageUp}")).toBe("Day 22");
    expect(await said("{ArrowLeft}")).toBe("Day 21");
    expect(bar).toHaveAttribute("aria-valuetext", "Day 21: 75.00 % uptime, 1 incident");
    expect(await said("{Home}")).toBe("Day 1");
    expect(await said("{PageDown}{ArrowRight}")).toBe("Day 9");
    expect(await said("{End}")).toBe("Day 30");
  });

  it("opens a cell with Enter and with a click, not with a tap", async () => {
    const onOpen = timeline();
    const bar = screen.getByRole("slider");
    bar.focus();
    await userEvent.keyboard("{ArrowLeft}{Enter}");
    expect(onOpen).toHaveBeenLastCalledWith(28);
    bar.getBoundingClientRect = () => ({ left: 0, width: 300, top: 0, height: 40 }) as DOMRect;
    fireEvent(bar, pointer("pointerup", 205, "touch"));
    expect(onOpen).toHaveBeenCalledTimes(1);
    expect(bar).toHaveAttribute("aria-valuetext", "Day 21: 75.00 % uptime, 1 incident");
    fireEvent(bar, pointer("pointerup", 5, "mouse"));
    expect(onOpen).toHaveBeenLastCalledWith(0);
  });

  it("goes to the bar before and after with up and down", async () => {
    timeline(vi.fn(), "First");
    timeline(vi.fn(), "Second");
    screen.getByRole("slider", { name: "First" }).focus();
    await userEvent.keyboard("{ArrowDown}");
    expect(screen.getByRole("slider", { name: "Second" })).toHaveFocus();
    await userEvent.keyboard("{ArrowDown}{ArrowUp}");
    expect(screen.getByRole("slider", { name: "First" })).toHaveFocus();
  });

  it("is a table too, newest first", async () => {
    timeline();
    await userEvent.click(screen.getByRole("button", { name: "View as table" }));
    const rows = within(screen.getByRole("table")).getAllByRole("row");
    expect(rows).toHaveLength(31);
    expect(rows[1]).toHaveTextContent("Day 30");
    expect(screen.queryByRole("slider")).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "View as bar" }));
    expect(screen.getByRole("slider")).toBeInTheDocument();
  });

  it("shows only what its legend is asked for", () => {
    timeline();
    expect(within(screen.getByRole("list", { name: "Legend" })).getAllByRole("listitem")).toHaveLength(2);
    expect(screen.getByText("Outage")).toBeInTheDocument();
  });
});

function pointer(type: string, clientX: number, pointerType: string): Event {
  const event = new MouseEvent(type, { bubbles: true, clientX });
  Object.defineProperty(event, "pointerType", { value: pointerType });
  return event;
}
