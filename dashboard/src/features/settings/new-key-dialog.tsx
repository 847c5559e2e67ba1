import { useState } from "react";
import { useCreateApiKey } from "@/api/queries/api-keys";
import type { ApiKeyScope, NewApiKey } from "@/api/types";
import { refusalOf } from "@/domain/refusal";
import { useServerNow } from "@/live/use-live";
import { FormDialog } from "@/ui/form-dialog";
import { Select } from "@/ui/select";
import { TextField } from "@/ui/text-field";
import { endOf, LIFETIMES } from "./lifetimes";
import { ScopesField } from "./scopes-field";

interface NewKeyDialogProps {
  open: boolean;
  close: () => void;
  made: (key: NewApiKey) => void;
}

const LABELS = { name: "The name", scopes: "The scopes", expires_at: "The end" };

/** Asks what a new key is for. */
export function NewKeyDialog({ open, close, made }: NewKeyDialogProps) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ApiKeyScope[]>([]);
  const [days, setDays] = useState("");
  const now = useServerNow();
  const create = useCreateApiKey();
  const { fields, whole } = refusalOf(create.error, LABELS);
  const empty = () => {
    setName("");
    setScopes([]);
    setDays("");
    create.reset();
  };
  const save = () => {
    const body = { name: name.trim(), scopes, expires_at: endOf(days, now) };
    create.mutate(body, {
      onSuccess: (key) => {
        empty();
        made(key);
      },
    });
  };
  return (
    <FormDialog
      open={open}
      title="New API key"
      description="For a program that uses UpGuard on its own. It belongs to the organisation, and goes on when you leave."
      confirm="Create key"
      problem={whole}
      busy={create.isPending}
      incomplete={name.trim() === "" || scopes.length === 0}
      close={close}
      save={save}
    >
      <TextField
        label="Name"
        hint="What uses it: timelines say so, too."
        value={name}
        error={fields.name}
        maxLength={100}
        placeholder="Prometheus"
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
      />
      <ScopesField value={scopes} onChange={setScopes} error={fields.scopes} />
      <Select
        label="Good for"
        value={days}
        onValueChange={setDays}
        choices={LIFETIMES}
        error={fields.expires_at}
        hint="After that it is refused, as if it had been revoked."
      />
    </FormDialog>
  );
}
