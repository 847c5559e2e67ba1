import { describe, expect, it } from "vitest";
import { CHANNEL_ORDER, destination } from "./channel";
import { CHANNEL_SETTINGS } from "./channel-settings";

describe("kinds", () => {
  it("are all seven, and none shows a secret as its destination", () => {
    expect(CHANNEL_ORDER).toHaveLength(7);
    for (const kind of CHANNEL_ORDER) {
      const secrets = CHANNEL_SETTINGS[kind].fields.filter((field) => field.secret);
      const settings = Object.fromEntries(secrets.map((field) => [field.name, "hidden"]));
      expect(destination(kind, settings)).not.toContain("hidden");
    }
  });

  it("say where they lead", () => {
    expect(destination("email", { owners: true, to: ["a@example.com"] })).toBe("owners, a@example.com");
    expect(destination("ntfy", { server: "https://ntfy.sh/", topic: "acme" })).toBe("https://ntfy.sh/acme");
  });
});
