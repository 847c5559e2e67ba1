import { createFileRoute } from "@tanstack/react-router";
import { lazy } from "react";
import { OverviewPage } from "@/features/overview";

const Onboarding = lazy(() => import("@/features/onboarding").then(({ Onboarding: it }) => ({ default: it })));

export const Route = createFileRoute("/_app/overview")({
  staticData: { title: "Overview" },
  component: () => <OverviewPage empty={<Onboarding />} />,
});
