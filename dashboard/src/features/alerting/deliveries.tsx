import { useNavigate, useSearch } from "@tanstack/react-router";
import { useChannels } from "@/api/queries/channels";
import { CompactSelect } from "@/ui/select";
import { DeliveryLog } from "./delivery-log";
import { alertingSearch } from "./search";
import { Unsent } from "./unsent";

/** Whether what was sent has arrived: what has not, or one channel's log. */
export function Deliveries() {
  const search = useSearch({ from: "/_app/alerting" });
  const navigate = useNavigate({ from: "/alerting" });
  const channels = useChannels().data ?? [];
  const set = (change: { channel?: string; state?: string }) =>
    void navigate({ search: (now) => alertingSearch({ ...now, ...change }), replace: true });
  const known = channels.map(({ id, name }) => ({ value: id, label: `Log of ${name}` }));
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <CompactSelect
          label="Show"
          value={search.channel ?? ""}
          onValueChange={(channel) => set({ channel, state: "" })}
          choices={[{ value: "", label: "What did not arrive" }, ...known]}
        />
        {search.channel ? null : (
          <CompactSelect
            label="State"
            value={search.state ?? ""}
            onValueChange={(state) => set({ state })}
            choices={[
              { value: "", label: "Waiting and given up" },
              { value: "pending", label: "Waiting" },
              { value: "dead", label: "Given up" },
            ]}
          />
        )}
      </div>
      {search.channel ? <DeliveryLog channel={search.channel} /> : <Unsent state={search.state ?? null} />}
    </>
  );
}
