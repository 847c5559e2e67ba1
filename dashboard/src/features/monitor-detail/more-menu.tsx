import { Copy, Ellipsis, Terminal, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Monitor } from "@/api/types";
import { copyText } from "@/ui/copy-text";
import { IconButton } from "@/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { CloneLink } from "./clone-link";
import { curlOf } from "./curl";
import { DeleteDialog } from "./delete-dialog";

/** The rarer actions. */
export function MoreMenu({ monitor, mayEdit }: { monitor: Monitor; mayEdit: boolean }) {
  const [deleting, setDeleting] = useState(false);
  const trigger = (
    <IconButton label="More actions" icon={<Ellipsis aria-hidden />} variant="secondary" tooltip={false} />
  );
  return (
    <>
      <Menu trigger={trigger}>
        {mayEdit ? (
          <MenuItem asChild>
            <CloneLink id={monitor.id} />
          </MenuItem>
        ) : null}
        <MenuItem icon={<Copy aria-hidden />} onSelect={() => copy(monitor.id, "The id")}>
          Copy id
        </MenuItem>
        {monitor.kind === "http" ? (
          <MenuItem icon={<Terminal aria-hidden />} onSelect={() => copy(curlOf(monitor), "The command")}>
            Copy as curl
          </MenuItem>
        ) : null}
        {mayEdit ? (
          <>
            <MenuSeparator />
            <MenuItem icon={<Trash2 aria-hidden />} danger onSelect={() => setDeleting(true)}>
              Delete…
            </MenuItem>
          </>
        ) : null}
      </Menu>
      <DeleteDialog monitor={monitor} open={deleting} onOpenChange={setDeleting} />
    </>
  );
}

async function copy(text: string, what: string): Promise<void> {
  const done = await copyText(text);
  toast(done ? { title: `${what} is copied` } : { title: `${what} could not be copied`, tone: "failed" });
}
