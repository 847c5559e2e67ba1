import { cva, type VariantProps } from "class-variance-authority";
import { cn, focusRing } from "./cn";

/** What a button and a link that looks like one have in common. */
export const buttonStyle = cva(
  cn(
    focusRing,
    "inline-flex shrink-0 select-none items-center justify-center gap-2 rounded-lg border font-medium text-sm",
    "cursor-pointer whitespace-nowrap no-underline transition-colors duration-100 motion-reduce:transition-none",
    "disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55",
    "pointer-coarse:min-h-11 [&_svg]:size-4 [&_svg]:shrink-0",
  ),
  {
    variants: {
      variant: {
        primary: "border-transparent bg-accent text-on-accent hover:bg-accent/88",
        secondary: "border-line-strong bg-card text-fg hover:bg-hover",
        ghost: "border-transparent bg-transparent text-fg hover:bg-hover",
        danger: "border-transparent bg-danger text-on-danger hover:bg-danger/88",
      },
      size: { md: "h-9 px-3.5", sm: "h-8 px-2.5 text-[0.8125rem]", lg: "h-11 px-5" },
      wide: { true: "w-full", false: "" },
    },
    defaultVariants: { variant: "secondary", size: "md", wide: false },
  },
);

export type ButtonStyle = VariantProps<typeof buttonStyle>;
