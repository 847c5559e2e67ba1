import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn";
import { IconButton } from "./icon-button";

/** Under every dialog and sheet. */
export const backdropStyle = "animate-[appear_120ms_ease-out] fixed inset-0 z-40 bg-overlay";

/** A sheet from below on phones. */
const bottomSheet =
  "max-sm:inset-x-0 max-sm:bottom-0 max-sm:max-h-[92dvh] max-sm:rounded-t-lg max-sm:pb-[env(safe-area-inset-bottom)]";

/** Where the box of a dialog stands: in the middle, or from below on phones. */
export const dialogStyle = cn(
  "animate-[appear_140ms_ease-out] fixed z-50 flex flex-col border border-line bg-card text-fg shadow-pop outline-none",
  bottomSheet,
  "sm:top-1/2 sm:left-1/2 sm:max-h-[88dvh] sm:w-full sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-lg",
);

/** At the side, or from below on phones. */
export const sheetStyle = cn(
  "animate-[appear_140ms_ease-out] fixed z-50 flex flex-col border border-line bg-card text-fg shadow-pop outline-none",
  bottomSheet,
  "sm:inset-y-0 sm:right-0 sm:w-full",
);

interface OverlayHeadProps {
  title: ReactNode;
  description?: ReactNode;
}

/** Title and description. */
export function OverlayHead({ title, description }: OverlayHeadProps) {
  return (
    <header className="border-line border-b py-4 pr-14 pl-5">
      <Radix.Title className="break-words font-semibold text-base">{title}</Radix.Title>
      {description ? <Radix.Description className="mt-1 text-muted text-sm">{description}</Radix.Description> : null}
    </header>
  );
}

/** The way out. Last in order, so that the focus begins with what the overlay is about. */
export function OverlayClose() {
  return (
    <Radix.Close asChild>
      <IconButton
        label="Close"
        icon={<X aria-hidden />}
        size="sm"
        tooltip={false}
        className="absolute top-3 right-3 pointer-coarse:top-1.5 pointer-coarse:right-1.5"
      />
    </Radix.Close>
  );
}

/** Buttons at the end: side by side, or above each other on phones. */
export function OverlayFoot({ children }: { children: ReactNode }) {
  return (
    <footer className="flex flex-col-reverse gap-2 border-line border-t px-5 py-4 sm:flex-row sm:justify-end">
      {children}
    </footer>
  );
}
