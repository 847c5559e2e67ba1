import { NumberField } from "@/ui/number-field";
import { TagInput } from "@/ui/tag-input";
import { TextField } from "@/ui/text-field";
import { useText, useValue } from "./fields";
import { Row, Section, Stack } from "./section";
import { isUsual, useSummary } from "./summaries";
import type { MonitorValues } from "./values";

const FIELDS = ["status", "contains", "not_contains", "max_latency_ms", "min_cert_days"] as const;

/** What counts as up. */
export function AssertionsSection({ initial }: { initial: MonitorValues }) {
  const summary = useSummary("assertions");
  return (
    <Section title="Expectations" summary={summary} fields={FIELDS} open={!isUsual(initial, FIELDS)}>
      <Fields />
    </Section>
  );
}

function Fields() {
  const status = useValue("status");
  return (
    <Stack>
      <TagInput
        label="Status"
        value={status.value}
        onValueChange={status.set}
        onBlur={status.onBlur}
        error={status.error}
        mono
        placeholder="200-299"
        hint="Codes or ranges, such as 200 or 200-299. Any other status is down."
      />
      <Row>
        <TextField
          {...useText("contains")}
          label="Body must contain"
          optional
          mono
          hint="Missing it is down. Looked for in the first 1 MiB."
        />
        <TextField
          {...useText("not_contains")}
          label="Body must not contain"
          optional
          mono
          hint="Finding it is down."
        />
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
    </Stack>
  );
}
