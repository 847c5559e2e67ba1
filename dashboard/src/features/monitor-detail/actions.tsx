import { Pause, Pencil, Play, RotateCw } from "lucide-react";
import { useState } from "react";
import { useMe } from "@/api/queries/account";
import { useSwitchMonitor } from "@/api/queries/monitors";
import type { Monitor } from "@/api/types";
import { sentence } from "@/lib/errors";
import { useKeys } from "@/lib/shortcuts";
import { Button } from "@/ui/button";
import { LinkButton } from "@/ui/link-button";
import { toast } from "@/ui/toast";
import { CheckNow, MoreMenu } from "./lazy-overlays";

/** On phones the words alone, so that all stand in one row. */
const bare = "max-sm:px-3 max-sm:[&>svg]:hidden";

/** What can be done with a monitor (`r` checks, `p` pauses); who may only look sees what only copies. */
export function Actions({ monitor }: { monitor: Monitor }) {
  const mayEdit = useMe().data?.role !== "viewer";
  const [checking, setChecking] = useState(0);
  useKeys((key) => {
    const isOurs = mayEdit && key === "r";
    if (isOurs) setChecking(Date.now());
    return isOurs;
  });
  return (
    <>
      {mayEdit ? (
        <>
          <Button className={bare} icon={<RotateCw aria-hidden />} onClick={() => setChecking(Date.now())}>
            Check now
          </Button>
          <Switch monitor={monitor} />
          <LinkButton
            to="/monitors/$id/edit"
            params={{ id: monitor.id }}
            className={bare}
            icon={<Pencil aria-hidden />}
          >
            Edit
          </LinkButton>
        </>
      ) : null}
      <MoreMenu monitor={monitor} mayEdit={mayEdit} />
      <CheckNow monitor={monitor} asked={checking} onClose={() => setChecking(0)} />
    </>
  );
}

function Switch({ monitor }: { monitor: Monitor }) {
  const change = useSwitchMonitor(monitor.id);
  const action = monitor.enabled ? "pause" : "resume";
  const press = () =>
    change.mutate(action, {
      onSuccess: () => toast({ title: action === "pause" ? "Paused: it is not checked" : "Resumed: checking now" }),
      onError: (error) => toast({ title: `Could not ${action} it`, description: sentence(error), tone: "failed" }),
    });
  useKeys((key) => {
    if (key === "p" && !change.isPending) press();
    return key === "p";
  });
  const Icon = monitor.enabled ? Pause : Play;
  return (
    <Button className={bare} icon={<Icon aria-hidden />} busy={change.isPending} onClick={press}>
      {monitor.enabled ? "Pause" : "Resume"}
    </Button>
  );
}
