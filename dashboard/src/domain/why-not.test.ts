import { expect, it } from "vitest";
import { whyNotWords } from "./why-not";

it("says by the code why a channel cannot be told", () => {
  expect(whyNotWords({ why_not: "smtp.host is not set", why_not_code: "no_mail_server" })).toBe(
    "this installation has no mail server (smtp.host)",
  );
  expect(whyNotWords({ why_not: "its key is gone", why_not_code: "unreadable" })).toBe("its key is gone");
  expect(whyNotWords({ why_not: null, why_not_code: null })).toBe("");
});
