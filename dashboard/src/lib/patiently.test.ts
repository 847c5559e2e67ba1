import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { patiently } from "./patiently";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tries again when the network is back, and after a while in any case", async () => {
  const load = vi.fn<() => Promise<string>>();
  load.mockRejectedValueOnce(new Error("no network")).mockRejectedValueOnce(new Error("not yet"));
  load.mockResolvedValue("here");
  const loaded = patiently(load);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(load).toHaveBeenCalledTimes(1);
  dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(load).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await loaded).toBe("here");
  expect(load).toHaveBeenCalledTimes(3);
});
