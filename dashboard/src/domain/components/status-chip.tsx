import type { Status, Verdict } from "@/api/types";
import { type StatusIcon as Icon, STATUS, type Tone } from "@/domain/status";
import { statusOfVerdict, VERDICT_WORD } from "@/domain/verdict";
import { cn } from "@/ui/cn";
import { StatusIcon } from "./status-icon";
import { tintOf } from "./tones";

interface Size {
  size?: "sm" | "md" | "lg";
  className?: string;
}

const SIZES = {
  sm: "h-5 gap-1 px-1.5 text-xs [&_svg]:size-3",
  md: "h-6 gap-1 px-2 text-xs [&_svg]:size-3.5",
  lg: "h-8 gap-1.5 px-3 text-sm [&_svg]:size-4",
};

interface ToneChipProps extends Size {
  tone: Tone;
  icon: Icon;
  word: string;
}

/** A shape, a colour and a word: any one of them is enough. */
export function ToneChip({ tone, icon, word, size = "md", className }: ToneChipProps) {
  return (
    <span
      className={cn(
        "inline-flex shrink-0 items-center whitespace-nowrap rounded-full font-medium forced-colors:border",
        SIZES[size],
        tintOf[tone],
        className,
      )}
    >
      <StatusIcon icon={icon} />
      {word}
    </span>
  );
}

/** What a monitor is. */
export function StatusChip({ status, ...rest }: { status: Status } & Size) {
  const { tone, icon, word } = STATUS[status];
  return <ToneChip tone={tone} icon={icon} word={word} {...rest} />;
}

/** What one check found. */
export function VerdictChip({ verdict, ...rest }: { verdict: Verdict } & Size) {
  const { tone, icon } = STATUS[statusOfVerdict(verdict)];
  return <ToneChip tone={tone} icon={icon} word={VERDICT_WORD[verdict]} {...rest} />;
}
