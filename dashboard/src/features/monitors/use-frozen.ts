import { type FocusEvent, useState } from "react";

/** Whether somebody's pointer or focus is in the list: then nothing may move away under it. */
export function useFrozen() {
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const handlers = {
    onPointerEnter: () => setPointed(true),
    onPointerLeave: () => setPointed(false),
    onFocus: () => setFocused(true),
    onBlur: (event: FocusEvent) => setFocused(event.currentTarget.contains(event.relatedTarget)),
  };
  return { isTouched: isPointed || isFocused, handlers };
}
