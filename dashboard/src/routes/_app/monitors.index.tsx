import { createFileRoute } from "@tanstack/react-router";
import { MonitorsPage } from "@/features/monitors";
import { monitorsSearch } from "@/features/monitors/search";

export const Route = createFileRoute("/_app/monitors/")({
  staticData: { title: "Monitors" },
  validateSearch: monitorsSearch,
  component: MonitorsPage,
});
