import { usePolicies } from "@/api/queries/policies";
import type { Policy } from "@/api/types";
import { warningWords } from "@/domain/warning";
import { listWords } from "@/lib/format";
import { Card } from "@/ui/card";
import { TextLink } from "@/ui/link-button";
import { Select } from "@/ui/select";
import { useValue } from "./fields";

/** Whom to tell. */
export function AlertsSection() {
  const policies = usePolicies();
  const chosen = useValue("alert_policy");
  const all = policies.data ?? [];
  const usual = all.find((policy) => policy.default);
  const effective = chosen.value === "" ? usual : all.find((policy) => policy.id === chosen.value);
  const choices = [
    { value: "", label: !usual || usual.name === "Default" ? "Default" : `Default (${usual.name})` },
    ...all
      .filter((policy) => !policy.default || policy.id === chosen.value)
      .map(({ id, name }) => ({ value: id, label: name })),
  ];
  const known = choices.some(({ value }) => value === chosen.value);
  return (
    <Card title="Alerts">
      <Select
        label="Alert policy"
        className="sm:max-w-[calc(50%-0.625rem)]"
        value={chosen.value}
        onValueChange={chosen.set}
        onBlur={chosen.onBlur}
        error={chosen.error}
        choices={known ? choices : [...choices, { value: chosen.value, label: "The present policy" }]}
      />
      {effective ? <Told policy={effective} /> : null}
      {policies.isError ? <p className="mt-2 text-muted text-sm">The policies could not be loaded.</p> : null}
    </Card>
  );
}

function Told({ policy }: { policy: Policy }) {
  const able = policy.tells.filter((one) => one.able).map((one) => one.name);
  return (
    <p className="mt-2 text-sm">
      {policy.warning ? (
        <span className="text-degraded-text">{warningWords(policy)}. </span>
      ) : (
        <span className="text-muted">Tells {listWords(able)}. </span>
      )}
      <TextLink to="/alerting" search={{ tab: "channels" }}>
        Channels
      </TextLink>
    </p>
  );
}
