import { type FormEvent, useState } from "react";
import { momentOf, wallAt } from "@/lib/days";
import { customRange, LONGEST, type Range, type Window, windowOf } from "@/lib/range";
import { useZone, zoneLabel, zoneName } from "@/lib/time";
import { useServerNow } from "@/live/use-live";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/text-field";

interface CustomRangeProps {
  range: Range;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onChange: (range: Range) => void;
}

/** A begin and an end, in the zone the times are shown in. */
export function CustomRange({ range, open, onOpenChange, onChange }: CustomRangeProps) {
  const choose = (chosen: Range) => {
    onChange(chosen);
    onOpenChange(false);
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Choose a range" size="sm">
      {open ? <RangeForm range={range} onChoose={choose} /> : null}
    </Dialog>
  );
}

function RangeForm({ range, onChoose }: { range: Range; onChoose: (range: Range) => void }) {
  const zone = useZone();
  const now = useServerNow();
  const [start] = useState(() => windowOf(range, now));
  const [from, setFrom] = useState(() => toInput(start.from, zoneName(zone)));
  const [to, setTo] = useState(() => toInput(Math.min(start.to, now), zoneName(zone)));
  const [error, setError] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const chosen = { from: fromInput(from, zoneName(zone)), to: fromInput(to, zoneName(zone)) };
    const wrong = problem(chosen, now);
    setError(wrong);
    if (wrong === null) onChoose(customRange(chosen.from, chosen.to));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <TextField
        label="From"
        type="datetime-local"
        value={from}
        onChange={(event) => setFrom(event.target.value)}
        hint={`Times are in ${zoneLabel(now, zone)}.`}
      />
      <TextField
        label="To"
        type="datetime-local"
        value={to}
        onChange={(event) => setTo(event.target.value)}
        error={error ?? undefined}
      />
      <Button type="submit" variant="primary" className="self-end">
        Show this range
      </Button>
    </form>
  );
}

/** What is wrong with it, in a sentence that says what to do. */
export function problem({ from, to }: Window, now: number): string | null {
  if (Number.isNaN(from) || Number.isNaN(to)) return "Fill in both a day and a time.";
  if (from >= to) return "Choose an end after the beginning.";
  if (from >= now) return "Choose a beginning in the past.";
  return to - from > LONGEST ? "Choose a year at most." : null;
}

/** As `datetime-local` has it, on the wall clock of the zone. */
export function toInput(moment: number, timeZone: string): string {
  const { year, month, day, hour, minute } = wallAt(moment, timeZone);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

export function fromInput(text: string, timeZone: string): number {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text);
  if (!found) return Number.NaN;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map(Number);
  return momentOf(timeZone, year, month, day, hour, minute);
}
