import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCreateMonitor, useMonitorQuery } from "@/api/queries/monitors";
import { useMay } from "@/api/roles";
import { EmptyState } from "@/ui/empty-state";
import { ErrorPanel } from "@/ui/error-panel";
import { LinkButton } from "@/ui/link-button";
import { PageHeader } from "@/ui/page-header";
import { toast } from "@/ui/toast";
import { FormPage } from "./form-page";
import { FormSkeleton } from "./form-skeleton";
import { bodyOf, copyOf, type MonitorValues, USUAL } from "./values";

export function NewMonitorPage() {
  const { from } = useSearch({ from: "/_app/monitors/new" });
  const may = useMay("editor");
  if (may.whyNot) {
    return (
      <>
        <PageHeader title="Add a monitor" />
        <EmptyState title="You cannot add monitors">{may.whyNot}</EmptyState>
      </>
    );
  }
  return from ? <CopyOf key={from} id={from} /> : <Create initial={USUAL} />;
}

function CopyOf({ id }: { id: string }) {
  const { data, error, refetch, isFetching } = useMonitorQuery(id);
  if (data) return <Create initial={copyOf(data)} />;
  if (!error) return <FormSkeleton title="Add a monitor" />;
  return (
    <>
      <PageHeader title="Add a monitor" />
      <ErrorPanel
        error={error}
        title="The monitor to copy could not be loaded"
        retry={() => void refetch()}
        retrying={isFetching}
      />
    </>
  );
}

function Create({ initial }: { initial: MonitorValues }) {
  const navigate = useNavigate();
  const create = useCreateMonitor();
  const save = async (values: MonitorValues) => {
    const monitor = await create.mutateAsync(bodyOf(values));
    return () => {
      toast({ title: `${monitor.name} is being watched`, description: "The first result takes a few seconds." });
      void navigate({ to: "/monitors/$id", params: { id: monitor.id } });
    };
  };
  return (
    <FormPage
      title="Add a monitor"
      action="Create monitor"
      initial={initial}
      edited={false}
      save={save}
      cancel={<LinkButton to="/monitors">Cancel</LinkButton>}
    />
  );
}
