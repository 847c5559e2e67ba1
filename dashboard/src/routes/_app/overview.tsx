import { createFileRoute } from "@tanstack/react-router";
import { lazy } from "react";
import { OverviewPage } from "@/features/overview";
import { useOnboardingMonitor } from "@/lib/onboarding";

const Onboarding = lazy(() => import("@/features/onboarding").then(({ Onboarding: it }) => ({ default: it })));

export const Route = createFileRoute("/_app/overview")({
  staticData: { title: "Overview" },
  component: Overview,
});

/** The first run goes on after its monitor exists, until it is finished. */
function Overview() {
  const first = useOnboardingMonitor();
  return first === null ? <OverviewPage empty={<Onboarding />} /> : <Onboarding />;
}
