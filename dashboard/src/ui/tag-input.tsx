import { X } from "lucide-react";
import { type KeyboardEvent, type Ref, useId, useState } from "react";
import { cn } from "./cn";
import { Field, type FieldProps, inputStyle } from "./field";
import { IconButton } from "./icon-button";

interface TagInputProps extends FieldProps {
  value: readonly string[];
  onValueChange: (value: string[]) => void;
  placeholder?: string;
  /** Shown as they are typed. */
  suggestions?: readonly string[];
  mono?: boolean;
  onBlur?: () => void;
  ref?: Ref<HTMLInputElement>;
}

/** Short texts: Enter or a comma adds one, Backspace in an empty box takes the last. */
export function TagInput(props: TagInputProps) {
  const { label, hint, error, optional, className, value, onValueChange, placeholder, suggestions, mono, onBlur, ref } =
    props;
  const [draft, setDraft] = useState("");
  const list = useId();
  const add = (text: string) => {
    const fresh = text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part && !value.includes(part));
    if (fresh.length > 0) onValueChange([...value, ...new Set(fresh)]);
    setDraft("");
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if ((event.key === "Enter" || event.key === ",") && draft.trim()) {
      event.preventDefault();
      add(draft);
    } else if (event.key === "Backspace" && draft === "" && value.length > 0) {
      onValueChange(value.slice(0, -1));
    }
  };
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className}>
      {(ids) => (
        <span
          className={cn(
            inputStyle,
            "flex min-h-9 flex-wrap items-center gap-1.5 px-1.5! py-1",
            boxFocus,
            error && "border-down-fill",
          )}
        >
          {value.map((tag) => (
            <Tag
              key={tag}
              text={tag}
              mono={mono}
              remove={() => onValueChange(value.filter((other) => other !== tag))}
            />
          ))}
          <input
            {...ids}
            ref={ref}
            value={draft}
            list={suggestions && suggestions.length > 0 ? list : undefined}
            placeholder={value.length === 0 ? placeholder : undefined}
            autoComplete="off"
            className={cn(
              "min-w-24 flex-1 bg-transparent px-1.5 py-0.5 outline-none placeholder:text-muted",
              mono && "font-mono",
            )}
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={press}
            onBlur={() => {
              if (draft.trim()) add(draft);
              onBlur?.();
            }}
          />
          {suggestions && suggestions.length > 0 ? (
            <datalist id={list}>
              {suggestions
                .filter((text) => !value.includes(text))
                .map((text) => (
                  <option key={text} value={text} />
                ))}
            </datalist>
          ) : null}
        </span>
      )}
    </Field>
  );
}

const boxFocus = "focus-within:border-accent focus-within:outline-2 focus-within:outline-accent";

function Tag({ text, mono, remove }: { text: string; mono?: boolean; remove: () => void }) {
  return (
    <span className="inline-flex max-w-full items-center gap-0.5 rounded-md border border-line bg-sunken pl-2 text-sm">
      <span className={cn("min-w-0 truncate", mono && "font-mono")}>{text}</span>
      <IconButton
        label={`Remove ${text}`}
        icon={<X aria-hidden className="size-3.5!" />}
        tooltip={false}
        className="h-6! min-h-6! w-6! pointer-coarse:h-8! pointer-coarse:w-8!"
        onClick={remove}
      />
    </span>
  );
}
