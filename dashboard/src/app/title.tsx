import { useMatches } from "@tanstack/react-router";
import { useEffect } from "react";
import { whenIdle } from "@/lib/idle";
import { useTheme } from "@/lib/theme";
import { useOwnTitle } from "@/lib/title";
import { useCounts, useMonitorCount, useStalledSince } from "@/live/use-live";
import { faviconOf } from "./favicon";

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    title?: string;
  }
}

/** "(3) Down · Monitors": the tab says it where nobody sees the page. */
export function Title() {
  const routeTitle = useMatches({ select: (matches) => matches.at(-1)?.staticData.title });
  const own = useOwnTitle();
  const { down } = useCounts();
  const count = useMonitorCount();
  const isStalled = useStalledSince() !== null;
  const theme = useTheme();
  const page = own ?? routeTitle ?? "UpGuard";

  useEffect(() => {
    const name = page === "UpGuard" ? page : `${page} · UpGuard`;
    const state = isStalled ? "Not checked · " : down > 0 ? `(${down}) Down · ` : "";
    document.title = state + name;
  }, [page, down, isStalled]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme has other colours
  useEffect(() => {
    let isOld = false;
    void whenIdle().then(() => {
      const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
      if (link && !isOld) link.href = count === 0 || isStalled ? "/favicon.svg" : faviconOf(down);
    });
    return () => {
      isOld = true;
    };
  }, [down, count, isStalled, theme]);

  return null;
}
