import { type By, PERCENTILES, type Percentile } from "@/charts/response-model";
import { cn, focusRingInside } from "@/ui/cn";

interface ResponseControlsProps {
  by: By;
  percentile: Percentile;
  onBy: (by: By) => void;
  onPercentile: (percentile: Percentile) => void;
}

/** What the chart shows: phases or regions, and which percentile. */
export function ResponseControls({ by, percentile, onBy, onPercentile }: ResponseControlsProps) {
  const percentiles = PERCENTILES.map((value) => ({ value, word: value }));
  return (
    <>
      <Segments
        label="Lines"
        value={by}
        choices={[
          { value: "phases", word: "Phases" },
          { value: "regions", word: "Regions" },
        ]}
        onChange={onBy}
      />
      <Segments label="Percentile" value={percentile} choices={percentiles} onChange={onPercentile} />
    </>
  );
}

interface SegmentsProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly { value: Value; word: string }[];
  onChange: (value: Value) => void;
}

function Segments<Value extends string>({ label, value, choices, onChange }: SegmentsProps<Value>) {
  return (
    <fieldset className="flex rounded-lg border border-line p-0.5">
      <legend className="sr-only">{label}</legend>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
          className={cn(
            focusRingInside,
            "h-7 rounded-md px-2 text-muted text-xs hover:text-fg pointer-coarse:h-11 pointer-coarse:px-3",
            "aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent",
          )}
        >
          {choice.word}
        </button>
      ))}
    </fieldset>
  );
}
