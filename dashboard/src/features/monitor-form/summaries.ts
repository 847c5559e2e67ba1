import { useFormContext, useWatch } from "react-hook-form";
import { kindOf } from "@/domain/kind";
import { capital, plural } from "@/lib/format";
import { KIND_FORMS } from "./kinds";
import { type MonitorValues, USUAL } from "./values";

/** What a closed section says of what is in it. */
const SUMMARIES: Record<"assertions" | "confirmation" | "advanced", (values: MonitorValues) => string> = {
  assertions: (values) => {
    const parts = KIND_FORMS[kindOf(values.url)].expectations.summary(values);
    if (values.max_latency_ms) parts.push(`within ${values.max_latency_ms} ms`);
    if (values.min_cert_days) parts.push(`a certificate for ${values.min_cert_days} more days`);
    return capital(parts.join(", "));
  },
  confirmation: (values) =>
    `Down after ${plural(Number(values.failures) || 0, "failure")} in a row in ${quorumWords(values)}; up again after ${Number(values.recoveries) || 0}`,
  advanced: (values) => {
    const parts = KIND_FORMS[kindOf(values.url)].request.summary(values);
    parts.push(values.verify ? "verifies the certificate" : "does not verify the certificate");
    if (values.ca.trim()) parts.push("own authorities");
    return parts.join(", ");
  },
};

function quorumWords({ quorum, quorum_count }: MonitorValues): string {
  if (quorum === "count") return plural(Number(quorum_count) || 0, "region");
  return { any: "one region", majority: "most regions", all: "all regions" }[quorum];
}

export function useSummary(name: keyof typeof SUMMARIES): string {
  const { getValues } = useFormContext<MonitorValues>();
  useWatch<MonitorValues>();
  return SUMMARIES[name](getValues());
}

/** Whether these fields are as the server would set them. */
export function isUsual(values: MonitorValues, fields: readonly (keyof MonitorValues)[]): boolean {
  return fields.every((field) => JSON.stringify(values[field]) === JSON.stringify(USUAL[field]));
}
