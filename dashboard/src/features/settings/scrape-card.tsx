import { Card } from "@/ui/card";
import { CodeBlock } from "@/ui/code-block";
import { scrapeConfig } from "./scrape-config";

/** What to do with a key that may fetch metrics. */
export function ScrapeCard() {
  return (
    <Card
      title="Monitors in Prometheus"
      description="A key with the scope Metrics is enough. Names and meanings are those of blackbox_exporter: probe_success and its like, by monitor and region."
    >
      <CodeBlock
        label="prometheus.yml"
        text={scrapeConfig(window.location.origin, "ug_…")}
        note="A region that did not look has no series at all: what is not checked is never up."
      />
    </Card>
  );
}
