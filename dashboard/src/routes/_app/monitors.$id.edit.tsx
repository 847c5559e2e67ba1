import { createFileRoute } from "@tanstack/react-router";
import { EditMonitorPage } from "@/features/monitor-form";

export const Route = createFileRoute("/_app/monitors/$id/edit")({
  staticData: { title: "Edit monitor" },
  component: EditMonitorPage,
});
