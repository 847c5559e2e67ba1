import { expect, it } from "vitest";
import { warningWords, whyNotWords } from "./why-not";

it("says why nobody would be told, settings by what they are", () => {
  expect(warningWords("nobody will be told: the policy has no channels")).toBe(
    "Nobody will be told: it has no channels",
  );
  expect(warningWords("nobody will be told: the channel is switched off; smtp.host is not set")).toBe(
    "Nobody will be told: the channel is switched off; smtp.host is not set",
  );
  expect(whyNotWords("smtp.host is not set")).toBe("this installation has no mail server (smtp.host)");
});
