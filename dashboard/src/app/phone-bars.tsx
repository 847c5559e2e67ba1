import { Link } from "@tanstack/react-router";
import { Brand } from "./brand";
import { ConnectionPill } from "./connection-pill";
import { MoreMenu, UserMenu } from "./lazy-menus";
import { OpenIncidents } from "./open-incidents";
import { FIRST, tabStyle } from "./places";

/** The top of a phone's screen. */
export function TopBar() {
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-line border-b bg-card px-4">
      <Brand />
      <div className="ml-auto flex items-center gap-1">
        <ConnectionPill />
        <UserMenu small />
      </div>
    </header>
  );
}

/** And its bottom: three places and the rest. */
export function BottomBar() {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex border-line border-t bg-card pb-[env(safe-area-inset-bottom)]"
    >
      {FIRST.map(({ to, word, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className={tabStyle}
          activeProps={{ className: "text-accent", "aria-current": "page" }}
          inactiveProps={{ className: "text-muted" }}
        >
          <Icon aria-hidden className="size-5" />
          {word}
          {to === "/incidents" ? <OpenIncidents className="absolute top-1.5 left-[calc(50%+6px)]" /> : null}
        </Link>
      ))}
      <MoreMenu />
    </nav>
  );
}
