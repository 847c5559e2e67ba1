import { CircleAlert } from "lucide-react";

/** What is wrong with the whole, above the button. */
export function WholeProblem({ text }: { text: string | null }) {
  return (
    <div role="alert" className="empty:hidden">
      {text ? (
        <p className="flex gap-2 rounded-lg bg-down-tint px-3 py-2.5 text-down-text text-sm">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words">{text}</span>
        </p>
      ) : null}
    </div>
  );
}
