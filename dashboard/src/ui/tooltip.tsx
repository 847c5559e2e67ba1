import {
  cloneElement,
  type FocusEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";

type Side = "top" | "right" | "bottom" | "left";

interface TooltipProps {
  label: ReactNode;
  /** One element that can have the keyboard. */
  children: ReactElement<{ "aria-describedby"?: string }>;
  side?: Side;
}

const WAIT_MS = 350;
const GAP = 6;
/** Kept free at the window's edges. */
const EDGE = 8;

/** A few more words. Never the only place of something one must know: touch has no hover. */
export function Tooltip({ label, children, side = "top" }: TooltipProps) {
  const id = useId();
  const box = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [at, setAt] = useState<DOMRect | null>(null);
  const show = () => setAt(box.current?.firstElementChild?.getBoundingClientRect() ?? null);
  const hide = () => {
    clearTimeout(timer.current);
    setAt(null);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (at === null) return;
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && setAt(null);
    const onScroll = () => setAt(null);
    addEventListener("keydown", onKey);
    addEventListener("scroll", onScroll, true);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("scroll", onScroll, true);
    };
  }, [at]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens to what happens to the element within
    <span
      ref={box}
      className="contents"
      onPointerEnter={(event) => {
        if (event.pointerType !== "touch") timer.current = setTimeout(show, WAIT_MS);
      }}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={(event: FocusEvent) => event.target.matches(":focus-visible") && show()}
      onBlur={hide}
    >
      {cloneElement(children, { "aria-describedby": at ? id : undefined })}
      {at ? createPortal(<Words id={id} label={label} at={at} side={side} />, document.body) : null}
    </span>
  );
}

/** Beside what it is about, turned over and pushed in where the window ends. */
export function placed(
  at: DOMRect,
  size: { width: number; height: number },
  side: Side,
  window: { width: number; height: number },
) {
  const isAcross = side === "left" || side === "right";
  const before = isAcross ? at.left - size.width - GAP : at.top - size.height - GAP;
  const after = isAcross ? at.right + GAP : at.bottom + GAP;
  const wantsBefore = side === "left" || side === "top";
  const room = (isAcross ? window.width - size.width : window.height - size.height) - EDGE;
  const main = wantsBefore ? (before >= EDGE ? before : after) : after <= room ? after : before;
  const middle = isAcross ? at.top + (at.height - size.height) / 2 : at.left + (at.width - size.width) / 2;
  const most = (isAcross ? window.height - size.height : window.width - size.width) - EDGE;
  const cross = Math.max(EDGE, Math.min(middle, most));
  return isAcross ? { left: main, top: cross } : { left: cross, top: main };
}

function Words({ id, label, at, side }: { id: string; label: ReactNode; at: DOMRect; side: Side }) {
  const place = (element: HTMLDivElement | null) => {
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    const { left, top } = placed(at, { width, height }, side, { width: innerWidth, height: innerHeight });
    element.style.left = `${left}px`;
    element.style.top = `${top}px`;
  };
  return (
    <div
      ref={place}
      id={id}
      role="tooltip"
      className="pointer-events-none fixed top-0 left-0 z-50 w-max max-w-72 rounded-md border border-transparent bg-fg px-2 py-1 text-bg text-xs shadow-pop"
    >
      {label}
    </div>
  );
}
