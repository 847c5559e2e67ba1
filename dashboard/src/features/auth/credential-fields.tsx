import type { ReactNode } from "react";
import { PasswordField } from "@/ui/password-field";
import { TextField } from "@/ui/text-field";
import type { useCredentials } from "./use-credentials";

interface CredentialFieldsProps {
  form: ReturnType<typeof useCredentials>;
  password: "current-password" | "new-password";
  hint?: ReactNode;
  /** Who it is, is known and stays so. */
  isKnown?: boolean;
}

/** Who, and the proof of it: what every door asks. */
export function CredentialFields({ form, password, hint, isKnown = false }: CredentialFieldsProps) {
  const { values, refusal, set } = form;
  return (
    <>
      <TextField
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        readOnly={isKnown}
        autoFocus={!isKnown}
        value={values.email}
        error={refusal.fields.email}
        onChange={set("email")}
      />
      <PasswordField
        label="Password"
        name="password"
        autoComplete={password}
        autoFocus={isKnown}
        hint={hint}
        value={values.password}
        error={refusal.fields.password}
        onChange={set("password")}
      />
    </>
  );
}
