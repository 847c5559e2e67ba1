import { CalendarRange } from "lucide-react";
import { useState } from "react";
import { capital } from "@/lib/format";
import { isPreset, PRESETS, type Range, rangeWords } from "@/lib/range";
import { useKeys } from "@/lib/shortcuts";
import { cn, focusRingInside } from "@/ui/cn";
import { CustomRange } from "./lazy-overlays";

interface RangePickerProps {
  range: Range;
  onChange: (range: Range) => void;
}

const option = cn(
  focusRingInside,
  "inline-flex h-8 items-center justify-center gap-1.5 rounded-md px-2.5 text-muted text-sm hover:bg-hover hover:text-fg max-sm:flex-1 max-sm:px-1 pointer-coarse:h-11",
  "aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent",
);

/** Which time all figures of the page are of; the keys 1 to 6 choose too. */
export function RangePicker({ range, onChange }: RangePickerProps) {
  const [isChoosing, setChoosing] = useState(false);
  useKeys((key) => {
    const preset = PRESETS[Number(key) - 1];
    if (preset) onChange(preset);
    return preset !== undefined;
  });
  return (
    <fieldset className="flex min-w-0 items-center gap-0.5 rounded-lg border border-line bg-card p-0.5 max-sm:w-full">
      <legend className="sr-only">Range</legend>
      {PRESETS.map((preset) => (
        <button
          key={preset}
          type="button"
          aria-pressed={range === preset}
          aria-label={capital(rangeWords(preset))}
          onClick={() => onChange(preset)}
          className={option}
        >
          {preset}
        </button>
      ))}
      <button type="button" aria-pressed={!isPreset(range)} onClick={() => setChoosing(true)} className={option}>
        <CalendarRange aria-hidden className="size-4" />
        <span className="max-sm:sr-only">Custom</span>
      </button>
      <CustomRange range={range} open={isChoosing} onOpenChange={setChoosing} onChange={onChange} />
    </fieldset>
  );
}
