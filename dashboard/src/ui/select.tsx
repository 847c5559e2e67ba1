import { ChevronDown } from "lucide-react";
import type { Ref } from "react";
import { cn } from "./cn";
import { type ControlIds, Field, type FieldProps, inputStyle } from "./field";

export interface Choice {
  /** May be empty: "none of them". */
  value: string;
  label: string;
  disabled?: boolean;
}

interface SelectBoxProps {
  value: string;
  onValueChange: (value: string) => void;
  choices: readonly Choice[];
  disabled?: boolean;
  onBlur?: () => void;
  ref?: Ref<HTMLSelectElement>;
}

interface SelectProps extends FieldProps, SelectBoxProps {
  id?: string;
}

/** One of several, under a label. The browser's own list: it weighs nothing, and phones have a good one. */
export function Select({ label, hint, error, optional, className, id, ...box }: SelectProps) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className} id={id}>
      {(ids) => <Box {...box} {...ids} />}
    </Field>
  );
}

interface CompactSelectProps extends SelectBoxProps {
  /** Its name for those who cannot see what stands beside it. */
  label: string;
  className?: string;
}

/** The same in a toolbar, where the choice speaks for itself. */
export function CompactSelect({ label, className, ...box }: CompactSelectProps) {
  return <Box {...box} aria-label={label} className={cn("w-auto! max-w-full", className)} />;
}

type BoxProps = SelectBoxProps & Partial<ControlIds> & { "aria-label"?: string; className?: string };

function Box({ value, onValueChange, choices, className, ...rest }: BoxProps) {
  return (
    <span className={cn("relative inline-flex", className ?? "w-full")}>
      <select
        {...rest}
        value={value}
        onChange={(event) => onValueChange(event.target.value)}
        className={cn(inputStyle, "h-9 cursor-pointer appearance-none truncate pr-9!")}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value} disabled={choice.disabled}>
            {choice.label}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted"
      />
    </span>
  );
}
