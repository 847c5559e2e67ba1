import { Link, useParams } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { useIncident } from "@/api/queries/incidents";
import type { IncidentWhole } from "@/api/types";
import { LevelChip } from "@/domain/components/level-chip";
import { headline } from "@/domain/incident";
import { ApiError } from "@/lib/errors";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { LinkButton, textLinkStyle } from "@/ui/link-button";
import { Loaded } from "@/ui/loaded";
import { PageHeader } from "@/ui/page-header";
import { Skeleton, SkeletonList } from "@/ui/skeleton";
import { CommentBox } from "./comment-box";
import { EvidencePanel } from "./evidence-panel";
import { Facts } from "./facts";
import { Steps } from "./steps";
import { Timeline } from "./timeline-list";
import { Told } from "./told";

/** One incident: what happened, what was seen, and who was told. */
export function IncidentPage() {
  const { id } = useParams({ from: "/_app/incidents/$id" });
  const query = useIncident(id);
  if (query.error instanceof ApiError && query.error.status === 404) return <Gone />;
  return (
    <Loaded query={query} failed="The incident could not be loaded" loading={<Loading />}>
      {(incident) => <Whole key={id} incident={incident} />}
    </Loaded>
  );
}

function Whole({ incident }: { incident: IncidentWhole }) {
  return (
    <>
      <Back />
      <PageHeader
        title={headline(incident)}
        beside={<LevelChip incident={incident} />}
        actions={<Steps incident={incident} />}
      />
      <Facts incident={incident} />
      <div className="mt-5 grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <Card title="Timeline">
          <Timeline incident={incident} />
          <CommentBox id={incident.id} />
        </Card>
        <Told incident={incident} />
        {incident.failures.length > 0 ? (
          <div className="lg:col-span-2">
            <EvidencePanel failures={incident.failures} />
          </div>
        ) : null}
      </div>
    </>
  );
}

function Back() {
  return (
    <nav aria-label="Breadcrumb" className="mb-2 text-sm">
      <Link to="/incidents" className={textLinkStyle}>
        Incidents
      </Link>
    </nav>
  );
}

function Loading() {
  return (
    <>
      <Back />
      <h1 className="sr-only">Incident</h1>
      <Skeleton className="mb-5 h-7 w-72 max-w-full" />
      <Skeleton className="h-20" />
      <SkeletonList label="the incident" rows={5} className="mt-5 lg:mr-[21.25rem]" />
    </>
  );
}

function Gone() {
  return (
    <>
      <Back />
      <PageHeader title="No such incident" />
      <Card>
        <EmptyState
          icon={<SearchX />}
          title="Deleted, or never existed"
          action={<LinkButton to="/incidents">All incidents</LinkButton>}
        >
          Incidents go with their monitor when it is deleted.
        </EmptyState>
      </Card>
    </>
  );
}
