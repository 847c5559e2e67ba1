import { type BrowserContext, test as base, expect } from "@playwright/test";
import { Site } from "./site";

interface Fixtures {
  /** Fails the test where a page broke its content security policy, or threw. */
  clean: undefined;
  /** A site of the test's own. */
  site: Site;
}

/** What pages of a context did wrong. */
export async function watch(context: BrowserContext): Promise<string[]> {
  const wrongs: string[] = [];
  await context.exposeFunction("reportViolation", (text: string) => wrongs.push(`policy: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (window as unknown as { reportViolation: (text: string) => void }).reportViolation;
      report(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  context.on("weberror", (event) => wrongs.push(`thrown: ${event.error().stack ?? event.error().message}`));
  context.on("console", (message) => {
    if (/content security policy/i.test(message.text())) wrongs.push(`policy: ${message.text()}`);
  });
  return wrongs;
}

export const test = base.extend<Fixtures>({
  clean: [
    async ({ context }, use) => {
      const wrongs = await watch(context);
      await use(undefined);
      expect(wrongs, "what pages did wrong").toEqual([]);
    },
    { auto: true },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are needed from the pattern
  site: async ({}, use) => {
    const site = await Site.open();
    await use(site);
    await site.close();
  },
});

export { expect } from "@playwright/test";
