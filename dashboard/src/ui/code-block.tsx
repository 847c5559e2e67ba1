import { cn, focusRingInside } from "./cn";
import { CopyButton } from "./copy-button";

interface CodeBlockProps {
  /** What it is: "Response head". */
  label: string;
  text: string;
  /** Said beneath: "Cut at 64 KiB". */
  note?: string;
  className?: string;
}

/** Evidence as it was: fixed width, lines as they come, scrolled within. */
export function CodeBlock({ label, text, note, className }: CodeBlockProps) {
  return (
    <figure className={cn("min-w-0 rounded-lg border border-line bg-sunken", className)}>
      <figcaption className="flex min-h-9 items-center justify-between gap-2 border-line border-b pr-1 pl-3 font-medium text-muted text-xs">
        {label}
        <CopyButton text={text} label={`Copy: ${label}`} />
      </figcaption>
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className={cn(focusRingInside, "max-h-80 overflow-auto rounded-b-lg p-3")}
      >
        <pre className="whitespace-pre-wrap break-words font-mono text-xs leading-5">{text}</pre>
      </section>
      {note ? <p className="border-line border-t px-3 py-1.5 text-muted text-xs">{note}</p> : null}
    </figure>
  );
}
