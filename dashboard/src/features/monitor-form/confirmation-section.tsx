import { NumberField } from "@/ui/number-field";
import { Select } from "@/ui/select";
import { useText, useValue } from "./fields";
import { Row, Section, Stack } from "./section";
import { isUsual, useSummary } from "./summaries";
import type { MonitorValues } from "./values";

const FIELDS = ["failures", "recoveries", "recheck_every", "quorum", "quorum_count"] as const;

const QUORUMS = [
  { value: "any", label: "One region is enough" },
  { value: "majority", label: "Most regions" },
  { value: "all", label: "All regions" },
  { value: "count", label: "A number of regions" },
];

/** When a failure is believed. */
export function ConfirmationSection({ initial }: { initial: MonitorValues }) {
  const summary = useSummary("confirmation");
  return (
    <Section title="Confirmation and quorum" summary={summary} fields={FIELDS} open={!isUsual(initial, FIELDS)}>
      <Fields />
    </Section>
  );
}

function Fields() {
  const quorum = useValue("quorum");
  const count = useText("quorum_count");
  return (
    <Stack>
      <Row>
        <NumberField
          {...useText("failures")}
          label="Failures in a row"
          hint="Until a region counts as down. A failed check is repeated at once."
        />
        <NumberField {...useText("recoveries")} label="Successes in a row" hint="Until it counts as up again." />
        <NumberField
          {...useText("recheck_every")}
          label="Recheck while in doubt"
          optional
          unit="seconds"
          hint="5 or more, and shorter than the interval. Empty: at the next check."
        />
      </Row>
      <Row>
        <Select
          label="Down when"
          value={quorum.value}
          onValueChange={(value) => quorum.set(value as MonitorValues["quorum"])}
          choices={QUORUMS}
          hint="Of the regions that can vote. Fewer than that is “regional”."
        />
        {quorum.value === "count" ? <NumberField {...count} label="How many" unit="regions" /> : null}
      </Row>
    </Stack>
  );
}
