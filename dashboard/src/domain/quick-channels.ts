/** The channels that need one thing to be known. All others are under Alerting. */
import type { ChannelBody } from "@/api/types";

export interface QuickChannel {
  kind: "email" | "slack" | "discord" | "ntfy" | "webhook";
  title: string;
  label: string;
  placeholder: string;
  hint: string;
  type: "email" | "url" | "text";
  body: (text: string) => ChannelBody;
}

export const QUICK_CHANNELS: readonly QuickChannel[] = [
  {
    kind: "email",
    title: "E-mail",
    label: "E-mail address",
    placeholder: "oncall@example.com",
    hint: "Needs a mail server: the setting smtp.host of this installation.",
    type: "email",
    body: (to) => ({ kind: "email", name: `E-mail to ${to}`.slice(0, 100), settings: { to: [to], owners: false } }),
  },
  {
    kind: "slack",
    title: "Slack",
    label: "Webhook URL",
    placeholder: "https://hooks.slack.com/services/…",
    hint: "In Slack: Apps → Incoming Webhooks → Add to Slack.",
    type: "url",
    body: (url) => ({ kind: "slack", name: "Slack", settings: { url } }),
  },
  {
    kind: "discord",
    title: "Discord",
    label: "Webhook URL",
    placeholder: "https://discord.com/api/webhooks/…",
    hint: "In Discord: channel settings → Integrations → Webhooks.",
    type: "url",
    body: (url) => ({ kind: "discord", name: "Discord", settings: { url } }),
  },
  {
    kind: "ntfy",
    title: "ntfy (phone)",
    label: "Topic",
    placeholder: "acme-alerts-7f3k",
    hint: "Choose one nobody can guess, and subscribe to it in the ntfy app.",
    type: "text",
    body: (topic) => ({ kind: "ntfy", name: `ntfy ${topic}`.slice(0, 100), settings: { topic } }),
  },
  {
    kind: "webhook",
    title: "Webhook",
    label: "URL",
    placeholder: "https://example.com/hooks/upguard",
    hint: "Gets signed JSON by POST.",
    type: "url",
    body: (url) => ({ kind: "webhook", name: "Webhook", settings: { url } }),
  },
];

export function quickChannel(kind: string): QuickChannel {
  const [first] = QUICK_CHANNELS;
  return QUICK_CHANNELS.find((one) => one.kind === kind) ?? (first as QuickChannel);
}
