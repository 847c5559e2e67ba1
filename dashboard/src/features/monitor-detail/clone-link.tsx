import { Link } from "@tanstack/react-router";
import { CopyPlus } from "lucide-react";
import type { ComponentProps } from "react";

/** To a new monitor that begins as a copy of this one. */
export function CloneLink({ id, ...rest }: { id: string } & Omit<ComponentProps<"a">, "href">) {
  return (
    <Link {...rest} to="/monitors/new" search={{ from: id }}>
      <CopyPlus aria-hidden />
      Clone
    </Link>
  );
}
