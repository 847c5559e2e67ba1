import { describe, expect, it } from "vitest";
import type { Channel } from "@/api/types";
import { byField, toBody, toPatch, valuesOf, wrongs } from "./channel-form";

function channel(over: Partial<Channel>): Channel {
  return {
    id: "c1",
    kind: "webhook",
    name: "Hook",
    enabled: true,
    settings: { url: "https://example.com/hook" },
    secrets: ["secret"],
    unconfirmed: [],
    able: true,
    why_not: null,
    why_not_code: null,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    ...over,
  };
}

describe("a new channel", () => {
  it("leaves out what was left empty", () => {
    const values = { name: " Hook ", settings: { url: " https://example.com/hook ", secret: "" } };
    expect(toBody("webhook", values)).toEqual({
      name: "Hook",
      kind: "webhook",
      settings: { url: "https://example.com/hook" },
    });
  });

  it("reads lists and numbers", () => {
    const mail = { name: "Mail", settings: { owners: false, to: "a@example.com, b@example.com\nc@example.com" } };
    expect(toBody("email", mail).settings).toEqual({
      owners: false,
      to: ["a@example.com", "b@example.com", "c@example.com"],
    });
    const telegram = { name: "T", settings: { token: "1:A", chat_id: "-100", thread_id: "7", api_url: "" } };
    expect(toBody("telegram", telegram).settings).toEqual({ token: "1:A", chat_id: "-100", thread_id: 7 });
  });

  it("mails the owners unless somebody says otherwise", () => {
    expect(valuesOf("email", null).settings).toEqual({ owners: true, to: "" });
  });

  it("says what is wrongs before the server is asked", () => {
    expect(wrongs("telegram", valuesOf("telegram", null), [])).toEqual({
      name: "Give the channel a name.",
      token: "Enter the bot token.",
      chat_id: "Enter the chat.",
    });
    const nobody = { name: "Mail", settings: { owners: false, to: " " } };
    expect(wrongs("email", nobody, [])).toEqual({ to: "Name at least one address, or mail the owners." });
    expect(wrongs("webhook", { name: "a", settings: { url: "https://example.com", secret: "" } }, [])).toEqual({});
  });
});

describe("an edit", () => {
  it("names only what changed, and no secret that was not replaced", () => {
    const before = channel({});
    const values = valuesOf("webhook", before);
    expect(toPatch(before, values)).toEqual({});
    expect(toPatch(before, { ...values, name: "Other" })).toEqual({ name: "Other" });
    const replaced = { ...values, settings: { ...values.settings, secret: "whsec_new" } };
    expect(toPatch(before, replaced)).toEqual({ settings: { secret: "whsec_new" } });
  });

  it("takes an emptied field back to its default", () => {
    const before = channel({
      kind: "telegram",
      settings: { chat_id: "-100", thread_id: 7, api_url: "https://bots.example.com/" },
      secrets: ["token"],
    });
    const values = valuesOf("telegram", before);
    expect(values.settings).toEqual({
      token: "",
      chat_id: "-100",
      thread_id: "7",
      api_url: "https://bots.example.com/",
    });
    const emptied = { ...values, settings: { ...values.settings, thread_id: "", api_url: "" } };
    expect(toPatch(before, emptied)).toEqual({ settings: { thread_id: null, api_url: null } });
    expect(wrongs("telegram", values, before.secrets)).toEqual({});
  });

  it("keeps an emptied list a list", () => {
    const before = channel({ kind: "email", settings: { owners: true, to: ["a@example.com"] }, secrets: [] });
    const emptied = { name: "Hook", settings: { owners: true, to: "" } };
    expect(toPatch(before, emptied)).toEqual({ settings: { to: [] } });
  });
});

describe("errors of the server", () => {
  it("stand at their fields", () => {
    const errors = { "settings.to.1": "Is no address", name: "Too long", "settings.colour": "Is not known" };
    expect(byField("email", errors)).toEqual({ to: "Is no address", name: "Too long", "": "Is not known" });
  });
});
