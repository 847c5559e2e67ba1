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

/** The URL that is meant, or null where it is none. */
export function parse(url: string): URL | null {
  try {
    return new URL(withScheme(url));
  } catch {
    return null;
  }
}
