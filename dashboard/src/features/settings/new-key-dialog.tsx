import { type FormEvent, useId, useState } from "react";
import { fieldErrors, sentence } from "@/api/errors";
import { useCreateApiKey } from "@/api/queries/api-keys";
import type { ApiKeyScope, NewApiKey } from "@/api/types";
import { useServerNow } from "@/live/use-live";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Select } from "@/ui/select";
import { TextField } from "@/ui/text-field";
import { endOf, LIFETIMES } from "./lifetimes";
import { ScopesField } from "./scopes-field";

interface NewKeyDialogProps {
  open: boolean;
  close: () => void;
  made: (key: NewApiKey) => void;
}

/** Asks what a new key is for. */
export function NewKeyDialog({ open, close, made }: NewKeyDialogProps) {
  const form = useId();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ApiKeyScope[]>([]);
  const [days, setDays] = useState("");
  const now = useServerNow();
  const create = useCreateApiKey();
  const errors = fieldErrors(create.error);
  const empty = () => {
    setName("");
    setScopes([]);
    setDays("");
    create.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (create.isPending) return;
    const body = { name: name.trim(), scopes, expires_at: endOf(days, now) };
    create.mutate(body, {
      onSuccess: (key) => {
        empty();
        made(key);
      },
    });
  };
  const whole = create.isError && Object.keys(errors).length === 0 ? sentence(create.error) : null;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || close()}
      title="New API key"
      description="For a program that uses UpGuard on its own. It belongs to the organisation, and goes on when you leave."
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            variant="primary"
            busy={create.isPending}
            disabled={name.trim() === "" || scopes.length === 0}
          >
            Create key
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
        {whole ? (
          <p role="alert" className="text-down-text">
            {whole}
          </p>
        ) : null}
        <TextField
          label="Name"
          hint="What uses it: timelines say so, too."
          value={name}
          error={errors.name}
          maxLength={100}
          placeholder="Prometheus"
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
        <ScopesField value={scopes} onChange={setScopes} error={errors.scopes} />
        <Select
          label="Good for"
          value={days}
          onValueChange={setDays}
          choices={LIFETIMES}
          error={errors.expires_at}
          hint="After that it is refused, as if it had been revoked."
        />
      </form>
    </Dialog>
  );
}
