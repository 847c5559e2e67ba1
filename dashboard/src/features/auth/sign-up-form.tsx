import { type FormEvent, useState } from "react";
import { signUp } from "@/api/session";
import { PASSWORD_RULE, shortPassword } from "@/lib/password-rule";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/text-field";
import { CredentialFields } from "./credential-fields";
import { Mailed } from "./mailed";
import { useCredentials } from "./use-credentials";
import { WholeProblem } from "./whole-problem";

export function SignUpForm({ done }: { done: () => void }) {
  const [mailed, setMailed] = useState<string | null>(null);
  const form = useCredentials(undefined, async ({ name, email, password }) => {
    const entered = await signUp(name ? { email, password, name } : { email, password });
    if (entered === "mailed") setMailed(email);
    else done();
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void form.send(event.currentTarget, {
      email: wrongEmail(form.values.email),
      password: shortPassword(form.values.password),
    });
  };
  if (mailed !== null) return <Mailed email={mailed} />;
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
      <CredentialFields form={form} password="new-password" hint={PASSWORD_RULE} />
      <WholeProblem text={form.refusal.whole} />
      <Button type="submit" variant="primary" wide busy={form.busy}>
        Create account
      </Button>
    </form>
  );
}

/** What can be said before the server is asked. */
function wrongEmail(email: string): string | undefined {
  if (email.trim() === "") return "Write your e-mail address.";
  return /^[^\s@]+@[^\s@]+$/.test(email.trim())
    ? undefined
    : "This is no e-mail address: write it like ada@example.org.";
}
