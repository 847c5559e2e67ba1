import type { FormEvent } from "react";
import { signIn } from "@/api/session";
import { Button } from "@/ui/button";
import { PasswordField } from "@/ui/password-field";
import { TextField } from "@/ui/text-field";
import { useCredentials } from "./use-credentials";
import { WholeProblem } from "./whole-problem";

interface SignInFormProps {
  /** Whose session it was: it cannot become another's. */
  email?: string;
  done: () => void;
}

export function SignInForm({ email, done }: SignInFormProps) {
  const form = useCredentials(email, async (values) => {
    await signIn({ email: values.email, password: values.password });
    done();
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void form.send(event.currentTarget, {
      email: form.values.email.trim() ? undefined : "Write your e-mail address.",
      password: form.values.password ? undefined : "Write your password.",
    });
  };
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={submit}>
      <TextField
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        readOnly={email !== undefined}
        autoFocus={email === undefined}
        value={form.values.email}
        error={form.refusal.fields.email}
        onChange={form.set("email")}
      />
      <PasswordField
        label="Password"
        name="password"
        autoComplete="current-password"
        autoFocus={email !== undefined}
        value={form.values.password}
        error={form.refusal.fields.password}
        onChange={form.set("password")}
      />
      <WholeProblem text={form.refusal.whole} />
      <Button type="submit" variant="primary" wide busy={form.busy}>
        Sign in
      </Button>
    </form>
  );
}
