import { type FormEvent, useState } from "react";
import { ApiError, sentence } from "@/api/errors";
import { useChangePassword } from "@/api/queries/account";
import { PASSWORD_RULE, shortPassword } from "@/lib/password-rule";
import { problemText } from "@/lib/problem-text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { PasswordField } from "@/ui/password-field";
import { toast } from "@/ui/toast";

interface Wrong {
  current?: string;
  next?: string;
  whole?: string;
}

/** Another password; all other sign-ins end with the old one. */
export function PasswordCard({ email }: { email: string }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [wrong, setWrong] = useState<Wrong>({});
  const change = useChangePassword();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const early = { current: current ? undefined : "Write your present password.", next: shortPassword(next) };
    setWrong(early);
    if (early.current || early.next) return;
    try {
      await change.mutateAsync({ current_password: current, new_password: next });
      setCurrent("");
      setNext("");
      toast({ title: "Password changed", description: "You are signed out everywhere else." });
    } catch (error) {
      setWrong(wrongOf(error));
    }
  };
  return (
    <Card title="Password" description="Changing it signs you out everywhere else.">
      <form noValidate onSubmit={submit} className="flex max-w-md flex-col gap-4">
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <PasswordField
          label="Present password"
          autoComplete="current-password"
          value={current}
          error={wrong.current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <PasswordField
          label="New password"
          autoComplete="new-password"
          hint={PASSWORD_RULE}
          value={next}
          error={wrong.next}
          onChange={(event) => setNext(event.target.value)}
        />
        <div role="alert" className="empty:hidden">
          {wrong.whole ? <p className="text-down-text text-sm">{wrong.whole}</p> : null}
        </div>
        <Button type="submit" variant="primary" busy={change.isPending} className="self-start">
          Change password
        </Button>
      </form>
    </Card>
  );
}

/** Which field a refusal is about. */
function wrongOf(error: unknown): Wrong {
  if (!(error instanceof ApiError)) return { whole: sentence(error) };
  const at = (pointer: string, label: string) => {
    const found = error.errors.find((one) => one.pointer === pointer);
    return found && problemText(found.detail, label);
  };
  const current = at("/current_password", "The present password");
  const next = at("/new_password", "The new password");
  return current || next ? { current, next } : { whole: sentence(error) };
}
