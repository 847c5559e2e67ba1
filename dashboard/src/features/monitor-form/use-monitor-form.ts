import { zodResolver } from "@hookform/resolvers/zod";
import { useEffect, useState } from "react";
import { type UseFormReturn, useForm } from "react-hook-form";
import { clause } from "@/domain/server-sentences";
import { ApiError, sentence } from "@/lib/errors";
import { placeOf } from "./pointer";
import { monitorSchema } from "./schema";
import type { MonitorValues } from "./values";

interface MonitorForm {
  form: UseFormReturn<MonitorValues>;
  /** What belongs to no field: said above the buttons. */
  problems: string[];
  /** Takes back what was said above the buttons. */
  clear: () => void;
  /** Puts a refusal where it belongs and leads there. */
  refuse: (error: unknown) => void;
  /** Runs with valid values; what it throws is put where it belongs. */
  send: (run: (values: MonitorValues) => Promise<void>) => Promise<void>;
  busy: boolean;
}

/** The state of the form, and where refusals of the server go. */
export function useMonitorForm(initial: MonitorValues): MonitorForm {
  const form = useForm<MonitorValues>({
    resolver: (values, context, options) => zodResolver(monitorSchema(values.url))(values, context, options),
    defaultValues: initial,
    mode: "onTouched",
  });
  const [problems, setProblems] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  useFocusOnFirstError(form);

  const refuse = (error: unknown) => {
    const placed = error instanceof ApiError ? error.errors.map((one) => placeOf(one, form.getValues())) : [];
    for (const { field, text } of placed) if (field) form.setError(field, { type: "server", message: text });
    const rest = placed.filter(({ field }) => field === null).map(({ text }) => text);
    setProblems(placed.length > 0 ? rest : [wholeSentence(error)]);
  };
  const send = (run: (values: MonitorValues) => Promise<void>) =>
    form.handleSubmit(async (values) => {
      setProblems([]);
      setBusy(true);
      try {
        await run(values);
      } catch (error) {
        refuse(error);
      } finally {
        setBusy(false);
      }
    })();
  return { form, problems, clear: () => setProblems([]), refuse, send, busy };
}

/** What to show of a failure that names no field; the input is kept in any case. */
function wholeSentence(error: unknown): string {
  if (!(error instanceof ApiError)) return sentence(error);
  if (error.isOffline) return "The server cannot be reached. What you wrote is kept: try again when you are connected.";
  if (error.status === 401) return "Your session has ended. Sign in, then try again: what you wrote is kept.";
  if (error.status === 404) return "This monitor was deleted meanwhile. Save it as a new one, or leave.";
  const id = error.requestId && error.status >= 500 ? ` (request ${error.requestId})` : "";
  return `${clause(sentence(error))}${id}.`;
}

/** After a refusal the first bad field gets the focus, wherever it is: its section has opened by then. */
function useFocusOnFirstError(form: UseFormReturn<MonitorValues>): void {
  const { submitCount, errors } = form.formState;
  const count = Object.keys(errors).length;
  const [seen, setSeen] = useState(0);
  useEffect(() => {
    if (count === 0 || submitCount === seen) return;
    setSeen(submitCount);
    requestAnimationFrame(() => document.querySelector<HTMLElement>("form [aria-invalid=true]")?.focus());
  }, [count, submitCount, seen]);
}
