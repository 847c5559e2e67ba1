import { expect, it } from "vitest";
import type { Policy } from "@/api/types";
import { messageWord } from "./message";
import { mendOf, policyWords } from "./policy";
import { warningWords } from "./warning";

it("says what a policy does", () => {
  expect(policyWords({ sends: ["certificate", "region", "down"], delay: 0, reminder: null })).toBe(
    "Sends down, certificate and region at once.",
  );
  expect(policyWords({ sends: ["down"], delay: 300, reminder: 3600 })).toBe(
    "Sends down after 5 m, and again every 1 h until somebody acknowledges.",
  );
  expect(policyWords({ sends: [], delay: 0, reminder: null })).toBe("Sends nothing: incidents are only shown here.");
});

const mail: Policy["tells"][number] = {
  channel: "c",
  name: "Mail",
  kind: "email",
  able: false,
  why_not: "smtp.host is not set",
  why_not_code: "no_mail_server",
};

it("knows what mends a policy that tells nobody", () => {
  const tells = [mail];
  expect(mendOf({ sends: [], tells })).toBe("levels");
  expect(mendOf({ sends: ["down"], tells: [] })).toBe("channels");
  expect(mendOf({ sends: ["down"], tells })).toBe("channel");
});

it("calls a try without a message a test", () => {
  expect(messageWord(null)).toBe("Test");
});

it("says why nobody would be told, settings by what they are", () => {
  const off: typeof mail = { ...mail, why_not: "the channel is switched off", why_not_code: "disabled" };
  expect(warningWords({ sends: [], tells: [mail] })).toBe("Nobody will be told: it sends no level at all");
  expect(warningWords({ sends: ["down"], tells: [] })).toBe("Nobody will be told: it has no channels");
  expect(warningWords({ sends: ["down"], tells: [mail, mail] })).toBe(
    "Nobody will be told: this installation has no mail server (smtp.host)",
  );
  expect(warningWords({ sends: ["down"], tells: [off, mail] })).toBe(
    "Nobody will be told: the channel is switched off; this installation has no mail server (smtp.host)",
  );
});
