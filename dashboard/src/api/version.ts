/** What the server says of the page itself. */

/** Whether it has another build than the one that runs: then its page names another program. */
export async function isReplaced(): Promise<boolean> {
  const program = document.querySelector('script[type="module"][src]')?.getAttribute("src");
  if (!program) return false;
  const headers = { accept: "text/html" };
  const page = await fetch("/", { headers, cache: "no-store" }).then(
    (answer) => (answer.ok ? answer.text() : null),
    () => null,
  );
  return page !== null && !page.includes(program);
}

/** Whether it answers: a page that is loaded anew without it is lost. */
export function isReachable(): Promise<boolean> {
  return fetch("/", { method: "HEAD", cache: "no-store" }).then(
    () => true,
    () => false,
  );
}
