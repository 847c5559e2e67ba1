import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { ApiError } from "@/lib/errors";
import { api, bodyOf } from "./client";
import { accessToken, begin, freshToken, identity, sessionEnded, signOut } from "./session";

const API = "http://localhost:3000/api/v1";
const server = setupServer();
let refreshes = 0;

const me = () => bodyOf(api.GET("/api/v1/auth/me"));

const token = (name: string) => `h.${btoa(JSON.stringify({ sub: "ada", org: "acme", name }))}.s`;
const tokens = (name: string) => ({ access_token: token(name), token_type: "Bearer" as const, expires_in: 900 });

function refreshAnswers(answer: () => Response): void {
  server.use(
    http.post(`${API}/auth/refresh`, () => {
      refreshes += 1;
      return answer();
    }),
  );
}

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => {
  refreshes = 0;
  server.use(http.post(`${API}/auth/logout`, () => new HttpResponse(null, { status: 204 })));
});
afterEach(async () => {
  await signOut();
  server.resetHandlers();
});
afterAll(() => server.close());

it("renews a refused token once, whoever needs it", async () => {
  begin(tokens("old"));
  refreshAnswers(() => HttpResponse.json(tokens("new")));
  server.use(
    http.get(`${API}/auth/me`, ({ request }) =>
      request.headers.get("authorization") === `Bearer ${token("new")}`
        ? HttpResponse.json({ name: "Ada" })
        : HttpResponse.json({ title: "Unauthorized" }, { status: 401 }),
    ),
  );
  expect(await Promise.all([me(), me(), me()])).toEqual(Array(3).fill({ name: "Ada" }));
  expect(refreshes).toBe(1);
});

it("has ended where the renewal is refused, and asks no more", async () => {
  begin(tokens("old"));
  refreshAnswers(() => HttpResponse.json({ title: "Unauthorized" }, { status: 401 }));
  server.use(http.get(`${API}/auth/me`, () => HttpResponse.json({ title: "Unauthorized" }, { status: 401 })));
  await expect(me()).rejects.toBeInstanceOf(ApiError);
  await expect(me()).rejects.toMatchObject({ status: 401 });
  expect([sessionEnded(), accessToken(), refreshes]).toEqual([true, null, 1]);
  begin(tokens("again"));
  expect(sessionEnded()).toBe(false);
});

it("has not ended where nobody answers", async () => {
  refreshAnswers(() => HttpResponse.error());
  await expect(freshToken()).rejects.toMatchObject({ status: 0 });
  refreshAnswers(() => HttpResponse.json({ title: "Service Unavailable" }, { status: 503 }));
  await expect(freshToken()).rejects.toMatchObject({ status: 503 });
  expect(sessionEnded()).toBe(false);
});

it("without any sign-in there is nothing that could end", async () => {
  refreshAnswers(() => HttpResponse.json({ title: "Unauthorized" }, { status: 401 }));
  expect(await freshToken()).toBeNull();
  expect(sessionEnded()).toBe(false);
});

it("knows whose a token is", () => {
  expect(identity(token("x"))).toBe("ada/acme");
  expect(identity(null)).toBe("");
});
