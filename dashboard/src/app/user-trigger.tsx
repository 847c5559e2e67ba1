import type { ComponentProps } from "react";

interface UserTriggerProps extends ComponentProps<"button"> {
  name: string;
  /** The organisation, or what says more. */
  beneath: string;
  small: boolean;
}

/** Who is signed in, as the button of their menu. */
export function UserTrigger({ name, beneath, small, ...rest }: UserTriggerProps) {
  const wide = small ? "hidden" : "max-lg:hidden";
  return (
    <button
      type="button"
      aria-label={`Account: ${name}`}
      {...rest}
      className="flex min-h-11 min-w-0 items-center gap-2.5 rounded-md p-1 text-left hover:bg-hover data-[state=open]:bg-hover"
    >
      <span
        aria-hidden
        className="grid size-8 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent text-xs uppercase"
      >
        {initials(name)}
      </span>
      <span className={`min-w-0 flex-1 ${wide}`}>
        <span className="block truncate font-medium text-sm leading-5">{name}</span>
        <span className="block truncate text-muted text-xs leading-4">{beneath}</span>
      </span>
    </button>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  return (words[0]?.[0] ?? "") + (words.length > 1 ? (words[1]?.[0] ?? "") : "") || "?";
}
