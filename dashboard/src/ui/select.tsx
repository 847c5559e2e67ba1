import { getNonce } from "get-nonce";
import { Check, ChevronDown } from "lucide-react";
import { Select as Radix } from "radix-ui";
import type { Ref } from "react";
import { cn } from "./cn";
import { type ControlIds, Field, type FieldProps, inputStyle } from "./field";
import { popItemStyle, popStyle } from "./menu";

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
  placeholder?: string;
  onBlur?: () => void;
  ref?: Ref<HTMLButtonElement>;
}

export interface SelectProps extends FieldProps, SelectBoxProps {
  id?: string;
}

/** One of several, under a label. */
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
  return <Box {...box} aria-label={label} className={cn("h-9 w-auto", className)} />;
}

/** Radix refuses an empty value, which is a common choice. */
const NONE = "\u0000none";

type BoxProps = SelectBoxProps & Partial<ControlIds> & { "aria-label"?: string; className?: string };

function Box({ value, onValueChange, choices, disabled, placeholder, className, ref, onBlur, ...ids }: BoxProps) {
  return (
    <Radix.Root
      value={value || NONE}
      onValueChange={(next) => onValueChange(next === NONE ? "" : next)}
      disabled={disabled}
    >
      <Radix.Trigger
        {...ids}
        ref={ref}
        onBlur={onBlur}
        className={cn(
          inputStyle,
          "flex h-9 cursor-pointer items-center justify-between gap-2 text-left text-sm",
          className,
        )}
      >
        <span className="min-w-0 flex-1 truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <Radix.Icon asChild>
          <ChevronDown aria-hidden className="size-4 shrink-0 text-muted" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className={cn(
            popStyle,
            "max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width)",
          )}
        >
          <Radix.Viewport nonce={getNonce()}>
            {choices.map((choice) => (
              <Radix.Item
                key={choice.value}
                value={choice.value || NONE}
                disabled={choice.disabled}
                className={cn(popItemStyle, "pr-8")}
              >
                <Radix.ItemText>{choice.label}</Radix.ItemText>
                <Radix.ItemIndicator className="absolute right-2.5">
                  <Check aria-hidden />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
