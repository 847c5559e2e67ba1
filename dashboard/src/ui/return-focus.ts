import { useState } from "react";

/** What opened an overlay: what had the focus, or the button of the menu it was chosen in. */
function opener(): Element | null {
  const active = document.activeElement;
  const button = active?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  return button ? document.getElementById(button) : active;
}

/**
 * Gives the focus back when an overlay closes. Radix does so only for overlays with a trigger of their own; ours are
 * opened by state. Where the opener is gone (a row that was deleted) the page's content gets it.
 */
export function useReturnFocus(open: boolean): (event: Event) => void {
  const [was, setWas] = useState(false);
  const [from, setFrom] = useState<Element | null>(null);
  if (open !== was) {
    setWas(open);
    if (open) setFrom(opener());
  }
  return (event) => {
    event.preventDefault();
    const target = from?.isConnected && from !== document.body ? from : document.getElementById("content");
    if (target instanceof HTMLElement) target.focus();
  };
}
