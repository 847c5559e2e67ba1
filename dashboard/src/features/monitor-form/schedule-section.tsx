import { formatInterval } from "@/lib/format";
import { Card } from "@/ui/card";
import { Switch } from "@/ui/choices";
import { NumberField } from "@/ui/number-field";
import { Select } from "@/ui/select";
import { useText, useValue } from "./fields";
import { INTERVALS } from "./limits";
import { RegionsField } from "./regions-field";
import { Row, Stack } from "./section";

const CHOICES = INTERVALS.map((seconds) => ({ value: String(seconds), label: capital(formatInterval(seconds)) }));

/** How often, and from where. */
export function ScheduleSection() {
  const interval = useValue("interval");
  const enabled = useValue("enabled");
  return (
    <Card title="Schedule and regions">
      <Stack>
        <Row>
          <Select
            label="Check"
            value={interval.value}
            onValueChange={interval.set}
            onBlur={interval.onBlur}
            error={interval.error}
            choices={CHOICES}
          />
          <NumberField
            {...useText("timeout")}
            label="Timeout"
            unit="seconds"
            hint="For the whole check, redirects included. At most 30."
          />
        </Row>
        <RegionsField />
        <Switch
          label="Active"
          hint="Off: nothing is checked, and nobody is alerted."
          checked={enabled.value}
          onCheckedChange={enabled.set}
          error={enabled.error}
        />
      </Stack>
    </Card>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
