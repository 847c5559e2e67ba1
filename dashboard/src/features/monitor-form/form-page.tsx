import { CircleAlert } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { FormProvider } from "react-hook-form";
import { Button } from "@/ui/button";
import { PageHeader } from "@/ui/page-header";
import { AdvancedSection } from "./advanced-section";
import { AlertsSection } from "./alerts-section";
import { AssertionsSection } from "./assertions-section";
import { ConfirmationSection } from "./confirmation-section";
import { LeaveGuard } from "./leave-guard";
import { ScheduleSection } from "./schedule-section";
import { TargetSection } from "./target-section";
import { TryCard } from "./try-card";
import { useMonitorForm } from "./use-monitor-form";
import { useTryForm } from "./use-try-form";
import type { MonitorValues } from "./values";

interface FormPageProps {
  title: string;
  /** "Create monitor". */
  action: string;
  initial: MonitorValues;
  edited: boolean;
  /** Said above the form. */
  notice?: ReactNode;
  /** Saves; then `leave` goes on, past the guard. */
  save: (values: MonitorValues) => Promise<() => void>;
  cancel: ReactNode;
}

/** One page, never a wizard: most need its first field alone. */
export function FormPage({ title, action, initial, edited, notice, save, cancel }: FormPageProps) {
  const { form, problems, clear, refuse, send, busy } = useMonitorForm(initial);
  const trying = useTryForm(form, { clear, refuse });
  const saved = useRef(false);
  const { isDirty } = form.formState;
  const submit = () =>
    send(async (values) => {
      const leave = await save(values);
      saved.current = true;
      leave();
    });
  return (
    <FormProvider {...form}>
      <PageHeader title={title} />
      {notice}
      <form
        noValidate
        className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem] xl:gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="min-w-0">
          <TargetSection edited={edited} />
        </div>
        <div className="min-w-0 xl:sticky xl:top-4 xl:col-start-2 xl:row-span-3 xl:row-start-1">
          <TryCard state={trying.state} old={trying.old} run={trying.start} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <ScheduleSection />
          <AssertionsSection initial={initial} />
          <ConfirmationSection initial={initial} />
          <AlertsSection />
          <AdvancedSection initial={initial} />
        </div>
        <div className="flex min-w-0 flex-col gap-3 sm:sticky sm:bottom-0 sm:-mx-1 sm:border-line sm:border-t sm:bg-bg sm:px-1 sm:py-3 xl:col-start-1">
          <Problems texts={problems} />
          <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            {cancel}
            <Button type="submit" variant="primary" busy={busy}>
              {action}
            </Button>
          </div>
        </div>
      </form>
      <LeaveGuard dirty={() => isDirty && !saved.current} />
    </FormProvider>
  );
}

function Problems({ texts }: { texts: readonly string[] }) {
  return (
    <div role="alert" className="empty:hidden">
      {texts.map((text) => (
        <p key={text} className="flex gap-2 rounded-lg bg-down-tint px-3 py-2.5 text-down-text text-sm">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words">{text}</span>
        </p>
      ))}
    </div>
  );
}
