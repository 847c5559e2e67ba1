import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { useKeys } from "@/lib/shortcuts";
import { PLACES } from "./places";

/** How long `g` waits for its letter. */
const WAIT_MS = 1_200;

/** `g` and a letter go somewhere, `c` begins a monitor. */
export function useGoKeys(): void {
  const navigate = useNavigate();
  const since = useRef(0);
  useKeys((key) => {
    const isSecond = Date.now() - since.current < WAIT_MS;
    since.current = key === "g" ? Date.now() : 0;
    const place = isSecond ? PLACES.find((one) => one.key === key) : undefined;
    if (place) void navigate({ to: place.to });
    else if (key === "c" && !isSecond) void navigate({ to: "/monitors/new" });
    else return false;
    return true;
  });
}
