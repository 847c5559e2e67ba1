import type { FormEvent } from "react";
import { signIn } from "@/api/session";
import { Button } from "@/ui/button";
import { CredentialFields } from "./credential-fields";
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
      <CredentialFields form={form} password="current-password" isKnown={email !== undefined} />
      <WholeProblem text={form.refusal.whole} />
      <Button type="submit" variant="primary" wide busy={form.busy}>
        Sign in
      </Button>
    </form>
  );
}
