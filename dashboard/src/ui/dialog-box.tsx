import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn";
import { backdropStyle, dialogStyle, OverlayClose, OverlayFoot, OverlayHead } from "./overlay";
import { useReturnFocus } from "./return-focus";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the end. */
  footer?: ReactNode;
  size?: "sm" | "md" | "lg";
  /** Stays until it is answered: neither Escape nor a press beside it closes it. */
  insistent?: boolean;
}

const widths = { sm: "sm:max-w-md", md: "sm:max-w-xl", lg: "sm:max-w-3xl" };

/** A question over the page. The focus goes back to where it came from. */
export function DialogBox(props: DialogProps) {
  const { open, onOpenChange, title, description, children, footer, size = "md", insistent } = props;
  const stay = insistent ? (event: Event) => event.preventDefault() : undefined;
  const giveBack = useReturnFocus(open);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={backdropStyle} />
        <Radix.Content
          onCloseAutoFocus={giveBack}
          className={cn(dialogStyle, widths[size])}
          onEscapeKeyDown={stay}
          onPointerDownOutside={stay}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <OverlayHead title={title} description={description} />
          {children ? <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div> : null}
          {footer ? <OverlayFoot>{footer}</OverlayFoot> : null}
          {insistent ? null : <OverlayClose />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
