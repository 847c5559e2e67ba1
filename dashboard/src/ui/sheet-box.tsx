import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn";
import { backdropStyle, OverlayClose, OverlayFoot, OverlayHead, sheetStyle } from "./overlay";
import { useReturnFocus } from "./return-focus";

export interface SheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  size?: "md" | "lg";
}

const widths = { md: "sm:max-w-lg", lg: "sm:max-w-3xl" };

/** Something longer beside the page; from below on phones. */
export function SheetBox({ open, onOpenChange, title, description, children, footer, size = "md" }: SheetProps) {
  const giveBack = useReturnFocus(open);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={backdropStyle} />
        <Radix.Content
          onCloseAutoFocus={giveBack}
          className={cn(sheetStyle, widths[size])}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <OverlayHead title={title} description={description} />
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {footer ? <OverlayFoot>{footer}</OverlayFoot> : null}
          <OverlayClose />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
