import type { ComponentProps } from "react";
import { cn } from "./cn";
import { Field, type FieldProps, inputStyle } from "./field";

interface NumberFieldProps extends FieldProps, Omit<ComponentProps<"input">, "className" | "type"> {
  /** Written behind the number: "seconds". */
  unit?: string;
}

/** A whole number. A text box with a number pad: no spinner that scrolling would turn. */
export function NumberField({ label, hint, error, optional, className, id, unit, ...input }: NumberFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className} id={id}>
      {(ids) => (
        <span className="flex items-center gap-2">
          <input
            type="text"
            inputMode="numeric"
            autoComplete="off"
            {...input}
            {...ids}
            className={cn(inputStyle, "h-9 max-w-32 tabular-nums")}
          />
          {unit ? <span className="text-muted text-sm">{unit}</span> : null}
        </span>
      )}
    </Field>
  );
}
