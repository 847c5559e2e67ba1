import { type FormEvent, type ReactNode, useId } from "react";
import { Button } from "./button";

export interface FormFrameProps {
  /** What the button says that saves it. */
  confirm: string;
  /** What is wrong with the whole, where it is no field's. */
  problem: string | undefined;
  busy: boolean;
  /** Whether it cannot be saved as it is. */
  incomplete?: boolean;
  close: () => void;
  save: () => void;
  children: ReactNode;
}

/** A form for a dialog or a sheet: what stands in it, and the two ways out of it below. */
export function useFormFrame({ confirm, problem, busy, incomplete = false, close, save, children }: FormFrameProps) {
  const form = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) save();
  };
  const footer = (
    <>
      <Button onClick={close}>Cancel</Button>
      <Button type="submit" form={form} variant="primary" busy={busy} disabled={incomplete}>
        {confirm}
      </Button>
    </>
  );
  const body = (
    <form id={form} onSubmit={submit} noValidate className="flex flex-col gap-6">
      {problem ? (
        <p role="alert" className="text-down-text">
          {problem}
        </p>
      ) : null}
      {children}
    </form>
  );
  return { body, footer };
}
