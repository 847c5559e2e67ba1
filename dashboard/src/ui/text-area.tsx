import type { ComponentProps } from "react";
import { cn } from "./cn";
import { Field, type FieldProps, inputStyle } from "./field";

interface TextAreaProps extends FieldProps, Omit<ComponentProps<"textarea">, "className"> {
  mono?: boolean;
}

/** Several lines of text. */
export function TextArea({ label, hint, error, optional, className, id, mono, ...area }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className} id={id}>
      {(ids) => <textarea rows={3} {...area} {...ids} className={cn(inputStyle, "block py-2", mono && "font-mono")} />}
    </Field>
  );
}
