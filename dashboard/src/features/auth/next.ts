/** Signing in leads back to where somebody was going, and nowhere else. */
const HOME = "/overview";
const DOORS = new Set(["/", "/login", "/register"]);

/** The path to go to; home where it would leave the dashboard, or lead back to the door. */
export function safeNext(next: string | undefined): string {
  if (!next?.startsWith("/")) return HOME;
  const url = read(next);
  // What the browser would make of it decides: it drops tabs and reads `\` as `/`.
  if (url === null || url.origin !== location.origin || DOORS.has(url.pathname)) return HOME;
  return `${url.pathname}${url.search}${url.hash}`;
}

function read(path: string): URL | null {
  try {
    return new URL(path, location.origin);
  } catch {
    return null;
  }
}
