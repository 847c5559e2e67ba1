import { useState } from "react";
import type { FieldSpec } from "@/domain/channel-settings";
import { Button } from "@/ui/button";
import { Switch } from "@/ui/choices";
import { TextArea } from "@/ui/text-area";
import { TextField } from "@/ui/text-field";
import { inSentence } from "./channel-form";

interface SettingFieldProps {
  field: FieldSpec;
  value: string | boolean;
  /** A secret that is set already. */
  stored: boolean;
  error?: string;
  onChange: (value: string | boolean) => void;
}

/** One setting of a channel. */
export function SettingField({ field, value, stored, error, onChange }: SettingFieldProps) {
  const { label, hint, placeholder, optional } = field;
  const [replacing, replace] = useState(false);
  if (field.type === "switch") {
    return <Switch label={label} hint={hint} error={error} checked={value === true} onCheckedChange={onChange} />;
  }
  if (stored && !replacing && !error) return <Stored label={label} replace={() => replace(true)} />;
  const text = { label, hint, error, placeholder, optional, value: String(value) };
  if (field.type === "list") {
    return <TextArea {...text} rows={2} optional={false} onChange={(event) => onChange(event.target.value)} />;
  }
  return (
    <TextField
      {...text}
      optional={stored ? false : optional}
      hint={stored ? "Leave it empty to keep the one that is set." : hint}
      mono={field.secret}
      type={field.secret ? "password" : "text"}
      inputMode={field.type === "number" ? "numeric" : undefined}
      autoComplete={field.secret ? "new-password" : "off"}
      spellCheck={false}
      autoFocus={replacing}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** A secret is never shown again: it can be replaced. */
function Stored({ label, replace }: { label: string; replace: () => void }) {
  return (
    <div>
      <p className="font-medium text-sm">{label}</p>
      <p className="mt-1.5 flex items-center gap-3 text-muted">
        <span aria-hidden className="tracking-widest">
          ••••••••
        </span>
        Set
        <Button size="sm" onClick={replace}>
          Replace<span className="sr-only"> the {inSentence(label)}</span>
        </Button>
      </p>
    </div>
  );
}
