import { useMemo } from "react";
import { useRegions } from "@/api/queries/regions";
import { useTags } from "@/live/use-live";

interface Choice {
  value: string;
  label: string;
}

/** Tags and regions there are to filter by. */
export function useChoices(): { tags: Choice[]; regions: Choice[] } {
  const tags = useTags();
  const regions = useRegions().data?.items;
  return useMemo(
    () => ({ tags: tags.map(asChoice), regions: (regions ?? []).map(({ id }) => asChoice(id)) }),
    [tags, regions],
  );
}

function asChoice(value: string): Choice {
  return { value, label: value };
}
