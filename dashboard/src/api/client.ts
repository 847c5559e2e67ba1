import { ApiError, errorOf, offline } from "./errors";
import { freshToken, refresh } from "./session";

/** Values of a query; what is null, undefined or empty is left out, lists are joined with commas. */
export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

const BASE = "/api/v1/";

export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const text = Array.isArray(value) ? value.join(",") : value === null || value === undefined ? "" : String(value);
    if (text !== "") search.set(name, text);
  }
  return `${BASE}${path}${search.size > 0 ? `?${search}` : ""}`;
}

async function send(
  method: string,
  url: string,
  body: unknown,
  token: string,
  signal?: AbortSignal,
): Promise<Response> {
  const headers = new Headers({ accept: "application/json", authorization: `Bearer ${token}` });
  if (body !== undefined) headers.set("content-type", "application/json");
  try {
    return await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw offline();
  }
}

function signedIn(token: string | null): string {
  if (token === null) throw new ApiError({ status: 401, title: "Signed out", detail: "Sign in again to go on." });
  return token;
}

async function request<T>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response = await send(method, url, body, signedIn(await freshToken()), signal);
  if (response.status === 401) response = await send(method, url, body, signedIn(await refresh()), signal);
  if (!response.ok) throw await errorOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  request<T>("GET", address(path, query), undefined, signal);
export const post = <T = void>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> =>
  request<T>("POST", address(path), body, signal);
export const patch = <T>(path: string, body: unknown): Promise<T> => request<T>("PATCH", address(path), body);
export const del = (path: string): Promise<void> => request<void>("DELETE", address(path));
