import { createFileRoute } from "@tanstack/react-router";
import { AlertingPage } from "@/features/alerting";
import { alertingSearch } from "@/features/alerting/search";

export const Route = createFileRoute("/_app/alerting")({
  staticData: { title: "Alerting" },
  validateSearch: alertingSearch,
  component: AlertingPage,
});
