import { useCallback, useEffect, useRef, useState } from "react";
import { store } from "@/live/live";
import { allToggled, existing, NOTHING, ranged, type Selection, toggled } from "./selection";

/** The shift of the last press: a tick box tells that it was ticked, not with which keys. */
function useShift() {
  const shift = useRef(false);
  useEffect(() => {
    const watch = (event: MouseEvent | KeyboardEvent) => {
      shift.current = event.shiftKey;
    };
    addEventListener("click", watch, true);
    addEventListener("keydown", watch, true);
    return () => {
      removeEventListener("click", watch, true);
      removeEventListener("keydown", watch, true);
    };
  }, []);
  return shift;
}

/** Which of the list are ticked; the ticks of monitors that are gone go too. */
export function useSelection(ids: readonly string[]) {
  const [raw, setSelection] = useState<Selection>(NOTHING);
  const selection = existing(raw, (id) => store.row(id) !== undefined);
  const shift = useShift();
  const list = useRef(ids);
  useEffect(() => {
    list.current = ids;
  }, [ids]);
  const select = useCallback(
    (id: string) => setSelection((old) => (shift.current ? ranged(old, id, list.current) : toggled(old, id))),
    [shift],
  );
  return {
    selected: selection.ids,
    select,
    toggleAll: () => setSelection(allToggled(selection, ids)),
    clear: () => setSelection(NOTHING),
  };
}
