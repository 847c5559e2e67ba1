import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useMay } from "@/api/roles";
import { beginOnboarding, finishOnboarding, useOnboardingMonitor } from "@/lib/onboarding";
import { EmptyState } from "@/ui/empty-state";
import { LinkButton, TextLink } from "@/ui/link-button";
import { PageHeader } from "@/ui/page-header";
import { Checklist } from "./checklist";
import { FirstMonitor } from "./first-monitor";
import { NotifyStep } from "./notify-step";
import { TryStep } from "./try-step";

/** The first run: an address, its first results, and whom to tell. Each step can be left out. */
export function Onboarding() {
  const monitor = useOnboardingMonitor();
  const may = useMay("editor");
  const navigate = useNavigate();
  const [tried, setTried] = useState(false);
  useEffect(() => {
    // The button that led here is gone: the keyboard goes on at the top of what is new.
    if (monitor) document.getElementById("content")?.focus();
  }, [monitor]);
  const finish = () => {
    finishOnboarding();
    if (monitor) void navigate({ to: "/monitors/$id", params: { id: monitor } });
  };
  if (may.whyNot) {
    return (
      <EmptyState title="No monitors yet" action={<LinkButton to="/regions">See the regions</LinkButton>}>
        Somebody with the role editor has to add the first one. {may.whyNot}
      </EmptyState>
    );
  }
  return (
    <div className="mx-auto max-w-2xl">
      <PageHeader
        title={monitor ? "Your first monitor is live" : "What should be watched?"}
        description={
          monitor
            ? "It is checked every minute from all regions. Now choose who hears about it."
            : "Write an address. All regions check it at once, and you see what they find."
        }
      />
      <Checklist done={monitor ? 2 : tried ? 1 : 0} />
      <div className="flex flex-col gap-4">
        {monitor ? (
          <>
            <FirstMonitor id={monitor} />
            <NotifyStep finish={finish} />
          </>
        ) : (
          <TryStep created={beginOnboarding} seen={setTried} />
        )}
      </div>
      {monitor ? null : (
        <p className="mt-6 text-center text-muted text-sm">
          Rather set everything yourself? <TextLink to="/monitors/new">Use the full form</TextLink> or{" "}
          <TextLink to="/monitors">skip this</TextLink>.
        </p>
      )}
    </div>
  );
}
