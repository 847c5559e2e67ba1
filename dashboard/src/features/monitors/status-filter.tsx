import { ChevronDown } from "lucide-react";
import type { Status } from "@/api/types";
import { formatCount } from "@/lib/format";
import { Button } from "@/ui/button";
import { Menu, MenuItem, MenuSeparator, MenuTick } from "@/ui/menu";
import { statusWords } from "./status-words";

interface StatusFilterProps {
  choices: { status: Status; word: string; count: number }[];
  chosen: readonly Status[];
  onChange: (chosen: Status[]) => void;
}

/** One or several statuses, with how many monitors have each. */
export function StatusFilter({ choices, chosen, onChange }: StatusFilterProps) {
  const label = statusWords(chosen);
  const toggle = (status: Status, on: boolean) =>
    onChange(on ? [...chosen, status] : chosen.filter((one) => one !== status));
  return (
    <Menu
      align="start"
      trigger={
        <Button
          className="justify-between! font-normal max-sm:text-base max-sm:-order-2"
          aria-label={`Status: ${label}`}
        >
          {label}
          <ChevronDown aria-hidden className="text-muted" />
        </Button>
      }
    >
      {choices.map(({ status, word, count }) => (
        <MenuTick key={status} checked={chosen.includes(status)} onCheckedChange={(on) => toggle(status, on)}>
          <span className="flex items-center justify-between gap-6">
            {word}
            <span className="text-muted tabular">{formatCount(count)}</span>
          </span>
        </MenuTick>
      ))}
      {chosen.length > 0 ? (
        <>
          <MenuSeparator />
          <MenuItem onSelect={() => onChange([])}>All statuses</MenuItem>
        </>
      ) : null}
    </Menu>
  );
}
