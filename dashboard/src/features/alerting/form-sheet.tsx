import { type FormFrameProps, useFormFrame } from "@/ui/form-frame";
import { Sheet } from "@/ui/sheet";

interface FormSheetProps extends FormFrameProps {
  title: string;
  description: string;
}

/** A form beside the page: saved or left. */
export function FormSheet({ title, description, ...frame }: FormSheetProps) {
  const { body, footer } = useFormFrame(frame);
  const left = (next: boolean) => next || frame.close();
  return (
    <Sheet open onOpenChange={left} title={title} description={description} footer={footer}>
      {body}
    </Sheet>
  );
}
