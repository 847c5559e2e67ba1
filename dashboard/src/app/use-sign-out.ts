import { useNavigate } from "@tanstack/react-router";
import { signOut } from "@/api/session";
import { clear } from "@/live/live";

/** Ends the sign-in and forgets what was on screen. */
export function useSignOut(): () => Promise<void> {
  const navigate = useNavigate();
  return async () => {
    await signOut();
    await navigate({ to: "/login" });
    clear();
  };
}
