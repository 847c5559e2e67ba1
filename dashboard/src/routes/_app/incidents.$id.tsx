import { createFileRoute } from "@tanstack/react-router";
import { IncidentPage } from "@/features/incidents";

export const Route = createFileRoute("/_app/incidents/$id")({
  staticData: { title: "Incident" },
  component: IncidentPage,
});
