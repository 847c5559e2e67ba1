/** Puts a part of a screen on a page of its own, with the API's answers written out. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import type { ReactNode } from "react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { begin } from "@/api/session";
import type { Me, Role } from "@/api/types";
import { Toaster } from "@/ui/toaster";

const ORIGIN = "http://localhost:3000";

export const server = setupServer();

/** For the top of a test file: what no handler answers fails the test. */
export function serveAnswers(): void {
  beforeAll(() => {
    server.listen({ onUnhandledRequest: "error" });
    begin({ access_token: "token", token_type: "Bearer", expires_in: 3600 });
  });
  afterEach(() => server.resetHandlers());
  afterAll(() => server.close());
}

type Method = "get" | "post" | "patch" | "delete";

/** Answers `body` to a path beneath `/api/v1/`; a function sees the request. */
export function answers(method: Method, path: string, body: unknown, status = 200): void {
  server.use(
    http[method](`${ORIGIN}/api/v1/${path}`, async ({ request }) => {
      const given = typeof body === "function" ? await body(request) : body;
      return given instanceof Response ? given : HttpResponse.json(given as object, { status });
    }),
  );
}

export function problem(status: number, detail: string, errors: { pointer: string; detail: string }[] = []): Response {
  return HttpResponse.json({ type: "about:blank", title: "Problem", status, detail, errors }, { status });
}

export function signedInAs(role: Role, over: Partial<Me> = {}): void {
  const me: Me = {
    id: "u1",
    email: "ada@example.com",
    name: "Ada",
    organisation: "o1",
    role,
    organisations: [{ id: "o1", name: "Acme", role }],
    operator: true,
    ...over,
  };
  answers("get", "auth/me", me);
}

/** Renders at `path`; every address of the app leads to the same part. */
export function show(node: ReactNode, path = "/") {
  const root = createRootRoute();
  const here = { getParentRoute: () => root, component: () => <>{node}</> };
  const routes = [createRoute({ ...here, path: "/" }), createRoute({ ...here, path: "$" })];
  const history = createMemoryHistory({ initialEntries: [path] });
  const router = createRouter({ routeTree: root.addChildren(routes), history });
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, networkMode: "always" }, mutations: { networkMode: "always" } },
  });
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router as never} />
      <Toaster />
    </QueryClientProvider>,
  );
  return { router, client };
}
