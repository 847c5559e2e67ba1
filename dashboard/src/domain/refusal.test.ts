import { expect, it } from "vitest";
import { ApiError, offline } from "@/lib/errors";
import { refusalOf } from "./refusal";

const LABELS = { name: "The name", scopes: "What it may do" };
const refused = (...errors: [pointer: string, detail: string][]) =>
  new ApiError({
    status: 422,
    detail: "the form is not right",
    errors: errors.map(([pointer, detail]) => ({ pointer, detail })),
  });

it("puts each sentence at its field, under the field's label", () => {
  const error = refused(["/name", "`name` is taken"], ["/scopes/0", "`scopes` must be known"], ["/name", "too long"]);
  expect(refusalOf(error, LABELS)).toEqual({
    fields: { name: "The name is taken.", scopes: "What it may do must be known." },
    whole: undefined,
  });
});

it.each([
  [null, undefined],
  [offline(), offline().detail],
  [refused(["/nameless", "`nameless` is not known"]), "The form is not right"],
  [new Error("it broke"), "it broke"],
])("says of the whole what is no field's", (error, whole) => {
  expect(refusalOf(error, LABELS)).toEqual({ fields: {}, whole });
});
