import { Search, X } from "lucide-react";
import type { RefObject } from "react";
import type { Status } from "@/api/types";
import { STATUS } from "@/domain/status";
import { useCounts } from "@/live/use-live";
import { cn } from "@/ui/cn";
import { inputStyle } from "@/ui/field";
import { IconButton } from "@/ui/icon-button";
import { CompactSelect } from "@/ui/select";
import { StatusFilter } from "./lazy-menus";
import { type Sort, statuses } from "./search";
import { useChoices } from "./use-choices";
import type { ListSearch } from "./use-search";

const SORTS: { value: Sort; label: string }[] = [
  { value: "severity", label: "Worst first" },
  { value: "name", label: "Name" },
  { value: "-since", label: "Changed last" },
  { value: "since", label: "Unchanged longest" },
];

interface ToolbarProps {
  search: ListSearch;
  box: RefObject<HTMLInputElement | null>;
}

/** What of the list is shown, and in which order. */
export function Toolbar({ search, box }: ToolbarProps) {
  const counts = useCounts();
  const { tags, regions } = useChoices();
  const { filter, set } = search;
  const shown = statuses.filter((status) => counts[status] > 0 || filter.status?.includes(status));
  const choices = shown.map((status: Status) => ({ status, word: STATUS[status].word, count: counts[status] }));
  return (
    <search
      aria-label="Filter monitors"
      className="mb-3 flex items-center gap-2 sm:max-md:flex-wrap max-sm:grid max-sm:grid-cols-2"
    >
      <FilterBox search={search} box={box} />
      <StatusFilter
        choices={choices}
        chosen={filter.status ?? []}
        onChange={(next) => set({ status: next.join(",") || undefined })}
      />
      {tags.length > 0 || filter.tag ? (
        <CompactSelect
          className="max-sm:w-full! sm:shrink-0"
          label="Tag"
          value={filter.tag ?? ""}
          onValueChange={(tag) => set({ tag: tag || undefined })}
          choices={[{ value: "", label: "All tags" }, ...tags]}
        />
      ) : null}
      {regions.length > 1 || filter.region ? (
        <CompactSelect
          className="max-sm:w-full! sm:shrink-0"
          label="Region"
          value={filter.region ?? ""}
          onValueChange={(region) => set({ region: region || undefined })}
          choices={[{ value: "", label: "All regions" }, ...regions]}
        />
      ) : null}
      <CompactSelect
        label="Sort by"
        className="max-sm:-order-1 max-sm:w-full! sm:ml-auto sm:shrink-0"
        value={search.sort}
        onValueChange={(sort) => set({ sort: sort === "severity" ? undefined : (sort as Sort) })}
        choices={SORTS}
      />
    </search>
  );
}

function FilterBox({ search: { typed, type }, box }: ToolbarProps) {
  return (
    <div className="relative w-full max-sm:-order-3 max-sm:col-span-2 sm:w-72 sm:min-w-44 sm:shrink">
      <Search aria-hidden className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted" />
      <input
        ref={box}
        type="text"
        inputMode="search"
        aria-label="Filter by name, address or tag"
        placeholder="Filter monitors"
        value={typed}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (typed) type("");
          else event.currentTarget.blur();
        }}
        className={cn(inputStyle, "h-9 w-full pr-9 pl-9 pointer-coarse:min-h-11")}
      />
      {typed ? (
        <IconButton
          size="sm"
          tooltip={false}
          label="Clear the filter"
          icon={<X aria-hidden />}
          onClick={() => {
            type("");
            box.current?.focus();
          }}
          className="absolute top-1/2 right-0.5 -translate-y-1/2"
        />
      ) : (
        <span
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 rounded-sm border border-line px-1.5 text-muted text-xs pointer-coarse:hidden"
        >
          /
        </span>
      )}
    </div>
  );
}
