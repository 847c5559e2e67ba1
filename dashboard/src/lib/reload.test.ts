import { afterEach, expect, it, vi } from "vitest";
import { isReplaced } from "@/api/version";
import { isChunkError, watchChunks } from "./reload";

function pageOf(program: string): void {
  document.head.innerHTML = `<script type="module" src="${program}"></script>`;
}

afterEach(() => {
  vi.unstubAllGlobals();
  document.head.innerHTML = "";
});

it("knows a chunk that did not come, by a name no router reloads for", () => {
  watchChunks(() => Promise.resolve(false));
  const payload = new TypeError("Failed to fetch dynamically imported module: /assets/regions-1.js");
  dispatchEvent(Object.assign(new Event("vite:preloadError"), { payload }));
  expect(isChunkError(payload)).toBe(true);
  expect(payload.message).not.toMatch(/^Failed to fetch/);
  expect(isChunkError(new TypeError("x is undefined"))).toBe(false);
});

it.each([
  ["another program", () => Promise.resolve(new Response('<script src="/assets/index-2.js">')), true],
  ["the same program", () => Promise.resolve(new Response('<script src="/assets/index-1.js">')), false],
  ["no answer", () => Promise.reject(new TypeError("offline")), false],
  ["a server in trouble", () => Promise.resolve(new Response("", { status: 502 })), false],
])("%s: another version is %s", async (_what, answer, is) => {
  pageOf("/assets/index-1.js");
  vi.stubGlobal("fetch", answer);
  expect(await isReplaced()).toBe(is);
});
