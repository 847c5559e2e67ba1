/** Requests as the API's document has them: what is asked and what is answered is typed by it. */
import createClient, { type Client } from "openapi-fetch";
import { errorOf, offline } from "@/lib/errors";
import type { paths } from "./schema.gen";

/** Who sends a request and brings its answer; what is no success it throws. */
type Send = (request: Request) => Promise<Response>;

/** Values of a query; what is null, undefined or empty is left out. */
function search(query: Record<string, unknown>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") given.set(name, String(value));
  }
  return String(given);
}

export function clientOf(send: Send): Client<paths> {
  const headers = { accept: "application/json" };
  return createClient<paths>({ baseUrl: location.origin, fetch: send, headers, querySerializer: search });
}

/** Sends it once. Where nobody answers, that is an error too; what was taken back by its asker stays what it is. */
export async function sent(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw offline();
  }
}

/** Passes on what is a success, and throws the rest. */
export async function succeeded(response: Response): Promise<Response> {
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** What was answered. Where nothing was, though the document promises a body, that is an error. */
export async function bodyOf<T>(asked: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await asked;
  if (data === undefined || data === null) throw new Error("The server answered without a body.");
  return data;
}

/** For what answers nothing, or nothing that is of use. */
export async function done(asked: Promise<unknown>): Promise<void> {
  await asked;
}
