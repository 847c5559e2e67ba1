/** Where a problem of the API belongs in the form. */
import type { ProblemError } from "@/api/types";
import { problemText } from "@/domain/server-sentences";
import type { Place } from "./kind-form";
import { KIND_FORMS } from "./kinds";
import type { MonitorValues } from "./values";

type FieldName = keyof MonitorValues;
/** A field, or one of a list of headers. */
type FieldPath = FieldName | `headers.${number}`;

const PLACES: Record<string, Place<FieldName>> = {
  ...Object.assign({}, ...Object.values(KIND_FORMS).map((form) => form.places)),
  "/name": { field: "name", label: "The name" },
  "/url": { field: "url", label: "The address" },
  "/interval": { field: "interval", label: "The interval" },
  "/timeout": { field: "timeout", label: "The timeout" },
  "/regions": { field: "regions", label: "The list of regions" },
  "/enabled": { field: "enabled", label: "The switch" },
  "/expect/max_latency_ms": { field: "max_latency_ms", label: "The limit" },
  "/expect/min_cert_days": { field: "min_cert_days", label: "The number of days" },
  "/confirm/failures": { field: "failures", label: "The number of failures" },
  "/confirm/recoveries": { field: "recoveries", label: "The number of recoveries" },
  "/confirm/recheck_every": { field: "recheck_every", label: "The recheck interval" },
  "/quorum": { field: "quorum_count", label: "The quorum" },
  "/alert_policy": { field: "alert_policy", label: "The alert policy" },
  "/tags": { field: "tags", label: "The list of tags" },
  "/tls/verify": { field: "verify", label: "The switch" },
  "/tls/ca": { field: "ca", label: "The text" },
};

interface Placed {
  /** null where the form has no such field: it is said above the buttons. */
  field: FieldPath | null;
  text: string;
}

function segment(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** The field a JSON pointer (RFC 6901) means, and the sentence to show there. */
export function placeOf({ pointer, detail }: ProblemError, values: MonitorValues): Placed {
  const place = PLACES[pointer] ?? PLACES[pointer.slice(0, pointer.lastIndexOf("/"))];
  if (!place) return { field: null, text: problemText(detail, "", []) };
  if (place.field === "headers" && pointer !== "/headers") return placeOfHeader(pointer, detail, values);
  const item = PLACES[pointer] ? null : itemAt(pointer, place.field, values);
  return { field: place.field, text: problemText(detail, item ?? place.label, namesOf(pointer)) };
}

function placeOfHeader(pointer: string, detail: string, { headers }: MonitorValues): Placed {
  const name = segment(pointer.slice("/headers/".length));
  const at = headers.findIndex((header) => header.name.trim().toLowerCase() === name.toLowerCase());
  return { field: at < 0 ? "headers" : `headers.${at}`, text: problemText(detail, name, namesOf(pointer)) };
}

/** The entry of a list that is meant, as it was typed. */
function itemAt(pointer: string, field: FieldName, values: MonitorValues): string | null {
  const list = values[field];
  const item = Array.isArray(list) ? list[Number(pointer.slice(pointer.lastIndexOf("/") + 1))] : undefined;
  return typeof item === "string" ? `“${item}”` : null;
}

/** How the API may call the field within its sentence: `failures`, `status/0`, `headers/X-A`. */
function namesOf(pointer: string): string[] {
  const parts = pointer.slice(1).split("/").map(segment);
  return parts.map((_, from) => parts.slice(from).join("/"));
}
