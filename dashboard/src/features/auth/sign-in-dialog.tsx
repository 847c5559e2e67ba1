import { useQueryClient } from "@tanstack/react-query";
import { meQuery } from "@/api/queries/account";
import type { Me } from "@/api/types";
import { Dialog } from "@/ui/dialog";
import { textLinkStyle } from "@/ui/link-button";
import { SignInForm } from "./sign-in-form";

/** Over the page when a session has ended: nothing that was typed is lost. It is closed by signing in alone. */
export function SignInDialog({ open }: { open: boolean }) {
  const cache = useQueryClient();
  const email = cache.getQueryData<Me>(meQuery.queryKey)?.email;
  return (
    <Dialog
      open={open}
      onOpenChange={() => undefined}
      insistent
      size="sm"
      title="Your session has ended"
      description="Sign in again to go on. What you have typed is still here."
    >
      <SignInForm email={email} done={() => void cache.invalidateQueries()} />
      <p className="mt-4 text-center text-muted text-sm">
        Not you?{" "}
        <a href="/login" className={textLinkStyle}>
          Use another account
        </a>
      </p>
    </Dialog>
  );
}
