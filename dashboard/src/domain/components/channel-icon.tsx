import { BellRing, Hash, Mail, MessagesSquare, Send, Siren, Webhook } from "lucide-react";
import type { ChannelKind } from "@/api/types";

const ICONS = {
  email: Mail,
  slack: Hash,
  discord: MessagesSquare,
  telegram: Send,
  pagerduty: Siren,
  ntfy: BellRing,
  webhook: Webhook,
} satisfies Record<ChannelKind, typeof Mail>;

export function ChannelIcon({ kind, className }: { kind: ChannelKind; className?: string }) {
  const Icon = ICONS[kind];
  return <Icon aria-hidden className={className} />;
}
