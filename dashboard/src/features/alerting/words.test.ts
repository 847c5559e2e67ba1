import { expect, it } from "vitest";
import { mendOf, policyWords, whatWords } from "./words";

it("says what a policy does", () => {
  expect(policyWords({ sends: ["certificate", "region", "down"], delay: 0, reminder: null })).toBe(
    "Sends down, certificate and region at once.",
  );
  expect(policyWords({ sends: ["down"], delay: 300, reminder: 3600 })).toBe(
    "Sends down after 5 m, and again every 1 h until somebody acknowledges.",
  );
  expect(policyWords({ sends: [], delay: 0, reminder: null })).toBe("Sends nothing: incidents are only shown here.");
});

it("knows what mends a policy that tells nobody", () => {
  const tells = [{ channel: "c", name: "Mail", kind: "email" as const, able: false, why_not: "smtp.host is not set" }];
  expect(mendOf({ sends: [], tells })).toBe("levels");
  expect(mendOf({ sends: ["down"], tells: [] })).toBe("channels");
  expect(mendOf({ sends: ["down"], tells })).toBe("channel");
});

it("calls a try without a message a test", () => {
  expect(whatWords(null)).toBe("Test");
});
