/** The forms of alerting: not part of what a page shows first. */
import type { ComponentProps } from "react";
import { whenOpened } from "@/ui/when-opened";
import type { ChannelSheet as OfChannel } from "./channel-sheet";
import type { PolicySheet as OfPolicy } from "./policy-sheet";

export const ChannelSheet = whenOpened<ComponentProps<typeof OfChannel>>(() =>
  import("./channel-sheet").then(({ ChannelSheet: it }) => ({ default: it })),
);

export const PolicySheet = whenOpened<ComponentProps<typeof OfPolicy>>(() =>
  import("./policy-sheet").then(({ PolicySheet: it }) => ({ default: it })),
);
