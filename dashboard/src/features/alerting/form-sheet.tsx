import { type FormEvent, type ReactNode, useId } from "react";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/sheet";

interface FormSheetProps {
  title: string;
  description: string;
  /** What the button says that saves it. */
  confirm: string;
  /** What is wrong with the whole, where it is no field's. */
  problem: string | undefined;
  busy: boolean;
  close: () => void;
  save: () => void;
  children: ReactNode;
}

/** A form beside the page: saved or left. */
export function FormSheet({ title, description, confirm, problem, busy, close, save, children }: FormSheetProps) {
  const form = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save();
  };
  return (
    <Sheet
      open
      onOpenChange={(open) => open || close()}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={busy}>
            {confirm}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate className="flex flex-col gap-6">
        {problem ? (
          <p role="alert" className="text-down-text">
            {problem}
          </p>
        ) : null}
        {children}
      </form>
    </Sheet>
  );
}
