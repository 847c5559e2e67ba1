import type { FormEvent } from "react";
import { signUp } from "@/api/session";
import { PASSWORD_RULE, shortPassword } from "@/lib/password-rule";
import { Button } from "@/ui/button";
import { PasswordField } from "@/ui/password-field";
import { TextField } from "@/ui/text-field";
import { useCredentials } from "./use-credentials";
import { WholeProblem } from "./whole-problem";

export function SignUpForm({ done }: { done: () => void }) {
  const form = useCredentials(undefined, async ({ name, email, password }) => {
    await signUp(name ? { email, password, name } : { email, password });
    done();
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void form.send(event.currentTarget, {
      email: form.values.email.trim() ? undefined : "Write your e-mail address.",
      password: shortPassword(form.values.password),
    });
  };
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={submit}>
      <TextField
        label="Name"
        optional
        name="name"
        autoComplete="name"
        hint="Your organisation gets this name too."
        value={form.values.name}
        error={form.refusal.fields.name}
        onChange={form.set("name")}
      />
      <TextField
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        value={form.values.email}
        error={form.refusal.fields.email}
        onChange={form.set("email")}
      />
      <PasswordField
        label="Password"
        name="password"
        autoComplete="new-password"
        hint={PASSWORD_RULE}
        value={form.values.password}
        error={form.refusal.fields.password}
        onChange={form.set("password")}
      />
      <WholeProblem text={form.refusal.whole} />
      <Button type="submit" variant="primary" wide busy={form.busy}>
        Create account
      </Button>
    </form>
  );
}
