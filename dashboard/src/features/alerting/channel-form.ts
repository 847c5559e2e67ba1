/** A channel's form and the API's body, one made from the other. */
import type { Channel, ChannelBody, ChannelKind } from "@/api/types";
import { CHANNEL_SETTINGS, type FieldSpec } from "@/domain/channel-settings";

export interface ChannelValues {
  name: string;
  /** By field name; what a person typed, or a switch. */
  settings: Record<string, string | boolean>;
}

/** What the form begins with: secrets are always empty. */
export function valuesOf(kind: ChannelKind, channel: Channel | null): ChannelValues {
  const value = (field: FieldSpec): string | boolean => {
    const stored = channel?.settings[field.name];
    if (field.type === "switch") return channel ? stored === true : true;
    if (field.secret || stored === null || stored === undefined) return "";
    return Array.isArray(stored) ? stored.join(", ") : String(stored);
  };
  return {
    name: channel?.name ?? "",
    settings: Object.fromEntries(CHANNEL_SETTINGS[kind].fields.map((field) => [field.name, value(field)])),
  };
}

/** The body of a new channel: what was left empty is left out. */
export function toBody(kind: ChannelKind, values: ChannelValues): ChannelBody {
  const settings: Record<string, unknown> = {};
  for (const field of CHANNEL_SETTINGS[kind].fields) {
    const read = readField(field, values.settings[field.name]);
    if (read !== null) settings[field.name] = read;
  }
  return { name: values.name.trim(), kind, settings };
}

/**
 * What an edit changes, as a JSON Merge Patch. A secret left empty stays as it is; another field left empty goes back
 * to its default.
 */
export function toPatch(channel: Channel, values: ChannelValues): Partial<ChannelBody> {
  const before = valuesOf(channel.kind, channel);
  const settings: Record<string, unknown> = {};
  for (const field of CHANNEL_SETTINGS[channel.kind].fields) {
    const now = values.settings[field.name];
    if (now === before.settings[field.name]) continue;
    settings[field.name] = readField(field, now);
  }
  const name = values.name.trim();
  return {
    ...(name === channel.name ? {} : { name }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

function readField(field: FieldSpec, value: string | boolean | undefined): unknown {
  if (typeof value === "boolean") return value;
  const text = (value ?? "").trim();
  switch (field.type) {
    case "list":
      return text.split(/[\s,;]+/).filter((part) => part !== "");
    case "number":
      return text === "" ? null : Number.isInteger(Number(text)) ? Number(text) : text;
    default:
      return text === "" ? null : text;
  }
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** What is wrong or not there: as much as can be said without asking the server. */
export function wrongs(kind: ChannelKind, values: ChannelValues, stored: readonly string[]): Record<string, string> {
  const errors: Record<string, string> = {};
  if (values.name.trim() === "") errors.name = "Give the channel a name.";
  for (const field of CHANNEL_SETTINGS[kind].fields) {
    const text = String(values.settings[field.name] ?? "").trim();
    if (text === "" && !field.optional && !stored.includes(field.name)) {
      errors[field.name] = `Enter the ${inSentence(field.label)}.`;
    } else if (field.type === "url" && text !== "" && !isWebAddress(text)) {
      errors[field.name] = "This is no web address: write it whole, like https://example.com/hook.";
    }
  }
  if (kind === "email" && values.settings.owners !== true && String(values.settings.to ?? "").trim() === "") {
    errors.to = "Name at least one address, or mail the owners.";
  }
  return errors;
}

/** `Bot token` within a sentence; `URL` stays. */
export function inSentence(label: string): string {
  return label.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/** The server's errors by field name: `settings.to.0` belongs to `to`. What belongs to no field is under "". */
export function byField(kind: ChannelKind, errors: Record<string, string>): Record<string, string> {
  const fields = new Set(CHANNEL_SETTINGS[kind].fields.map((field) => field.name));
  const mapped: Record<string, string> = {};
  for (const [path, detail] of Object.entries(errors)) {
    const [head = "", inner = ""] = path.split(".");
    const field = head === "settings" && fields.has(inner) ? inner : head === "name" ? "name" : "";
    mapped[field] ??= detail;
  }
  return mapped;
}
