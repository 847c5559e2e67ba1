import { useState } from "react";
import type { Failure } from "@/api/types";
import { EvidenceView } from "@/domain/components/evidence";
import { REASON_TITLE } from "@/domain/reason";
import { Card } from "@/ui/card";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Moment } from "@/ui/time";

/** What each region saw when it failed first. */
export function EvidencePanel({ failures }: { failures: readonly Failure[] }) {
  const [chosen, choose] = useState(failures[0]?.region ?? "");
  const tabs = failures.map(({ region }) => ({ value: region, label: region }));
  const value = tabs.some((tab) => tab.value === chosen) ? chosen : (tabs[0]?.value ?? "");
  return (
    <Card title="Evidence" description="The first failure as each region saw it.">
      <Tabs label="Region" value={value} onValueChange={choose} tabs={tabs}>
        {failures.map((failure) => (
          <TabPanel key={failure.region} value={failure.region}>
            <p className="mb-3 break-words">
              <span className="font-medium">{REASON_TITLE[failure.reason]}</span>
              {failure.detail ? `: ${failure.detail}` : ""}{" "}
              <span className="whitespace-nowrap text-muted">
                <Moment at={failure.slot} />
              </span>
            </p>
            {failure.evidence ? <EvidenceView evidence={failure.evidence} /> : <NothingKept />}
          </TabPanel>
        ))}
      </Tabs>
    </Card>
  );
}

function NothingKept() {
  return <p className="text-muted">No exchange was kept: it failed before anything was sent.</p>;
}
