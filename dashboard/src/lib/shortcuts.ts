/** Single keys. Off while somebody types, and for good where a person turned them off (WCAG 2.1.4). */
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

const KEY = "upguard.shortcuts";
const listeners = new Set<() => void>();

export const shortcutsOn = (): boolean => localStorage.getItem(KEY) !== "off";

export function setShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, "off");
  for (const listener of listeners) listener();
}

export function useShortcutsOn(): boolean {
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return useSyncExternalStore(subscribe, shortcutsOn);
}

/** Whether keys go to something that takes text, or to a dialog or menu above the page. */
function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], [role=menu], [role=listbox]")) {
    return true;
  }
  return document.querySelector("[role=dialog], [role=alertdialog]") !== null;
}

/** Calls with each pressed key that is meant for the page; `true` back means it was used. */
export function useKeys(handle: (key: string, event: KeyboardEvent) => boolean): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isPlain || event.defaultPrevented || !shortcutsOn() || isTaken(event.target)) return;
    if (handle(event.key, event)) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
}
