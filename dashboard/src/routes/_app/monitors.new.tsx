import { createFileRoute } from "@tanstack/react-router";
import { NewMonitorPage } from "@/features/monitor-form";
import { monitorFormSearch } from "@/features/monitor-form/search";

export const Route = createFileRoute("/_app/monitors/new")({
  staticData: { title: "Add a monitor" },
  validateSearch: monitorFormSearch,
  component: NewMonitorPage,
});
