import { createFileRoute } from "@tanstack/react-router";
import { MonitorPage } from "@/features/monitor-detail";
import { monitorSearch } from "@/features/monitor-detail/search";

export const Route = createFileRoute("/_app/monitors/$id/")({
  staticData: { title: "Monitor" },
  validateSearch: monitorSearch,
  component: MonitorPage,
});
