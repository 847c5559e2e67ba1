import { Link } from "@tanstack/react-router";
import { Copy, Pause, Pencil, Play, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useCheckNow } from "@/api/queries/monitors";
import { useMay } from "@/api/roles";
import type { LiveMonitor } from "@/api/types";
import { sentence } from "@/lib/errors";
import { AlertDialog } from "@/ui/alert-dialog";
import { copyText } from "@/ui/copy-text";
import { Dots } from "@/ui/dots";
import { IconButton } from "@/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { useBulkAction } from "./bulk";

/** What can be done with one monitor without leaving the list. */
export function RowMenu({ row, startsOpen = false }: { row: LiveMonitor; startsOpen?: boolean }) {
  const [asking, setAsking] = useState(false);
  const { run } = useBulkAction();
  const { may } = useMay("editor");
  const isPaused = row.status === "paused";
  const failed = (error: unknown) =>
    toast({ title: "That did not work", description: sentence(error), tone: "failed" });
  return (
    <>
      <Menu
        startsOpen={startsOpen}
        trigger={<IconButton size="sm" tooltip={false} label={`Actions for ${row.name}`} icon={<Dots />} />}
      >
        <CheckNow id={row.id} name={row.name} disabled={isPaused || !may} failed={failed} />
        <MenuItem
          disabled={!may}
          icon={isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
          onSelect={() => void run(isPaused ? "resume" : "pause", [row.id]).catch(failed)}
        >
          {isPaused ? "Resume" : "Pause"}
        </MenuItem>
        <MenuItem asChild disabled={!may}>
          <Link to="/monitors/$id/edit" params={{ id: row.id }}>
            <Pencil aria-hidden />
            Edit
          </Link>
        </MenuItem>
        <MenuItem
          icon={<Copy aria-hidden />}
          onSelect={() => void copyText(row.id).then(() => toast({ title: "Id copied" }))}
        >
          Copy the id
        </MenuItem>
        <MenuSeparator />
        <MenuItem danger disabled={!may} icon={<Trash2 aria-hidden />} onSelect={() => setAsking(true)}>
          Delete
        </MenuItem>
      </Menu>
      {asking ? (
        <AlertDialog
          open
          onOpenChange={setAsking}
          danger
          title={`Delete ${row.name}?`}
          description="Its history, incidents and certificate go with it. This cannot be undone."
          confirm="Delete monitor"
          onConfirm={() => run("delete", [row.id])}
        />
      ) : null}
    </>
  );
}

interface CheckNowProps {
  id: string;
  name: string;
  disabled: boolean;
  failed: (error: unknown) => void;
}

function CheckNow({ id, name, disabled, failed }: CheckNowProps) {
  const check = useCheckNow(id);
  const ask = () =>
    check
      .mutateAsync()
      .then(() => toast({ title: `Checking ${name}`, description: "The result follows in seconds." }), failed);
  return (
    <MenuItem icon={<RefreshCw aria-hidden />} disabled={disabled} onSelect={() => void ask()}>
      Check now
    </MenuItem>
  );
}
