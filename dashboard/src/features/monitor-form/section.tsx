import { ChevronDown } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useFormState } from "react-hook-form";
import { Card } from "@/ui/card";
import { cn, focusRingInside } from "@/ui/cn";
import type { MonitorValues } from "./values";

interface SectionProps {
  title: string;
  /** What is set now, in a line: read without opening. */
  summary: string;
  fields: readonly (keyof MonitorValues)[];
  /** Open from the start: something in it is not as usual. */
  open: boolean;
  children: ReactNode;
}

/** A part of the form that most never need. It opens by itself where something in it is wrong. */
export function Section({ title, summary, fields, open: initially, children }: SectionProps) {
  const id = useId();
  const [chosen, choose] = useState(initially);
  const { errors } = useFormState<MonitorValues>();
  // It stays open once it has: mending a field must not close it under somebody's hands.
  if (!chosen && fields.some((field) => errors[field])) choose(true);
  return (
    <Card>
      <h2 className="-m-4 sm:-m-5">
        <button
          type="button"
          aria-expanded={chosen}
          aria-controls={id}
          className={cn(focusRingInside, "flex w-full items-center gap-3 rounded-lg px-4 py-3.5 text-left sm:px-5")}
          onClick={() => choose(!chosen)}
        >
          <span className="min-w-0 flex-1">
            <span className="block font-semibold text-[0.9375rem]">{title}</span>
            <span className="mt-0.5 block break-words font-normal text-muted text-sm">{summary}</span>
          </span>
          <ChevronDown
            aria-hidden
            className={cn("size-4 shrink-0 text-muted transition-transform", chosen && "rotate-180")}
          />
        </button>
      </h2>
      <div id={id} hidden={!chosen} className="mt-8">
        {chosen ? children : null}
      </div>
    </Card>
  );
}

/** Fields beside each other where there is room. */
export function Row({ children }: { children: ReactNode }) {
  return <div className="grid items-start gap-x-5 gap-y-5 sm:grid-cols-2">{children}</div>;
}

export function Stack({ children }: { children: ReactNode }) {
  return <div className="flex flex-col gap-5">{children}</div>;
}
