import { useId } from "react";
import type { ApiKeyScope } from "@/api/types";
import { Checkbox } from "@/ui/choices";
import { FieldNotes } from "@/ui/field";
import { SCOPES } from "./scopes";

interface ScopesFieldProps {
  value: readonly ApiKeyScope[];
  onChange: (value: ApiKeyScope[]) => void;
  error: string | undefined;
}

/** What a key may do. */
export function ScopesField({ value, onChange, error }: ScopesFieldProps) {
  const id = useId();
  const set = (scope: ApiKeyScope, chosen: boolean) =>
    onChange(SCOPES.map((one) => one.scope).filter((one) => (one === scope ? chosen : value.includes(one))));
  return (
    <fieldset className="flex min-w-0 flex-col gap-2" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="mb-2 font-medium text-sm">Scopes</legend>
      <div className="flex flex-col gap-2.5">
        {SCOPES.map(({ scope, word, hint }) => (
          <Checkbox
            key={scope}
            label={word}
            hint={hint}
            checked={value.includes(scope)}
            onCheckedChange={(chosen) => set(scope, chosen)}
          />
        ))}
      </div>
      <FieldNotes id={id} error={error} />
    </fieldset>
  );
}
