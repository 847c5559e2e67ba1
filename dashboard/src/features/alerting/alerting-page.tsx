import { useNavigate, useSearch } from "@tanstack/react-router";
import { PageHeader } from "@/ui/page-header";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Channels } from "./channels";
import { Deliveries } from "./deliveries";
import { Policies } from "./policies";
import type { Tab } from "./search";

/** Whom to tell of what, through what, and whether it arrived. */
export function AlertingPage() {
  const { tab = "channels" } = useSearch({ from: "/_app/alerting" });
  const navigate = useNavigate({ from: "/alerting" });
  const open = (next: string) => void navigate({ search: next === "channels" ? {} : { tab: next as Tab } });
  return (
    <>
      <PageHeader title="Alerting" description="Policies say who is told of what; channels are how they are told." />
      <Tabs
        label="Alerting"
        value={tab}
        onValueChange={open}
        tabs={[
          { value: "channels", label: "Channels" },
          { value: "policies", label: "Policies" },
          { value: "deliveries", label: "Deliveries" },
        ]}
      >
        <TabPanel value="channels">
          <Channels />
        </TabPanel>
        <TabPanel value="policies">
          <Policies />
        </TabPanel>
        <TabPanel value="deliveries">
          <Deliveries />
        </TabPanel>
      </Tabs>
    </>
  );
}
