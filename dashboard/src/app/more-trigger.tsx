import { useLocation } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";
import { REST, tabStyle } from "./places";

export function MoreTrigger(props: ComponentProps<"button">) {
  const { pathname } = useLocation();
  const isHere = REST.some(({ to }) => pathname.startsWith(to));
  return (
    <button type="button" {...props} className={cn(tabStyle, isHere ? "text-accent" : "text-muted")}>
      <Ellipsis aria-hidden className="size-5" />
      More
    </button>
  );
}
