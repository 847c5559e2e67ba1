import { Card } from "@/ui/card";
import { StartProbe } from "./start-probe";

/** Nothing can be checked yet: how that changes. */
export function NoRegions() {
  return (
    <Card
      title="No regions yet"
      description="Nothing is checked until a probe runs. A region appears here as soon as its first probe speaks."
    >
      <StartProbe region="eu-west" />
    </Card>
  );
}
