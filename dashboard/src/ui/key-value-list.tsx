import { Plus, Trash2 } from "lucide-react";
import { useId, useRef } from "react";
import { Button } from "./button";
import { cn } from "./cn";
import { FieldNotes, type FieldProps, inputStyle } from "./field";
import { IconButton } from "./icon-button";

export interface Pair {
  name: string;
  value: string;
}

interface KeyValueListProps extends FieldProps {
  value: readonly Pair[];
  onValueChange: (value: Pair[]) => void;
  /** What one is called: "header". */
  noun: string;
  /** What is wrong with one, by its place. */
  errors?: Record<number, string | undefined>;
  placeholders?: Pair;
}

/** Names with values, such as headers. */
export function KeyValueList(props: KeyValueListProps) {
  const { label, hint, error, optional, className, value, onValueChange, noun, errors = {}, placeholders } = props;
  const id = useId();
  const group = useRef<HTMLFieldSetElement>(null);
  const set = (place: number, change: Partial<Pair>) =>
    onValueChange(value.map((pair, at) => (at === place ? { ...pair, ...change } : pair)));
  const add = () => {
    onValueChange([...value, { name: "", value: "" }]);
    requestAnimationFrame(() =>
      group.current?.querySelector<HTMLInputElement>(`[data-place="${value.length}"]`)?.focus(),
    );
  };
  const capital = noun.charAt(0).toUpperCase() + noun.slice(1);
  return (
    <fieldset
      ref={group}
      className={cn("flex min-w-0 flex-col gap-2", className)}
      aria-describedby={hint ? `${id}-hint` : undefined}
    >
      <legend className="mb-1.5 font-medium text-sm">
        {label}
        {optional ? <span className="ml-2 font-normal text-muted text-xs">optional</span> : null}
      </legend>
      {value.map((pair, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a pair has no name of its own while it is typed
        <div key={place} className="flex flex-col gap-1">
          <div className="flex items-start gap-2 max-sm:flex-wrap">
            <input
              aria-label={`${capital} ${place + 1} name`}
              aria-invalid={errors[place] ? true : undefined}
              aria-describedby={errors[place] ? `${id}-${place}-error` : undefined}
              data-place={place}
              value={pair.name}
              placeholder={placeholders?.name}
              autoComplete="off"
              spellCheck={false}
              className={cn(inputStyle, "h-9 font-mono sm:max-w-52")}
              onChange={(event) => set(place, { name: event.target.value })}
            />
            <input
              aria-label={`${capital} ${place + 1} value`}
              value={pair.value}
              placeholder={placeholders?.value}
              autoComplete="off"
              spellCheck={false}
              className={cn(inputStyle, "h-9 flex-1 font-mono")}
              onChange={(event) => set(place, { value: event.target.value })}
            />
            <IconButton
              label={`Remove ${noun} ${pair.name || place + 1}`}
              icon={<Trash2 aria-hidden />}
              onClick={() => onValueChange(value.filter((_, at) => at !== place))}
            />
          </div>
          <FieldNotes id={`${id}-${place}`} error={errors[place]} />
        </div>
      ))}
      <Button size="sm" className="self-start" icon={<Plus aria-hidden />} onClick={add}>
        Add {noun}
      </Button>
      <FieldNotes id={id} hint={hint} error={error} />
    </fieldset>
  );
}
