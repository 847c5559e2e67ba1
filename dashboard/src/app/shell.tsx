import { Outlet } from "@tanstack/react-router";
import { useDeferredValue } from "react";
import { useLiveState } from "@/live/use-live";
import { Announcer } from "./announcer";
import { BottomBar, TopBar } from "./phone-bars";
import { ReloadNotice } from "./reload-notice";
import { SessionDialog } from "./session-dialog";
import { Sidebar } from "./sidebar";
import { Toasts } from "./toasts";
import { useGoKeys } from "./use-go";

/** What stands around every page of somebody who is signed in. */
export function Shell() {
  useGoKeys();
  const { state } = useLiveState();
  // The page comes behind what surrounds it, in small steps: nothing is stuck while it is drawn the first time.
  const isDrawn = useDeferredValue(true, false);
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md bg-card px-4 py-2 font-medium shadow-pop focus:translate-y-0"
      >
        Skip to content
      </a>
      <Sidebar />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar />
        <main
          id="content"
          tabIndex={-1}
          data-connection={state}
          className="mx-auto w-full max-w-[1360px] flex-1 px-4 pt-5 pb-24 outline-none sm:px-6 sm:pt-7 sm:pb-10 lg:px-8"
        >
          {isDrawn ? <Outlet /> : null}
        </main>
      </div>
      <BottomBar />
      <Announcer />
      <ReloadNotice />
      <SessionDialog />
      <Toasts />
    </div>
  );
}
