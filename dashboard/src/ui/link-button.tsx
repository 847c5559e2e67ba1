import { createLink } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";
import { type ButtonStyle, buttonStyle } from "./button-style";
import { cn, focusRing } from "./cn";

interface AnchorProps extends ComponentProps<"a">, ButtonStyle {
  icon?: ReactNode;
}

function ButtonAnchor({ variant, size, wide, icon, className, children, ...rest }: AnchorProps) {
  return (
    <a {...rest} className={cn(buttonStyle({ variant, size, wide }), className)}>
      {icon}
      {children}
    </a>
  );
}

/** A way to another screen that looks like a button. */
export const LinkButton = createLink(ButtonAnchor);

export const textLinkStyle = cn(
  focusRing,
  "rounded-sm text-accent underline decoration-from-font underline-offset-3 hover:decoration-2",
);

function TextAnchor({ className, ...rest }: ComponentProps<"a">) {
  return <a {...rest} className={cn(textLinkStyle, className)} />;
}

/** A way to another screen within a text. */
export const TextLink = createLink(TextAnchor);

/** A way out of the dashboard, in a tab of its own. */
export function OutsideLink({ className, children, ...rest }: ComponentProps<"a">) {
  return (
    <a target="_blank" rel="noreferrer noopener" {...rest} className={cn(textLinkStyle, className)}>
      {children}
    </a>
  );
}
