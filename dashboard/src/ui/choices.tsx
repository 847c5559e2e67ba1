import { Check, Minus } from "lucide-react";
import { Checkbox as RadixCheckbox, RadioGroup as RadixRadio, Switch as RadixSwitch } from "radix-ui";
import { type ReactNode, type Ref, useId } from "react";
import { cn, focusRing } from "./cn";
import { FieldNotes, type FieldProps } from "./field";

interface TickProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
  disabled?: boolean;
  className?: string;
  ref?: Ref<HTMLButtonElement>;
}

interface SwitchProps extends TickProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
}

/** On or off, at once or with the form. The whole line can be pressed. */
export function Switch({ label, hint, error, className, ...rest }: SwitchProps) {
  const id = useId();
  return (
    <TickLine id={id} label={label} hint={hint} error={error} className={className}>
      <RadixSwitch.Root
        {...rest}
        {...noted(id, hint, error)}
        className={cn(
          focusRing,
          "relative mt-px h-5 w-9 shrink-0 cursor-pointer rounded-full border border-line-strong bg-sunken transition-colors",
          "data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:cursor-not-allowed disabled:opacity-55",
        )}
      >
        <RadixSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-muted transition-transform data-[state=checked]:translate-x-[1.125rem] data-[state=checked]:bg-on-accent forced-colors:bg-[ButtonText]" />
      </RadixSwitch.Root>
    </TickLine>
  );
}

interface CheckboxProps extends TickProps {
  checked: boolean | "indeterminate";
  onCheckedChange: (checked: boolean) => void;
}

export function Checkbox({ label, hint, error, className, onCheckedChange, ...rest }: CheckboxProps) {
  const id = useId();
  return (
    <TickLine id={id} label={label} hint={hint} error={error} className={className}>
      <TickBox {...rest} {...noted(id, hint, error)} onCheckedChange={onCheckedChange} />
    </TickLine>
  );
}

interface TickBoxProps extends Omit<CheckboxProps, "label" | "hint" | "error"> {
  id?: string;
  "aria-label"?: string;
}

/** The box alone, for tables: give it an `aria-label`. */
export function TickBox({ className, onCheckedChange, ...rest }: TickBoxProps) {
  return (
    <RadixCheckbox.Root
      {...rest}
      onCheckedChange={(state) => onCheckedChange(state === true)}
      className={cn(
        focusRing,
        "relative grid size-[1.125rem] shrink-0 cursor-pointer place-items-center rounded-sm border border-line-strong bg-card text-on-accent",
        "before:absolute before:-inset-1 pointer-coarse:before:-inset-3.5",
        "data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:border-accent data-[state=indeterminate]:bg-accent",
        "disabled:cursor-not-allowed disabled:opacity-55",
        className,
      )}
    >
      <RadixCheckbox.Indicator>
        {rest.checked === "indeterminate" ? (
          <Minus aria-hidden className="size-3.5" strokeWidth={3} />
        ) : (
          <Check aria-hidden className="size-3.5" strokeWidth={3} />
        )}
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
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
    <div className={cn("flex flex-col gap-2", className)}>
      <p id={`${id}-label`} className="font-medium text-sm">
        {label}
      </p>
      <RadixRadio.Root
        value={value}
        onValueChange={onValueChange}
        aria-labelledby={`${id}-label`}
        {...described}
        className={cn("flex flex-col gap-2.5", inline && "sm:flex-row sm:flex-wrap sm:gap-x-6")}
      >
        {choices.map((choice) => (
          <TickLine key={choice.value} id={`${id}-${choice.value}`} label={choice.label} hint={choice.hint}>
            <RadixRadio.Item
              {...noted(`${id}-${choice.value}`, choice.hint)}
              value={choice.value}
              disabled={choice.disabled}
              className={cn(
                focusRing,
                "mt-px grid size-[1.125rem] shrink-0 cursor-pointer place-items-center rounded-full border border-line-strong bg-card",
                "data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:cursor-not-allowed disabled:opacity-55",
              )}
            >
              <RadixRadio.Indicator className="size-2 rounded-full bg-on-accent forced-colors:bg-[ButtonText]" />
            </RadixRadio.Item>
          </TickLine>
        ))}
      </RadixRadio.Root>
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
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
