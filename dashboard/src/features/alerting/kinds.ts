/** The kinds of channels: what each is called and asks for. */
import type { ChannelKind } from "@/api/types";

export interface FieldSpec {
  /** As the API names it, inside `settings`. */
  name: string;
  label: string;
  hint?: string;
  placeholder?: string;
  /** Never shown again once it is stored. */
  secret?: boolean;
  /** May stay empty. */
  optional?: boolean;
  /** list: several, with commas or lines between. */
  type: "text" | "url" | "list" | "switch" | "number";
}

export interface KindSpec {
  title: string;
  /** What it does, in a line. */
  about: string;
  /** Where its settings come from. */
  help: string;
  fields: readonly FieldSpec[];
}

export const KINDS: Record<ChannelKind, KindSpec> = {
  email: {
    title: "E-mail",
    about: "Mails people, one thread for each incident.",
    help: "Needs a mail server: the setting smtp.host of this installation.",
    fields: [
      { name: "owners", type: "switch", label: "Mail the organisation's owners" },
      {
        name: "to",
        type: "list",
        label: "Addresses",
        hint: "Up to 20, with commas between.",
        placeholder: "oncall@example.com",
        optional: true,
      },
    ],
  },
  slack: {
    title: "Slack",
    about: "Posts to a channel of Slack or Mattermost.",
    help: "In Slack: Apps → Incoming Webhooks → Add to Slack, then copy the webhook URL.",
    fields: [
      {
        name: "url",
        type: "url",
        label: "Webhook URL",
        secret: true,
        placeholder: "https://hooks.slack.com/services/…",
      },
    ],
  },
  discord: {
    title: "Discord",
    about: "Posts to a channel of a Discord server.",
    help: "In Discord: channel settings → Integrations → Webhooks → New webhook, then copy its URL.",
    fields: [
      {
        name: "url",
        type: "url",
        label: "Webhook URL",
        secret: true,
        placeholder: "https://discord.com/api/webhooks/…",
      },
    ],
  },
  telegram: {
    title: "Telegram",
    about: "Sends messages from a bot of yours.",
    help: "Write to @BotFather to make a bot, add it to the chat, and copy its token.",
    fields: [
      { name: "token", type: "text", label: "Bot token", secret: true, placeholder: "123456:ABC-def…" },
      {
        name: "chat_id",
        type: "text",
        label: "Chat",
        hint: "The chat's number, or @channel of a public one.",
        placeholder: "-1001234567890",
      },
      {
        name: "thread_id",
        type: "number",
        label: "Topic",
        hint: "The number of a forum's topic.",
        optional: true,
      },
      {
        name: "api_url",
        type: "text",
        label: "API address",
        hint: "Only for a Bot API server of your own. Changing it needs the token again.",
        placeholder: "https://api.telegram.org/",
        optional: true,
      },
    ],
  },
  pagerduty: {
    title: "PagerDuty",
    about: "Opens, acknowledges and resolves alerts.",
    help: "In PagerDuty: service → Integrations → Add → Events API v2, then copy the integration key.",
    fields: [
      {
        name: "routing_key",
        type: "text",
        label: "Integration key",
        secret: true,
        hint: "32 letters and digits.",
      },
      {
        name: "api_url",
        type: "text",
        label: "API address",
        hint: "For accounts in the EU: https://events.eu.pagerduty.com/. Changing it needs the key again.",
        placeholder: "https://events.pagerduty.com/",
        optional: true,
      },
    ],
  },
  ntfy: {
    title: "ntfy",
    about: "Pushes to phones through ntfy.sh or a server of yours.",
    help: "Choose a topic nobody can guess, and subscribe to it in the ntfy app.",
    fields: [
      { name: "topic", type: "text", label: "Topic", placeholder: "acme-alerts-7f3k" },
      {
        name: "server",
        type: "url",
        label: "Server",
        hint: "Changing it needs the token again.",
        placeholder: "https://ntfy.sh/",
        optional: true,
      },
      {
        name: "token",
        type: "text",
        label: "Access token",
        hint: "Only for protected topics.",
        secret: true,
        optional: true,
      },
    ],
  },
  webhook: {
    title: "Webhook",
    about: "Posts signed JSON to a server of yours.",
    help: "Requests are signed as Standard Webhooks has it. Answer with any 2xx within 10 seconds.",
    fields: [
      { name: "url", type: "url", label: "URL", placeholder: "https://example.com/hooks/upguard" },
      {
        name: "secret",
        type: "text",
        label: "Signing secret",
        hint: "Leave it empty to have one made. It is shown once.",
        placeholder: "whsec_…",
        secret: true,
        optional: true,
      },
    ],
  },
};

/** In the order they are offered. */
export const KIND_ORDER = Object.keys(KINDS) as ChannelKind[];

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
