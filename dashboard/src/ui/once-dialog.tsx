import { type ReactNode, useState } from "react";
import { Button } from "./button";
import { Dialog } from "./dialog";

interface OnceDialogProps<T> {
  /** Open while it is there. */
  shown: T | null;
  title: string;
  description: string;
  close: () => void;
  children: (shown: T) => ReactNode;
}

/** Something that is shown this once, until somebody says that they have it. */
export function OnceDialog<T>({ shown, title, description, close, children }: OnceDialogProps<T>) {
  // What is shown while the dialog fades is what it showed.
  const [last, setLast] = useState(shown);
  if (shown !== null && shown !== last) setLast(shown);
  const content = shown ?? last;
  return (
    <Dialog
      open={shown !== null}
      onOpenChange={(open) => open || close()}
      insistent
      title={title}
      description={description}
      footer={
        <Button variant="primary" onClick={close}>
          I have copied it
        </Button>
      }
    >
      {content === null ? null : children(content)}
    </Dialog>
  );
}
