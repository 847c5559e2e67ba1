import { CircleAlert, CircleCheck, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { Button } from "./button";
import { cn } from "./cn";
import { IconButton } from "./icon-button";
import { onToasts, type Shown, shownToasts, showToasts } from "./toast";

/** Where toasts appear; once in the page. */
export function Toaster() {
  const toasts = useSyncExternalStore(onToasts, shownToasts);
  return (
    <Radix.Provider swipeDirection="right" label="Notification">
      {toasts.map((item) => (
        <ToastBox key={item.id} {...item} close={() => showToasts(toasts.filter((other) => other.id !== item.id))} />
      ))}
      <Radix.Viewport className="fixed right-0 bottom-[calc(env(safe-area-inset-bottom)+4.5rem)] z-50 flex w-full max-w-sm flex-col gap-2 p-4 outline-none sm:bottom-0" />
    </Radix.Provider>
  );
}

function ToastBox({ title, description, tone = "done", action, close }: Shown & { close: () => void }) {
  const failed = tone === "failed";
  const Icon = failed ? CircleAlert : CircleCheck;
  return (
    <Radix.Root
      duration={failed || action ? 10_000 : 5_000}
      type={failed ? "foreground" : "background"}
      onOpenChange={(open) => open || close()}
      className="flex animate-[appear_140ms_ease-out] items-start gap-3 rounded-lg border border-line bg-card p-3.5 text-fg shadow-pop"
    >
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", failed ? "text-down-text" : "text-up-text")} />
      <div className="min-w-0 flex-1 text-sm">
        <Radix.Title className="break-words font-medium">{title}</Radix.Title>
        {description ? (
          <Radix.Description className="mt-0.5 break-words text-muted">{description}</Radix.Description>
        ) : null}
        {action ? (
          <Radix.Action asChild altText={action.label}>
            <Button size="sm" className="mt-2" onClick={action.run}>
              {action.label}
            </Button>
          </Radix.Action>
        ) : null}
      </div>
      <Radix.Close asChild>
        <IconButton label="Dismiss" icon={<X aria-hidden />} size="sm" tooltip={false} className="-my-1.5 -mr-1.5" />
      </Radix.Close>
    </Radix.Root>
  );
}
