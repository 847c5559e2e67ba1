import { Eye, EyeOff } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { IconButton } from "./icon-button";
import { TextField, type TextFieldProps } from "./text-field";

/** A password that can be looked at, with a word when Caps Lock is on. */
export function PasswordField({ hint, onKeyUp, onBlur, ...rest }: Omit<TextFieldProps, "type" | "end">) {
  const [visible, setVisible] = useState(false);
  const [caps, setCaps] = useState(false);
  const look = (event: KeyboardEvent<HTMLInputElement>) => {
    setCaps(event.getModifierState?.("CapsLock") ?? false);
    onKeyUp?.(event);
  };
  const notes = caps ? (
    <>
      {hint}
      <span role="status" className="block font-medium text-degraded-text">
        Caps Lock is on.
      </span>
    </>
  ) : (
    hint
  );
  return (
    <TextField
      {...rest}
      hint={notes}
      type={visible ? "text" : "password"}
      spellCheck={false}
      autoCapitalize="none"
      onKeyUp={look}
      onBlur={(event) => {
        setCaps(false);
        onBlur?.(event);
      }}
      end={
        <IconButton
          size="sm"
          tooltip={false}
          label={visible ? "Hide password" : "Show password"}
          aria-pressed={visible}
          icon={visible ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
          onClick={() => setVisible(!visible)}
        />
      }
    />
  );
}
