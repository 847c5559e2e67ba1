import type { Incident } from "@/api/types";
import { subject } from "@/domain/subject";
import { TextLink } from "@/ui/link-button";

/** The incident a message is of, by the name of whom it is about. */
export function IncidentLink({ id, about }: { id: string; about: Pick<Incident, "monitor" | "region"> }) {
  return (
    <TextLink to="/incidents/$id" params={{ id }} className="min-w-0 break-words">
      Incident: {subject(about)}
    </TextLink>
  );
}
