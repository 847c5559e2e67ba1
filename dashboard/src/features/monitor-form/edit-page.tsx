import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useMonitorQuery, useUpdateMonitor } from "@/api/queries/monitors";
import { useMay } from "@/api/roles";
import type { Monitor } from "@/api/types";
import { usePageTitle } from "@/lib/title";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorPanel } from "@/ui/error-panel";
import { LinkButton } from "@/ui/link-button";
import { PageHeader } from "@/ui/page-header";
import { toast } from "@/ui/toast";
import { changedFields } from "./changed-fields";
import { FormPage } from "./form-page";
import { FormSkeleton } from "./form-skeleton";
import { mergePatch } from "./merge-patch";
import { bodyOf, type MonitorValues, valuesOf } from "./values";

export function EditMonitorPage() {
  const { id } = useParams({ from: "/_app/monitors/$id/edit" });
  const { data, error, refetch, isFetching } = useMonitorQuery(id);
  const may = useMay("editor");
  if (may.whyNot) {
    return (
      <>
        <PageHeader title="Edit" />
        <EmptyState title="You cannot edit monitors">{may.whyNot}</EmptyState>
      </>
    );
  }
  if (data) return <Edit key={id} latest={data} />;
  if (!error) return <FormSkeleton title="Edit" />;
  return (
    <>
      <PageHeader title="Edit" />
      <ErrorPanel
        error={error}
        title="The monitor could not be loaded"
        retry={() => void refetch()}
        retrying={isFetching}
      />
    </>
  );
}

export function Edit({ latest }: { latest: Monitor }) {
  const [base, setBase] = useState(latest);
  const [version, setVersion] = useState(0);
  const navigate = useNavigate();
  const update = useUpdateMonitor(latest.id);
  usePageTitle(`Edit ${base.name}`);
  const initial = valuesOf(base);
  // What was saved here comes back as the latest too.
  const meanwhile = update.isSuccess ? [] : changedFields(bodyOf(initial), bodyOf(valuesOf(latest)));
  const save = async (values: MonitorValues) => {
    const patch = mergePatch(bodyOf(initial), bodyOf(values));
    if (Object.keys(patch).length > 0) await update.mutateAsync(patch);
    return () => {
      toast({ title: "Saved" });
      void navigate({ to: "/monitors/$id", params: { id: latest.id } });
    };
  };
  const takeOver = () => {
    setBase(latest);
    setVersion(version + 1);
  };
  return (
    <FormPage
      key={version}
      title={`Edit ${base.name}`}
      action="Save changes"
      initial={initial}
      edited
      save={save}
      notice={meanwhile.length > 0 ? <Meanwhile fields={meanwhile} takeOver={takeOver} /> : null}
      cancel={
        <LinkButton to="/monitors/$id" params={{ id: latest.id }}>
          Cancel
        </LinkButton>
      }
    />
  );
}

/** Somebody else saved. Only what is changed here is sent, so both can stand. */
function Meanwhile({ fields, takeOver }: { fields: readonly string[]; takeOver: () => void }) {
  return (
    <div role="status" className="mb-4 flex flex-wrap items-center gap-3 rounded-lg bg-degraded-tint px-4 py-3 text-sm">
      <p className="min-w-0 flex-1 basis-60">
        <strong className="font-medium">Changed by somebody else meanwhile:</strong> {fields.join(", ")}. Saving sends
        only what you change here.
      </p>
      <Button size="sm" onClick={takeOver}>
        Start from the new version
      </Button>
    </div>
  );
}
