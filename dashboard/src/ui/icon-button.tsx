import type { ComponentProps, ReactNode } from "react";
import { buttonStyle } from "./button-style";
import { cn } from "./cn";
import { Tooltip } from "./tooltip";

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  /** What it does, for everybody: its name and its tooltip. */
  label: string;
  icon: ReactNode;
  size?: "sm" | "md";
  variant?: "ghost" | "secondary";
  /** Without a tooltip where the name is written beside it. */
  tooltip?: boolean;
}

export function IconButton(props: IconButtonProps) {
  const { label, icon, size = "md", variant = "ghost", tooltip = true, className, ...rest } = props;
  const square = size === "sm" ? "h-8 w-8 px-0" : "h-9 w-9 px-0";
  const button = (
    <button
      type="button"
      aria-label={label}
      {...rest}
      className={cn(
        buttonStyle({ variant, size: null }),
        square,
        "text-muted hover:text-fg pointer-coarse:min-w-11",
        className,
      )}
    >
      {icon}
    </button>
  );
  return tooltip ? <Tooltip label={label}>{button}</Tooltip> : button;
}
