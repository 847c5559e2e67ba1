import { NumberField } from "@/ui/number-field";
import { useText } from "./fields";
import { useKindForm } from "./kinds";
import { Row, Section, Stack } from "./section";
import { isUsual, useSummary } from "./summaries";
import type { MonitorValues } from "./values";

const LIMITS = ["max_latency_ms", "min_cert_days"] as const;

/** What counts as up. */
export function AssertionsSection({ initial }: { initial: MonitorValues }) {
  const summary = useSummary("assertions");
  const { fields, Fields } = useKindForm().expectations;
  const all = [...fields, ...LIMITS];
  return (
    <Section title="Expectations" summary={summary} fields={all} open={!isUsual(initial, all)}>
      <Stack>
        <Fields />
        <LimitFields />
      </Stack>
    </Section>
  );
}

/** What degrades a check of any kind. */
function LimitFields() {
  return (
    <Row>
      <NumberField
        {...useText("max_latency_ms")}
        label="Degraded if slower than"
        unit="ms"
        hint="The whole check. Empty: no limit."
      />
      <NumberField
        {...useText("min_cert_days")}
        label="Degraded if the certificate ends within"
        unit="days"
        hint="Empty: no limit."
      />
    </Row>
  );
}
