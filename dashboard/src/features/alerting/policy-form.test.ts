import { expect, it } from "vitest";
import type { Policy } from "@/api/types";
import { byField, choices, REMINDERS, toBody, valuesOf } from "./policy-form";

const policy: Policy = {
  id: "p1",
  name: "Night",
  channels: ["c1"],
  sends: ["regional", "down"],
  delay: 45,
  reminder: null,
  default: true,
  tells: [],
  warning: null,
};

it("goes to a form and back without loss", () => {
  const { id: _id, tells: _tells, warning: _warning, ...body } = policy;
  expect(toBody(valuesOf(policy))).toEqual({ ...body, sends: ["down", "regional"] });
});

it("begins with what has to be mended by somebody", () => {
  expect(toBody({ ...valuesOf(null), name: " Day " })).toEqual({
    name: "Day",
    channels: [],
    sends: ["down", "certificate", "region", "lane"],
    delay: 0,
    reminder: null,
    default: false,
  });
});

it("keeps an unusual wait to be chosen", () => {
  expect(choices(REMINDERS, 5400)).toEqual([0, 900, 1800, 3600, 5400, 14_400, 43_200, 86_400]);
  expect(choices(REMINDERS, 900)).toHaveLength(REMINDERS.length);
});

it("puts errors at their fields", () => {
  expect(byField({ "channels.1": "Names no channel", quiet: "Is not known" })).toEqual({
    channels: "Names no channel",
    "": "Is not known",
  });
});
