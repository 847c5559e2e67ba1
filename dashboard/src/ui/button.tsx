import { LoaderCircle } from "lucide-react";
import type { ComponentProps, MouseEvent, ReactNode } from "react";
import { type ButtonStyle, buttonStyle } from "./button-style";
import { cn } from "./cn";

interface ButtonProps extends Omit<ComponentProps<"button">, "size">, ButtonStyle {
  icon?: ReactNode;
  /** Its action is under way: it keeps the focus, says so, and takes no second press. */
  busy?: boolean;
}

export function Button({ variant, size, wide, icon, busy, className, children, onClick, ...rest }: ButtonProps) {
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (busy) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest["aria-disabled"]}
      className={cn(buttonStyle({ variant, size, wide }), className)}
      onClick={press}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  );
}

export function Spinner() {
  return <LoaderCircle aria-hidden className="size-4 animate-spin motion-reduce:animate-none" />;
}
