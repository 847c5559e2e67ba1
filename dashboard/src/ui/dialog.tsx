import type { DialogProps } from "./dialog-box";
import { whenOpened } from "./when-opened";

export type { DialogProps };

/** A question over the page. The focus goes back to where it came from. */
export const Dialog = whenOpened<DialogProps>(() =>
  import("./dialog-box").then(({ DialogBox }) => ({ default: DialogBox })),
);
