export { type ClassValue, clsx as cn } from "clsx";

/** A ring of 2 px around what has the keyboard. */
export const focusRing = "focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-accent";
/** The same, drawn inside: for what its parent would clip. */
export const focusRingInside = "focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent";
