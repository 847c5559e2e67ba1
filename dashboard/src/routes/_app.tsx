import { createFileRoute, redirect } from "@tanstack/react-router";
import { accessToken, firstToken, sessionEnded } from "@/api/session";
import { Shell } from "@/app/shell";
import { start } from "@/live/live";

export const Route = createFileRoute("/_app")({
  beforeLoad: async ({ location }) => {
    // Somebody is at work here: the dialog over the page asks them, and what they typed stays.
    if (sessionEnded()) return;
    if (accessToken() === null && (await firstToken()) === null) {
      throw redirect({ to: "/login", search: { next: location.href } });
    }
    // The rows are on their way before the page's own code is here.
    start();
  },
  component: Shell,
});
