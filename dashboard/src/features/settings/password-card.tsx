import { type FormEvent, useState } from "react";
import { useChangePassword } from "@/api/queries/account";
import { refusalOf } from "@/domain/refusal";
import { PASSWORD_RULE, shortPassword } from "@/lib/password-rule";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { PasswordField } from "@/ui/password-field";
import { toast } from "@/ui/toast";

const LABELS = { current_password: "The present password", new_password: "The new password" };

/** Another password; all other sign-ins end with the old one. */
export function PasswordCard({ email }: { email: string }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [wrong, setWrong] = useState<{ current?: string; next?: string }>({});
  const change = useChangePassword();
  const { fields, whole } = refusalOf(change.error, LABELS);
  const changed = () => {
    setCurrent("");
    setNext("");
    toast({ title: "Password changed", description: "You are signed out everywhere else." });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.reset();
    const early = { current: current ? undefined : "Write your present password.", next: shortPassword(next) };
    setWrong(early);
    if (early.current || early.next) return;
    change.mutate({ current_password: current, new_password: next }, { onSuccess: changed });
  };
  return (
    <Card title="Password" description="Changing it signs you out everywhere else.">
      <form noValidate onSubmit={submit} className="flex max-w-md flex-col gap-4">
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <PasswordField
          label="Present password"
          autoComplete="current-password"
          value={current}
          error={wrong.current ?? fields.current_password}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <PasswordField
          label="New password"
          autoComplete="new-password"
          hint={PASSWORD_RULE}
          value={next}
          error={wrong.next ?? fields.new_password}
          onChange={(event) => setNext(event.target.value)}
        />
        <div role="alert" className="empty:hidden">
          {whole ? <p className="text-down-text text-sm">{whole}</p> : null}
        </div>
        <Button type="submit" variant="primary" busy={change.isPending} className="self-start">
          Change password
        </Button>
      </form>
    </Card>
  );
}
