/** The kinds of channels: what each is called, and where it leads. */
import type { ChannelKind } from "@/api/types";

interface ChannelLook {
  title: string;
  /** What it does, in a line. */
  about: string;
}

/** In the order they are offered. */
export const CHANNEL: Record<ChannelKind, ChannelLook> = {
  email: { title: "E-mail", about: "Mails people, one thread for each incident." },
  slack: { title: "Slack", about: "Posts to a channel of Slack or Mattermost." },
  discord: { title: "Discord", about: "Posts to a channel of a Discord server." },
  telegram: { title: "Telegram", about: "Sends messages from a bot of yours." },
  pagerduty: { title: "PagerDuty", about: "Opens, acknowledges and resolves alerts." },
  ntfy: { title: "ntfy", about: "Pushes to phones through ntfy.sh or a server of yours." },
  webhook: { title: "Webhook", about: "Posts signed JSON to a server of yours." },
};

export const CHANNEL_ORDER = Object.keys(CHANNEL) as ChannelKind[];

/** Where a channel leads, in a few words; secrets are never known here. */
export function destination(kind: ChannelKind, settings: Record<string, unknown>): string {
  switch (kind) {
    case "email": {
      const to = Array.isArray(settings.to) ? settings.to.map(String) : [];
      return [...(settings.owners === true ? ["owners"] : []), ...to].join(", ");
    }
    case "webhook":
      return text(settings.url);
    case "telegram":
      return `chat ${text(settings.chat_id)}`;
    case "ntfy":
      return `${text(settings.server)}${text(settings.topic)}`;
    case "slack":
    case "discord":
      return "a webhook, kept secret";
    case "pagerduty":
      return text(settings.api_url);
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
