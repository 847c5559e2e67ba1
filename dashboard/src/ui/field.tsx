import { CircleAlert } from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "./cn";

/** What every field has. */
export interface FieldProps {
  label: ReactNode;
  /** Shown beneath, before anything is wrong. */
  hint?: ReactNode;
  /** What is wrong, and the mend. */
  error?: string | null;
  optional?: boolean;
  className?: string;
}

/** What the control of a field carries. */
export interface ControlIds {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

interface FieldFrameProps extends FieldProps {
  id?: string;
  children: (ids: ControlIds) => ReactNode;
}

/** A label, the control, a hint and an error, tied together for those who cannot see them together. */
export function Field({ label, hint, error, optional, className, id: given, children }: FieldFrameProps) {
  const made = useId();
  const id = given ?? made;
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className={cn("flex min-w-0 flex-col gap-1.5", className)}>
      <div className="flex flex-wrap items-baseline gap-x-2">
        <label htmlFor={id} className="font-medium text-sm">
          {label}
        </label>
        {optional ? <span className="text-muted text-xs">optional</span> : null}
      </div>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  );
}

/** Error and hint under a control; the ids are those `aria-describedby` names. */
export function FieldNotes({ id, hint, error }: { id: string; hint?: ReactNode; error?: string | null }) {
  return (
    <>
      {error ? (
        <p id={`${id}-error`} className="flex gap-1.5 text-down-text text-sm">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words">{error}</span>
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="text-muted text-xs">
          {hint}
        </p>
      ) : null}
    </>
  );
}

/** How a box to write in looks. */
export const inputStyle = cn(
  "w-full min-w-0 rounded-lg border border-line-strong bg-card px-3 text-fg placeholder:text-muted pointer-coarse:min-h-11",
  "scroll-mt-20 scroll-mb-28",
  "focus-visible:border-accent focus-visible:outline-2 focus-visible:outline-accent focus-visible:outline-offset-0",
  "aria-invalid:border-down-fill disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted [&[readonly]]:bg-sunken",
);
