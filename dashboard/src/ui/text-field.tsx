import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";
import { Field, type FieldProps, inputStyle } from "./field";

export interface TextFieldProps extends FieldProps, Omit<ComponentProps<"input">, "className"> {
  /** Evidence, codes, addresses. */
  mono?: boolean;
  /** A button or a unit at the end of the box. */
  end?: ReactNode;
}

/** One line of text. */
export function TextField({ label, hint, error, optional, className, id, mono, end, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className} id={id}>
      {(ids) => (
        <span className="relative flex">
          <input
            type="text"
            {...input}
            {...ids}
            className={cn(inputStyle, "h-9", mono && "font-mono", end && "pr-12")}
          />
          {end ? <span className="absolute inset-y-0 right-1 flex items-center text-muted text-sm">{end}</span> : null}
        </span>
      )}
    </Field>
  );
}
