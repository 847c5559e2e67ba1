import { Switch } from "@/ui/choices";
import { TextArea } from "@/ui/text-area";
import { useText, useValue } from "./fields";
import { useKindForm } from "./kinds";
import { Section, Stack } from "./section";
import { isUsual, useSummary } from "./summaries";
import type { MonitorValues } from "./values";

const TLS = ["verify", "ca"] as const;

/** The request itself. */
export function AdvancedSection({ initial }: { initial: MonitorValues }) {
  const summary = useSummary("advanced");
  const { fields, Fields } = useKindForm().request;
  const all = [...fields, ...TLS];
  return (
    <Section title="Advanced" summary={summary} fields={all} open={!isUsual(initial, all)}>
      <Stack>
        <Fields />
        <TlsFields />
      </Stack>
    </Section>
  );
}

function TlsFields() {
  const verify = useValue("verify");
  return (
    <>
      <Switch
        label="Verify the certificate"
        hint="Off: expired, untrusted and misnamed certificates pass. Only for tests."
        checked={verify.value}
        onCheckedChange={verify.set}
      />
      <TextArea
        {...useText("ca")}
        label="Your own certificate authorities"
        optional
        mono
        rows={4}
        spellCheck={false}
        placeholder="-----BEGIN CERTIFICATE-----"
        hint="PEM. Trusted beside the public ones."
      />
    </>
  );
}
