import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useRef } from "react";
import { useKeys } from "@/lib/shortcuts";

interface ListKeys {
  ids: readonly string[];
  /** Brings a row on screen. */
  show: (index: number) => void;
  toggle: (id: string) => void;
  clear: () => void;
  filter: RefObject<HTMLInputElement | null>;
}

function focusRow(id: string, tries = 10): void {
  const link = document.querySelector<HTMLElement>(`[data-row="${id}"] a`);
  if (link) link.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusRow(id, tries - 1));
}

function focusedId(): string | null {
  return document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset.row ?? null;
}

/** `j` and `k` walk the rows, `x` ticks, `Enter` opens, `/` filters, Escape unticks all. */
export function useListKeys({ ids, show, toggle, clear, filter }: ListKeys): void {
  const navigate = useNavigate();
  const last = useRef<string | null>(null);
  const walk = (step: number) => {
    const from = ids.indexOf(focusedId() ?? last.current ?? "");
    const index = Math.min(Math.max(from + step, 0), ids.length - 1);
    const id = ids[index];
    if (id === undefined) return;
    last.current = id;
    show(index);
    focusRow(id);
  };
  const ofRow = (act: (id: string) => void) => {
    const id = focusedId() ?? last.current;
    if (id !== null && ids.includes(id)) act(id);
  };
  useKeys((key) => {
    if (key === "j" || key === "k") walk(key === "j" ? 1 : -1);
    else if (key === "x" || key === "X") ofRow((id) => toggle(id));
    else if (key === "/") filter.current?.focus();
    else if (key === "Escape") clear();
    else if (key === "Enter" && document.activeElement === document.body) {
      ofRow((id) => void navigate({ to: "/monitors/$id", params: { id } }));
    } else return false;
    return true;
  });
}
