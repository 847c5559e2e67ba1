import { type APIRequestContext, type BrowserContext, expect } from "@playwright/test";
import { system } from "./system";

interface Tokens {
  access_token: string;
}

let people = 0;

/** An address nobody has. */
export function freshEmail(): string {
  people += 1;
  return `story-${Date.now().toString(36)}-${people}@example.org`;
}

export const PASSWORD = "a long enough story";

/** The API as somebody uses it from a script. */
export class Api {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly base: string,
    private readonly token: string,
  ) {}

  /** Makes an account, and leaves its sign-in with the browser. */
  static async signUp(context: BrowserContext, base = system.url): Promise<Api> {
    return Api.enter(context, base, "register", { email: freshEmail(), password: PASSWORD, name: "Story" });
  }

  /** Signs the demo in, and leaves that with the browser. */
  static async signIn(context: BrowserContext, base = system.url): Promise<Api> {
    return Api.enter(context, base, "login", system.demo);
  }

  private static async enter(context: BrowserContext, base: string, how: string, data: object): Promise<Api> {
    const answer = await context.request.post(`${base}/api/v1/auth/${how}?cookie=true`, { data });
    expect(answer.ok(), await answer.text()).toBe(true);
    const { access_token } = (await answer.json()) as Tokens;
    return new Api(context.request, base, access_token);
  }

  async get<T>(path: string): Promise<T> {
    return this.call<T>("GET", path);
  }

  async post<T>(path: string, data: object = {}): Promise<T> {
    return this.call<T>("POST", path, data);
  }

  async patch<T>(path: string, data: object): Promise<T> {
    return this.call<T>("PATCH", path, data);
  }

  /** The status alone, whatever it is. */
  async status(path: string): Promise<number> {
    const headers = { authorization: `Bearer ${this.token}` };
    return (await this.request.fetch(`${this.base}/api/v1/${path}`, { headers })).status();
  }

  private async call<T>(method: string, path: string, data?: object): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await this.request.fetch(`${this.base}/api/v1/${path}`, { method, headers, data });
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
    return (await answer.json()) as T;
  }
}

interface Made {
  id: string;
  name: string;
}

/** A monitor that notices within seconds. */
export function addMonitor(api: Api, name: string, url: string): Promise<Made> {
  return api.post<Made>("monitors", { name, url, interval: 5, timeout: 3 });
}
