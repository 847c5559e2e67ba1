import { useWindowVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import { useMedia } from "@/lib/media";
import { useTags } from "@/live/use-live";
import { type Layout, ROW } from "./columns";
import { MonitorRow } from "./monitor-row";

/** Rows drawn beyond the edges of the window. */
const BEYOND = 3;

export type Rows = Virtualizer<Window, Element>;

function useLayout(): Layout {
  const isPhone = useMedia("(max-width: 639px)");
  const isWide = useMedia("(min-width: 1440px)");
  const hasTags = useTags().length > 0;
  if (isPhone) return "phone";
  return isWide && hasTags ? "tags" : "wide";
}

export function useRows(ids: readonly string[]): {
  box: RefObject<HTMLDivElement | null>;
  rows: Rows;
  layout: Layout;
} {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const layout = useLayout();
  const height = layout === "phone" ? ROW.phone : ROW.wide;
  useLayoutEffect(() => {
    const place = () => setTop((box.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    place();
    const watch = new ResizeObserver(place);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  const rows = useWindowVirtualizer({
    count: ids.length,
    estimateSize: () => height,
    overscan: BEYOND,
    scrollMargin: top,
    scrollPaddingStart: 120,
    scrollPaddingEnd: 120,
    useFlushSync: false,
    getItemKey: (index) => ids[index] ?? index,
  });
  useLayoutEffect(() => {
    if (height > 0) rows.measure();
  }, [height, rows]);
  return { box, rows, layout };
}

interface VirtualListProps {
  ids: readonly string[];
  selected: ReadonlySet<string>;
  onSelect: (id: string) => void;
  list: ReturnType<typeof useRows>;
}

/** Only the rows near the window exist. */
export function VirtualList({ ids, selected, onSelect, list: { box, rows, layout } }: VirtualListProps) {
  return (
    <div ref={box} role="feed" aria-label="Monitors" className="relative" style={{ height: rows.getTotalSize() }}>
      {rows.getVirtualItems().map(({ key, index, start, size }) => {
        const id = ids[index];
        if (id === undefined) return null;
        const style = { height: size, transform: `translateY(${start - rows.options.scrollMargin}px)` };
        const row = { id, index, style, layout, onSelect, count: ids.length, isSelected: selected.has(id) };
        return <MonitorRow key={key} {...row} />;
      })}
    </div>
  );
}
