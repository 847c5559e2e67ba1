import { useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { useRegions } from "@/api/queries/regions";
import { useTry } from "@/api/queries/try";
import { bodyOf, type MonitorValues } from "./values";

interface Refusals {
  clear: () => void;
  refuse: (error: unknown) => void;
}

/** Tries the form as it stands. */
export function useTryForm(form: UseFormReturn<MonitorValues>, { clear, refuse }: Refusals) {
  const { run, ...state } = useTry();
  const regions = useRegions();
  const [tried, setTried] = useState("");
  const now = JSON.stringify(form.watch());
  const start = () =>
    form.handleSubmit(async (values) => {
      clear();
      const body = bodyOf(values);
      const alive = (regions.data?.items ?? []).filter((region) => region.registered).map((region) => region.id);
      setTried(JSON.stringify(form.getValues()));
      const failed = await run(body, values.everywhere ? alive : values.regions);
      if (failed && failed.errors.length > 0) refuse(failed);
    })();
  return { state, old: tried !== "" && tried !== now, start: () => void start() };
}
