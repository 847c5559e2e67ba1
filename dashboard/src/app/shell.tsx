import { Outlet } from "@tanstack/react-router";
import { useDeferredValue } from "react";
import { useMedia } from "@/lib/media";
import { useLiveState } from "@/live/use-live";
import { Announcer } from "./announcer";
import { BottomBar, TopBar } from "./phone-bars";
import { ReloadNotice } from "./reload-notice";
import { SessionDialog } from "./session-dialog";
import { Sidebar } from "./sidebar";
import { StalledBanner } from "./stalled-banner";
import { Toasts } from "./toasts";
import { useGoKeys } from "./use-go";

/** What stands around every page of somebody who is signed in. */
export function Shell() {
  useGoKeys();
  const isPhone = useMedia("(max-width: 639px)");
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md bg-card px-4 py-2 font-medium shadow-pop focus:translate-y-0"
      >
        Skip to content
      </a>
      {isPhone ? null : <Sidebar />}
      <div className="flex min-w-0 flex-1 flex-col">
        {isPhone ? <TopBar /> : null}
        <StalledBanner />
        <Content />
      </div>
      {isPhone ? <BottomBar /> : null}
      <Announcer />
      <ReloadNotice />
      <SessionDialog />
      <Toasts />
    </div>
  );
}

/** The page. It comes behind what surrounds it, in small steps: nothing is stuck while it is drawn the first time. */
function Content() {
  const { state } = useLiveState();
  const isDrawn = useDeferredValue(true, false);
  return (
    <main
      id="content"
      tabIndex={-1}
      data-connection={state}
      className="mx-auto w-full max-w-[1360px] flex-1 px-4 pt-5 pb-24 outline-none sm:px-6 sm:pt-7 sm:pb-10 lg:px-8"
    >
      {isDrawn ? <Outlet /> : null}
    </main>
  );
}
