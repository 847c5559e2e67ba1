import { AlertDialog as Radix } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Button } from "./button";
import { cn } from "./cn";
import { backdropStyle, dialogStyle, OverlayFoot } from "./overlay";
import { useReturnFocus } from "./return-focus";
import { TextField } from "./text-field";

export interface AlertDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description: ReactNode;
  /** What the button does: "Delete 3 monitors". */
  confirm: string;
  cancel?: string;
  danger?: boolean;
  /** Must be typed first: the count, or the name. */
  typed?: string;
  /** Closes when it is done; what it throws is shown and the dialog stays. */
  onConfirm: () => unknown;
}

/** Asks before something that cannot be taken back. */
export function AlertDialogBox({ open, onOpenChange, ...ask }: AlertDialogProps) {
  const giveBack = useReturnFocus(open);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={backdropStyle} />
        <Radix.Content onCloseAutoFocus={giveBack} className={cn(dialogStyle, "sm:max-w-md")}>
          <Question {...ask} close={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

type QuestionProps = Omit<AlertDialogProps, "open" | "onOpenChange"> & { close: () => void };

function Question({ title, description, confirm, cancel = "Cancel", danger, typed, onConfirm, close }: QuestionProps) {
  const [text, setText] = useState("");
  const [state, setState] = useState<{ busy: boolean; error: string | null }>({ busy: false, error: null });
  const run = async () => {
    setState({ busy: true, error: null });
    try {
      await onConfirm();
      close();
    } catch (why) {
      setState({ busy: false, error: why instanceof Error ? why.message : "That did not work. Try again." });
    }
  };
  return (
    <>
      <div className="min-h-0 flex-1 space-y-4 overflow-y-auto px-5 pt-5 pb-4">
        <Radix.Title className="break-words font-semibold text-base">{title}</Radix.Title>
        <Radix.Description asChild>
          <div className="break-words text-muted text-sm">{description}</div>
        </Radix.Description>
        {typed ? (
          <TextField
            label={`Type ${typed} to confirm`}
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
          />
        ) : null}
        {state.error ? (
          <p role="alert" className="text-down-text text-sm">
            {state.error}
          </p>
        ) : null}
      </div>
      <OverlayFoot>
        <Radix.Cancel asChild>
          <Button>{cancel}</Button>
        </Radix.Cancel>
        <Button
          variant={danger ? "danger" : "primary"}
          busy={state.busy}
          disabled={typed !== undefined && text.trim() !== typed}
          onClick={run}
        >
          {confirm}
        </Button>
      </OverlayFoot>
    </>
  );
}
