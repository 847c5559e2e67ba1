import { describe, expect, it } from "vitest";
import { ApiError } from "@/lib/errors";
import { refusalOf } from "./use-credentials";

describe("a refusal of a sign-up or sign-in", () => {
  it("goes to the fields it names", () => {
    const error = new ApiError({
      status: 422,
      detail: "2 fields are not right; `errors` says which",
      errors: [
        { pointer: "/email", detail: "`email` is not an e-mail address: write it like name@example.org" },
        { pointer: "/password", detail: "`password` must have 12 to 128 characters, not 3" },
      ],
    });
    expect(refusalOf(error)).toEqual({
      fields: {
        email: "This is not an e-mail address: write it like name@example.org.",
        password: "The password must have 12 to 128 characters, not 3.",
      },
      whole: null,
    });
  });

  it("of a taken address stands at the address", () => {
    const error = new ApiError({ status: 409, detail: "this e-mail address has an account: sign in" });
    expect(refusalOf(error)).toEqual({
      fields: { email: "This e-mail address has an account: sign in." },
      whole: null,
    });
  });

  it("says the rest above the button", () => {
    const wrong = new ApiError({ status: 401, detail: "the e-mail address or the password is not right" });
    expect(refusalOf(wrong).whole).toBe("The e-mail address or the password is not right.");
    const strange = new ApiError({
      status: 422,
      detail: "one field is not right",
      errors: [{ pointer: "/x", detail: "no" }],
    });
    expect(refusalOf(strange).whole).toBe("One field is not right.");
  });
});
