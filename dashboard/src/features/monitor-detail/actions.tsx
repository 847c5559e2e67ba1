import { Copy, Ellipsis, Pause, Pencil, Play, RotateCw, Terminal, Trash2 } from "lucide-react";
import { useState } from "react";
import { sentence } from "@/api/errors";
import { useMe } from "@/api/queries/account";
import { useSwitchMonitor } from "@/api/queries/monitors";
import type { Monitor } from "@/api/types";
import { Button } from "@/ui/button";
import { copyText } from "@/ui/copy-text";
import { IconButton } from "@/ui/icon-button";
import { LinkButton } from "@/ui/link-button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { CheckNow } from "./check-now";
import { CloneLink } from "./clone-link";
import { curlOf } from "./curl";
import { DeleteDialog } from "./delete-dialog";

/** On phones the words alone, so that all stand in one row. */
const bare = "max-sm:px-3 max-sm:[&>svg]:hidden";

/** What can be done with a monitor; who may only look sees what only copies. */
export function Actions({ monitor }: { monitor: Monitor }) {
  const mayEdit = useMe().data?.role !== "viewer";
  const [checking, setChecking] = useState(0);
  const [deleting, setDeleting] = useState(false);
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
      <Menu
        trigger={
          <IconButton label="More actions" icon={<Ellipsis aria-hidden />} variant="secondary" tooltip={false} />
        }
      >
        {mayEdit ? (
          <MenuItem asChild>
            <CloneLink id={monitor.id} />
          </MenuItem>
        ) : null}
        <MenuItem icon={<Copy aria-hidden />} onSelect={() => copy(monitor.id, "The id")}>
          Copy id
        </MenuItem>
        <MenuItem icon={<Terminal aria-hidden />} onSelect={() => copy(curlOf(monitor), "The command")}>
          Copy as curl
        </MenuItem>
        {mayEdit ? (
          <>
            <MenuSeparator />
            <MenuItem icon={<Trash2 aria-hidden />} danger onSelect={() => setDeleting(true)}>
              Delete…
            </MenuItem>
          </>
        ) : null}
      </Menu>
      <CheckNow monitor={monitor} asked={checking} onClose={() => setChecking(0)} />
      <DeleteDialog monitor={monitor} open={deleting} onOpenChange={setDeleting} />
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
  const Icon = monitor.enabled ? Pause : Play;
  return (
    <Button className={bare} icon={<Icon aria-hidden />} busy={change.isPending} onClick={press}>
      {monitor.enabled ? "Pause" : "Resume"}
    </Button>
  );
}

async function copy(text: string, what: string): Promise<void> {
  const done = await copyText(text);
  toast(done ? { title: `${what} is copied` } : { title: `${what} could not be copied`, tone: "failed" });
}
