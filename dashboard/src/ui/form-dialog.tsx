import { Dialog } from "./dialog";
import { type FormFrameProps, useFormFrame } from "./form-frame";

interface FormDialogProps extends FormFrameProps {
  open: boolean;
  title: string;
  description: string;
}

/** A short form over the page: saved or left. */
export function FormDialog({ open, title, description, ...frame }: FormDialogProps) {
  const { body, footer } = useFormFrame(frame);
  const left = (next: boolean) => next || frame.close();
  return (
    <Dialog open={open} onOpenChange={left} title={title} description={description} footer={footer}>
      {body}
    </Dialog>
  );
}
