import { render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { setZone } from "@/lib/time";
import { StalledBanner } from "./stalled-banner";

const { stalled } = vi.hoisted(() => ({ stalled: { since: null as number | null } }));
vi.mock("@/live/use-live", () => ({ useStalledSince: () => stalled.since }));

it("is there while no checks run, and gone when they do", () => {
  setZone("utc");
  stalled.since = Date.parse("2026-01-01T12:03:11Z") / 1000;
  const { rerender } = render(<StalledBanner />);
  expect(screen.getByRole("status").textContent).toBe(
    "No checks have run since 12:03:11. Statuses are shown as unknown until they run again.",
  );
  stalled.since = null;
  rerender(<StalledBanner />);
  expect(screen.getByRole("status").textContent).toBe("");
});
