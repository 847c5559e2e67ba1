import type { SheetProps } from "./sheet-box";
import { whenOpened } from "./when-opened";

export type { SheetProps };

/** Something longer beside the page; from below on phones. */
export const Sheet = whenOpened<SheetProps>(() =>
  import("./sheet-box").then(({ SheetBox }) => ({ default: SheetBox })),
);
