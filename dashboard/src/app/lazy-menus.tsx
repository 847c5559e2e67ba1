/** The shell's menus, loaded once the page stands. Until then their buttons are there, and do nothing yet. */
import { lazy, Suspense } from "react";
import { MoreTrigger } from "./more-trigger";
import { useWho } from "./use-who";
import { UserTrigger } from "./user-trigger";

const LazyUserMenu = lazy(() => import("./user-menu").then(({ UserMenu: it }) => ({ default: it })));
const LazyMoreMenu = lazy(() => import("./more-menu").then(({ MoreMenu: it }) => ({ default: it })));

export function UserMenu({ small = false }: { small?: boolean }) {
  const { name, organisation } = useWho();
  return (
    <Suspense fallback={<UserTrigger name={name} organisation={organisation} small={small} />}>
      <LazyUserMenu small={small} />
    </Suspense>
  );
}

export function MoreMenu() {
  return (
    <Suspense fallback={<MoreTrigger />}>
      <LazyMoreMenu />
    </Suspense>
  );
}
