/** The check as a command for a terminal. */
import type { Monitor } from "@/api/types";

type Request = Pick<
  Monitor,
  "url" | "method" | "headers" | "body" | "timeout" | "follow_redirects" | "max_redirects" | "tls"
>;

export function curlOf(monitor: Request): string {
  const { url, method, headers, body, timeout, follow_redirects, max_redirects, tls } = monitor;
  const parts = ["curl", "--include", `--max-time ${timeout}`];
  if (method === "HEAD") parts.push("--head");
  else if (method && method !== "GET") parts.push(`--request ${quoted(method)}`);
  if (follow_redirects) parts.push("--location", `--max-redirs ${max_redirects}`);
  if (tls.verify === false) parts.push("--insecure");
  for (const [name, value] of Object.entries(headers ?? {})) parts.push(`--header ${quoted(`${name}: ${value}`)}`);
  if (body) parts.push(`--data-raw ${quoted(body)}`);
  parts.push(quoted(url));
  return parts.join(" ");
}

/** As a POSIX shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
