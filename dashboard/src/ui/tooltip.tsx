import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface TooltipProps {
  label: ReactNode;
  /** One element that takes a ref and can have the keyboard. */
  children: ReactNode;
  side?: "top" | "right" | "bottom" | "left";
}

/** A few more words. Never the only place of something one must know: touch has no hover. */
export function Tooltip({ label, children, side = "top" }: TooltipProps) {
  return (
    <Radix.Provider delayDuration={350}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal>
          <Radix.Content
            side={side}
            sideOffset={6}
            collisionPadding={8}
            className="z-50 max-w-72 rounded-md border border-transparent bg-fg px-2 py-1 text-bg text-xs shadow-pop"
          >
            {label}
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  );
}
