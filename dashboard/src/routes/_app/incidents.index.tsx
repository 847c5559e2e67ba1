import { createFileRoute } from "@tanstack/react-router";
import { IncidentsPage } from "@/features/incidents";
import { incidentsSearch } from "@/features/incidents/search";

export const Route = createFileRoute("/_app/incidents/")({
  staticData: { title: "Incidents" },
  validateSearch: incidentsSearch,
  component: IncidentsPage,
});
