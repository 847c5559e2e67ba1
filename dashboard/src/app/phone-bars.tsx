import { Link, useLocation } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { cn } from "@/ui/cn";
import { Menu, MenuItem } from "@/ui/menu";
import { Brand } from "./brand";
import { ConnectionPill } from "./connection-pill";
import { OpenIncidents } from "./open-incidents";
import { PLACES } from "./places";
import { UserMenu } from "./user-menu";

const tab = "relative flex h-14 flex-1 flex-col items-center justify-center gap-0.5 font-medium text-[11px] text-muted";

/** The top of a phone's screen. */
export function TopBar() {
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-line border-b bg-card px-4 sm:hidden">
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
  const { pathname } = useLocation();
  const [shown, rest] = [PLACES.slice(0, 3), PLACES.slice(3)];
  const isInRest = rest.some(({ to }) => pathname.startsWith(to));
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex border-line border-t bg-card pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {shown.map(({ to, word, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className={tab}
          activeProps={{ className: cn(tab, "text-accent"), "aria-current": "page" }}
        >
          <Icon aria-hidden className="size-5" />
          {word}
          {to === "/incidents" ? <OpenIncidents className="absolute top-1.5 left-[calc(50%+6px)]" /> : null}
        </Link>
      ))}
      <Menu
        trigger={
          <button type="button" className={cn(tab, isInRest && "text-accent")}>
            <Ellipsis aria-hidden className="size-5" />
            More
          </button>
        }
      >
        {rest.map(({ to, word, icon: Icon }) => (
          <MenuItem key={to} asChild>
            <Link to={to}>
              <Icon aria-hidden />
              {word}
            </Link>
          </MenuItem>
        ))}
      </Menu>
    </nav>
  );
}
