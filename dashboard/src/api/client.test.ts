import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { answers, serveAnswers, server } from "@/test/screen";
import { api, bodyOf, done } from "./client";

serveAnswers();

const comment = (text: string) =>
  bodyOf(api.POST("/api/v1/incidents/{id}/comments", { params: { path: { id: "i/1" } }, body: { text } }));

it("sends what was asked for, and nothing of what was left out", async () => {
  let asked = "";
  answers("get", "incidents", (request: Request) => {
    asked = new URL(request.url).search;
    return { items: [], next: null };
  });
  const query = { state: "open,acknowledged", monitor: "", since: undefined, limit: 50 };
  await bodyOf(api.GET("/api/v1/incidents", { params: { query } }));
  expect(asked).toBe("?state=open%2Cacknowledged&limit=50");
});

it("signs, and sends a body once more with a renewed token", async () => {
  const seen: unknown[] = [];
  answers("post", "auth/refresh", { access_token: "renewed", token_type: "Bearer", expires_in: 900 });
  answers("post", "incidents/:id/comments", async (request: Request) => {
    seen.push([request.headers.get("authorization"), request.headers.get("content-type"), await request.json()]);
    return seen.length === 1 ? new HttpResponse(null, { status: 401 }) : { id: "i/1" };
  });
  expect(await comment("We look at it.")).toEqual({ id: "i/1" });
  const body = { text: "We look at it." };
  expect(seen).toEqual([
    ["Bearer token", "application/json", body],
    ["Bearer renewed", "application/json", body],
  ]);
});

it("throws what is no success with all that was said of it", async () => {
  const problem = { title: "Not now", detail: "too many at once", errors: [{ pointer: "/text", detail: "is long" }] };
  const headers = { "x-request-id": "r1", "retry-after": "7" };
  answers("post", "incidents/:id/comments", () => HttpResponse.json(problem, { status: 429, headers }));
  await expect(comment("x")).rejects.toMatchObject({ ...problem, status: 429, requestId: "r1", retryAfter: 7 });
  answers(
    "post",
    "incidents/:id/comments",
    () => new HttpResponse("<html>", { status: 502, statusText: "Bad Gateway" }),
  );
  await expect(comment("x")).rejects.toMatchObject({ status: 502, title: "Bad Gateway" });
});

it("says that nobody answered, but not of what was taken back", async () => {
  server.use(http.get("http://localhost:3000/api/v1/auth/me", () => HttpResponse.error()));
  await expect(bodyOf(api.GET("/api/v1/auth/me"))).rejects.toMatchObject({ status: 0, title: "No connection" });
  const control = new AbortController();
  control.abort();
  const asked = bodyOf(api.GET("/api/v1/auth/me", { signal: control.signal }));
  await expect(asked).rejects.toMatchObject({ name: "AbortError" });
});

it("takes no body where none is due, and none for an answer where one is", async () => {
  answers("delete", "api-keys/:id", () => new HttpResponse(null, { status: 204 }));
  const removed = api.DELETE("/api/v1/api-keys/{id}", { params: { path: { id: "k" } } });
  expect(await done(removed)).toBeUndefined();
  answers("get", "auth/me", () => new HttpResponse(null, { status: 200 }));
  await expect(bodyOf(api.GET("/api/v1/auth/me"))).rejects.toThrow("without a body");
});
