import { expect, type Page } from "@playwright/test";
import type { Api } from "./api";

export interface Screen {
  name: string;
  path: string;
  /** Signed out. */
  outside?: boolean;
  /** What shows that it is filled. */
  ready?: (page: Page) => Promise<void>;
}

/** Every screen there is, with what the organisation has to show. */
export async function screens(api: Api): Promise<Screen[]> {
  const monitors = await api.get<{ items: { id: string; name: string }[] }>("monitors?limit=50");
  const incidents = await api.get<{ items: { id: string; monitor: { name: string } | null }[] }>("incidents?limit=50");
  const shown = monitors.items.find(({ name }) => name.includes("slow")) ?? monitors.items[0];
  const incident = incidents.items.find(({ monitor }) => monitor?.name.includes("down")) ?? incidents.items[0];
  await someKeys(api);
  if (!shown || !incident) throw new Error("there is no monitor or no incident to show");
  return [
    { name: "overview", path: "/overview" },
    { name: "monitors", path: "/monitors", ready: (page) => expect(page.getByRole("article").first()).toBeVisible() },
    { name: "monitor", path: `/monitors/${shown.id}` },
    { name: "monitor-checks", path: `/monitors/${shown.id}?tab=checks` },
    { name: "monitor-new", path: "/monitors/new" },
    { name: "monitor-edit", path: `/monitors/${shown.id}/edit` },
    { name: "incidents", path: "/incidents" },
    {
      name: "incident",
      path: `/incidents/${incident.id}`,
      ready: (page) => expect(page.getByRole("heading", { name: "Timeline" })).toBeVisible(),
    },
    { name: "channels", path: "/alerting" },
    { name: "policies", path: "/alerting?tab=policies" },
    { name: "deliveries", path: "/alerting?tab=deliveries" },
    { name: "regions", path: "/regions" },
    { name: "profile", path: "/profile" },
    {
      name: "api-keys",
      path: "/settings/api-keys",
      ready: (page) => expect(page.getByText("Prometheus", { exact: true }).first()).toBeVisible(),
    },
  ];
}

/** Keys to look at, made once. */
async function someKeys(api: Api): Promise<void> {
  const { items } = await api.get<{ items: unknown[] }>("api-keys");
  if (items.length > 0) return;
  await api.post("api-keys", { name: "Deploys", scopes: ["write"], expires_at: "2099-01-01T00:00:00Z" });
  await api.post("api-keys", { name: "Prometheus", scopes: ["metrics"] });
}

/** Those of somebody who is not signed in, or has nothing yet. */
export const OUTSIDE: Screen[] = [
  { name: "login", path: "/login" },
  { name: "register", path: "/register" },
];
export const FIRST_RUN: Screen = { name: "first-run", path: "/overview" };

/** Opens a screen and waits until nothing is on its way. */
export async function open(page: Page, screen: Screen): Promise<void> {
  await page.goto(screen.path);
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await screen.ready?.(page);
  await expect(page.locator(".skeleton")).toHaveCount(0);
}

/** The system's theme: what a page follows where nothing was chosen. */
export async function dress(page: Page, theme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
}

export const THEMES = ["light", "dark"] as const;
