/** Addresses as people type them. */

/** An IP address, `localhost` or a bare name: machines that seldom have a certificate. */
const LOCAL = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|[a-z0-9-]+)(?::\d+)?(?:[/?#]|$)/i;

/** A scheme that lacks its colon or a slash. */
const SLIP = /^(https?)(?::\/?|\/\/)(?=[^/:\d])/i;

/** `example.com` becomes `https://example.com`, `localhost:3000` becomes `http://localhost:3000`, `http//a.b` is a slip. */
export function withScheme(url: string): string {
  const typed = url.trim().replace(SLIP, "$1://");
  if (typed === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(typed)) return typed;
  return `${LOCAL.test(typed) ? "http" : "https"}://${typed}`;
}

/** The host, as a first name; empty where there is none. */
export function hostOf(url: string): string {
  return parse(url)?.host ?? "";
}

/** Whether it can be checked: http or https, a host, and no credentials. */
export function isAddress(url: string): boolean {
  const parsed = parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return false;
  return parsed.hostname !== "" && parsed.username === "" && parsed.password === "";
}

function parse(url: string): URL | null {
  try {
    return new URL(withScheme(url));
  } catch {
    return null;
  }
}
