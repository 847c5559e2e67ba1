import { useIncidents } from "@/api/queries/incidents";
import { subject } from "@/lib/subject";
import { TextLink } from "@/ui/link-button";

/** The incident a message is of, by the name of whom it is about; an old one by its kind of thing alone. */
export function IncidentLink({ id }: { id: string }) {
  const known = useIncidents({}).data?.pages.flatMap((page) => page.items) ?? [];
  const incident = known.find((one) => one.id === id);
  return (
    <TextLink to="/incidents/$id" params={{ id }} className="min-w-0 break-words">
      {incident ? `Incident: ${subject(incident)}` : "Incident"}
    </TextLink>
  );
}
