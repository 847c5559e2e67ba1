import { Link } from "@tanstack/react-router";
import { Brand } from "./brand";
import { ConnectionPill } from "./connection-pill";
import { UserMenu } from "./lazy-menus";
import { OpenIncidents } from "./open-incidents";
import { PLACES, type Place } from "./places";

const item =
  "relative flex h-9 items-center gap-3 rounded-md px-2.5 font-medium max-lg:h-11 max-lg:justify-center max-lg:px-0";

function Item({ place: { to, word, icon: Icon } }: { place: Place }) {
  return (
    <li>
      <Link
        to={to}
        className={item}
        activeProps={{ className: "bg-accent-soft text-fg", "aria-current": "page" }}
        inactiveProps={{ className: "text-muted hover:bg-hover hover:text-fg" }}
        title={word}
      >
        <Icon aria-hidden className="size-[18px] shrink-0" />
        <span className="max-lg:sr-only">{word}</span>
        {to === "/incidents" ? (
          <OpenIncidents className="lg:ml-auto max-lg:absolute max-lg:top-1 max-lg:right-1.5" />
        ) : null}
      </Link>
    </li>
  );
}

/** On wide screens with words, on middling ones a rail of icons. */
export function Sidebar() {
  return (
    <aside className="sticky top-0 flex h-dvh w-16 shrink-0 flex-col border-line border-r bg-card px-2.5 py-4 lg:w-56 lg:px-3">
      <div className="mb-5 px-2 max-lg:hidden">
        <Brand />
      </div>
      <div className="mb-5 flex justify-center lg:hidden">
        <Brand withName={false} />
      </div>
      <nav aria-label="Main">
        <ul className="flex flex-col gap-1">
          {PLACES.map((place) => (
            <Item key={place.to} place={place} />
          ))}
        </ul>
      </nav>
      <div className="mt-auto flex flex-col gap-3 max-lg:items-center">
        <div className="px-1 max-lg:hidden">
          <ConnectionPill />
        </div>
        <div className="lg:hidden">
          <ConnectionPill compact />
        </div>
        <UserMenu />
      </div>
    </aside>
  );
}
