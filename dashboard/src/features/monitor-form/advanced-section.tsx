import { useFormState } from "react-hook-form";
import { Switch } from "@/ui/choices";
import { KeyValueList } from "@/ui/key-value-list";
import { NumberField } from "@/ui/number-field";
import { Select } from "@/ui/select";
import { TextArea } from "@/ui/text-area";
import { messageOf, useText, useValue } from "./fields";
import { METHODS } from "./limits";
import { Row, Section, Stack } from "./section";
import { isUsual, useSummary } from "./summaries";
import type { MonitorValues } from "./values";

const FIELDS = ["method", "headers", "body", "follow_redirects", "max_redirects", "verify", "ca"] as const;

/** The request itself. */
export function AdvancedSection({ initial }: { initial: MonitorValues }) {
  const summary = useSummary("advanced");
  return (
    <Section title="Advanced" summary={summary} fields={FIELDS} open={!isUsual(initial, FIELDS)}>
      <Stack>
        <RequestFields />
        <RedirectFields />
        <TlsFields />
      </Stack>
    </Section>
  );
}

function RequestFields() {
  const method = useValue("method");
  return (
    <>
      <Row>
        <Select
          label="Method"
          value={method.value}
          onValueChange={method.set}
          error={method.error}
          choices={METHODS.map((value) => ({ value, label: value }))}
        />
      </Row>
      <HeadersField />
      <TextArea {...useText("body")} label="Request body" optional mono rows={4} spellCheck={false} />
    </>
  );
}

function HeadersField() {
  const headers = useValue("headers");
  const { errors } = useFormState<MonitorValues>();
  const places = headers.value.map((_, at) => [at, messageOf(errors.headers?.[at])] as const);
  const byPlace = Object.fromEntries(places.filter(([, text]) => text));
  return (
    <KeyValueList
      label="Request headers"
      optional
      noun="header"
      value={headers.value}
      onValueChange={headers.set}
      errors={byPlace}
      error={Object.keys(byPlace).length > 0 ? undefined : headers.error}
      placeholders={{ name: "Accept", value: "application/json" }}
      hint="Everybody in the organisation can read them: no secrets here."
    />
  );
}

function RedirectFields() {
  const follow = useValue("follow_redirects");
  const most = useText("max_redirects");
  return (
    <Row>
      <Switch
        label="Follow redirects"
        hint="The last answer is judged. Off: the first one is."
        checked={follow.value}
        onCheckedChange={follow.set}
      />
      {follow.value ? <NumberField {...most} label="At most" unit="redirects" /> : null}
    </Row>
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
