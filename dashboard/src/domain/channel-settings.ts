/** What each kind of channel asks for: for whoever makes or changes one. */
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

interface KindSpec {
  /** Where its settings come from. */
  help: string;
  fields: readonly FieldSpec[];
}

export const CHANNEL_SETTINGS: Record<ChannelKind, KindSpec> = {
  email: {
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
