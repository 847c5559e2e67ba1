import type { AlertDialogProps } from "./alert-dialog-box";
import { whenOpened } from "./when-opened";

export type { AlertDialogProps };

/** Asks before something that cannot be taken back. */
export const AlertDialog = whenOpened<AlertDialogProps>(() =>
  import("./alert-dialog-box").then(({ AlertDialogBox }) => ({ default: AlertDialogBox })),
);
