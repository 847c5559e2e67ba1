import { createFileRoute, redirect } from "@tanstack/react-router";
import { accessToken, refresh } from "@/api/session";
import { Shell } from "@/app/shell";
import { start } from "@/live/live";

export const Route = createFileRoute("/_app")({
  beforeLoad: async ({ location }) => {
    if (accessToken() === null && (await refresh()) === null) {
      throw redirect({ to: "/login", search: { next: location.href } });
    }
    // The rows are on their way before the page's own code is here.
    start();
  },
  component: Shell,
});
