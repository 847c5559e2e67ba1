import { Check, Minus } from "lucide-react";
import { type ComponentProps, type ReactNode, type Ref, useId } from "react";
import { cn } from "./cn";
import { FieldNotes, type FieldProps } from "./field";

interface TickProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
  disabled?: boolean;
  className?: string;
  ref?: Ref<HTMLInputElement>;
}

interface SwitchProps extends TickProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
}

const boxStyle = cn(
  "peer m-0 size-full cursor-pointer appearance-none border border-line-strong bg-card transition-colors",
  "checked:border-accent checked:bg-accent indeterminate:border-accent indeterminate:bg-accent",
  "disabled:cursor-not-allowed disabled:opacity-55 forced-colors:appearance-auto",
);

/** On or off, at once or with the form. The whole line can be pressed. */
export function Switch({ label, hint, error, className, onCheckedChange, ...rest }: SwitchProps) {
  const id = useId();
  return (
    <TickLine id={id} label={label} hint={hint} error={error} className={className}>
      <span className="relative mt-px h-5 w-9 shrink-0">
        <input
          type="checkbox"
          role="switch"
          aria-checked={rest.checked}
          {...rest}
          {...noted(id, hint, error)}
          onChange={(event) => onCheckedChange(event.target.checked)}
          className={cn(boxStyle, "rounded-full bg-sunken")}
        />
        <span
          aria-hidden
          className="pointer-events-none absolute top-[3px] left-[3px] size-3.5 rounded-full bg-muted transition-transform peer-checked:translate-x-4 peer-checked:bg-on-accent forced-colors:hidden"
        />
      </span>
    </TickLine>
  );
}

interface CheckboxProps extends TickProps {
  checked: boolean | "indeterminate";
  onCheckedChange: (checked: boolean) => void;
}

export function Checkbox({ label, hint, error, className, ...rest }: CheckboxProps) {
  const id = useId();
  return (
    <TickLine id={id} label={label} hint={hint} error={error} className={className}>
      <TickBox {...rest} {...noted(id, hint, error)} />
    </TickLine>
  );
}

type Input = Omit<ComponentProps<"input">, "checked" | "onChange" | "type" | "ref">;

interface TickBoxProps extends Input {
  checked: boolean | "indeterminate";
  onCheckedChange: (checked: boolean) => void;
  ref?: Ref<HTMLInputElement>;
}

/** The box alone, for tables: give it an `aria-label`. */
export function TickBox({ className, checked, onCheckedChange, ref, ...rest }: TickBoxProps) {
  const isMixed = checked === "indeterminate";
  const mark = "pointer-events-none absolute inset-0 m-auto size-3.5 text-on-accent forced-colors:hidden";
  return (
    <span className={cn("relative inline-block size-[1.125rem] shrink-0", className)}>
      <input
        type="checkbox"
        {...rest}
        ref={(box) => {
          if (box) box.indeterminate = isMixed;
          if (typeof ref === "function") ref(box);
          else if (ref) ref.current = box;
        }}
        checked={checked === true}
        onChange={(event) => onCheckedChange(event.target.checked)}
        // A target larger than what is drawn.
        className={cn(boxStyle, "rounded-sm before:absolute before:-inset-1 pointer-coarse:before:-inset-3.5")}
      />
      {checked === true ? <Check aria-hidden className={mark} strokeWidth={3} /> : null}
      {isMixed ? <Minus aria-hidden className={mark} strokeWidth={3} /> : null}
    </span>
  );
}

interface RadioGroupProps extends FieldProps {
  value: string;
  onValueChange: (value: string) => void;
  choices: readonly { value: string; label: ReactNode; hint?: ReactNode; disabled?: boolean }[];
  /** Beside each other where there is room. */
  inline?: boolean;
}

/** One of a few, all in sight. */
export function RadioGroup({ label, hint, error, value, onValueChange, choices, inline, className }: RadioGroupProps) {
  const id = useId();
  const { id: _, ...described } = noted(id, hint, error);
  return (
    <fieldset className={cn("flex min-w-0 flex-col gap-2", className)} {...described}>
      <legend className="mb-2 font-medium text-sm">{label}</legend>
      <div className={cn("flex flex-col gap-2.5", inline && "sm:flex-row sm:flex-wrap sm:gap-x-6")}>
        {choices.map((choice) => (
          <TickLine key={choice.value} id={`${id}-${choice.value}`} label={choice.label} hint={choice.hint}>
            <span className="relative mt-px size-[1.125rem] shrink-0">
              <input
                type="radio"
                name={id}
                {...noted(`${id}-${choice.value}`, choice.hint)}
                value={choice.value}
                checked={choice.value === value}
                disabled={choice.disabled}
                onChange={() => onValueChange(choice.value)}
                className={cn(boxStyle, "rounded-full")}
              />
              <span
                aria-hidden
                className="pointer-events-none absolute inset-0 m-auto hidden size-2 rounded-full bg-on-accent peer-checked:block forced-colors:hidden"
              />
            </span>
          </TickLine>
        ))}
      </div>
      <FieldNotes id={id} hint={hint} error={error} />
    </fieldset>
  );
}

function noted(id: string, hint?: ReactNode, error?: string | null) {
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return { id, "aria-describedby": described || undefined, "aria-invalid": error ? (true as const) : undefined };
}

interface TickLineProps {
  id: string;
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
  className?: string;
  children: ReactNode;
}

function TickLine({ id, label, hint, error, className, children }: TickLineProps) {
  return (
    <div className={cn("flex min-w-0 items-start gap-2.5 pointer-coarse:py-2", className)}>
      {children}
      <div className="flex min-w-0 flex-col gap-0.5">
        <label htmlFor={id} className="min-w-0 cursor-pointer break-words text-sm">
          {label}
        </label>
        <FieldNotes id={id} hint={hint} error={error} />
      </div>
    </div>
  );
}
