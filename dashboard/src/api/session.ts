import { ApiError } from "@/lib/errors";
import { bodyOf, clientOf, done, sent, succeeded } from "./http";
import type { Credentials, Registration, Tokens } from "./types";

/**
 * Who is signed in, as far as this tab knows: the access token, in memory alone. It is renewed by a cookie no script
 * can read. The refresh is a single flight: many calls that need a token wait for the same one.
 */
type Listener = (token: string | null) => void;

/** The API, for nobody in particular. */
const api = clientOf(async (request) => succeeded(await sent(request)));
/** The refresh token comes and goes as a cookie. */
const params = { query: { cookie: true } };
/** Renewed this long before it ends. */
const EARLY_MS = 30_000;
/** A refresh that nobody answered is tried again after this. */
const RETRY_MS = 5_000;

let token: string | null = null;
let endsAt = 0;
let refreshing: Promise<string | null> | null = null;
/** What was asked before anybody needed it. */
let early: Promise<string | null> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let ended = false;
/** Whose data this page shows. */
let person = "";
const listeners = new Set<Listener>();

export const accessToken = (): string | null => token;

/** Whose token it is: person and organisation. Empty without one. */
export function identity(of: string | null = token): string {
  const payload = of?.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/");
  if (!payload) return "";
  const claims = JSON.parse(atob(payload)) as { sub?: string; org?: string };
  return `${claims.sub}/${claims.org}`;
}

/** Whether a session that was alive has ended: the input on screen is kept and a sign-in dialog goes over it. */
export const sessionEnded = (): boolean => ended;

/** Called with each new token, and with null when there is none any more. */
export function onToken(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener(token);
}

/**
 * Takes the tokens of a sign-in. Where another tab signed in as somebody else, what is on screen here is not theirs: the
 * page starts anew.
 */
export function begin(tokens: Tokens): void {
  const whose = identity(tokens.access_token);
  if (person !== "" && person !== whose) location.reload();
  person = whose;
  token = tokens.access_token;
  ended = false;
  endsAt = Date.now() + tokens.expires_in * 1000;
  renewIn(Math.max(tokens.expires_in * 1000 - EARLY_MS, 1_000));
  tell();
}

function renewIn(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void refresh().catch(() => renewIn(RETRY_MS)), ms);
}

function end(expired: boolean): void {
  clearTimeout(timer);
  ended = expired && (ended || token !== null);
  token = null;
  tell();
}

async function ask(): Promise<string | null> {
  try {
    begin(await bodyOf(api.POST("/api/v1/auth/refresh", { params, body: {} })));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    end(true);
  }
  return token;
}

/** Whether it was answered, and will be answered the same again. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
}

/** A new token by the cookie; null where there is no sign-in. Throws where nobody answers. What has ended stays so. */
export function refresh(): Promise<string | null> {
  if (ended) return Promise.resolve(null);
  refreshing ??= ask().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Asks before the program is here. Fails silently: who needs the answer asks again. */
export function refreshEarly(): Promise<string | null> {
  early = refresh();
  return early.catch(() => null);
}

/** The token a page begins with: what was asked early, else asked now. */
export function firstToken(): Promise<string | null> {
  const asked = early?.catch(refresh) ?? refresh();
  early = null;
  return asked;
}

/** A token that has not run out, renewed where it must be. */
export async function freshToken(): Promise<string | null> {
  return token && Date.now() < endsAt - 2_000 ? token : refresh();
}

/** How a sign-up goes on: in here, or in a mail to whoever reads the address. */
export type Entered = "in" | "mailed";

export async function signIn(body: Credentials): Promise<Entered> {
  begin(await bodyOf(api.POST("/api/v1/auth/login", { params, body })));
  return "in";
}

export async function signUp(body: Registration): Promise<Entered> {
  const answer = await bodyOf(api.POST("/api/v1/auth/register", { params, body }));
  if ("mailed" in answer) return "mailed";
  begin(answer);
  return "in";
}

/** Other tabs hear of what is written here. */
const SIGNED_OUT = "upguard.signed-out";

addEventListener("storage", ({ key }) => {
  if (key === SIGNED_OUT && token !== null) location.replace("/login");
});

/** Ends the sign-in in every tab of this browser and, where it can be reached, on the server. */
export async function signOut(): Promise<void> {
  await done(api.POST("/api/v1/auth/logout", { body: {} })).catch(() => undefined);
  person = "";
  early = null;
  end(false);
  try {
    localStorage.setItem(SIGNED_OUT, String(Date.now()));
  } catch {
    // Without storage each tab finds out when its token has run out.
  }
}
