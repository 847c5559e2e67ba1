/**
 * The shell's menus, loaded once the page has settled, or when there is a network again: the page needs none of them. Who
 * presses their buttons before gets the menu when it is here.
 */
import { lazy, Suspense, useState } from "react";
import { whenSettled } from "@/lib/idle";
import { patiently } from "@/lib/patiently";
import { MoreTrigger } from "./more-trigger";
import { useWho } from "./use-who";
import { UserTrigger } from "./user-trigger";

const LazyUserMenu = lazy(async () => {
  await whenSettled();
  return { default: (await patiently(() => import("./user-menu"))).UserMenu };
});
const LazyMoreMenu = lazy(async () => {
  await whenSettled();
  return { default: (await patiently(() => import("./more-menu"))).MoreMenu };
});

export function UserMenu({ small = false }: { small?: boolean }) {
  const { name, beneath } = useWho();
  const [pressed, press] = useState(false);
  const button = <UserTrigger name={name} beneath={beneath} small={small} onClick={() => press(true)} />;
  return (
    <Suspense fallback={button}>
      <LazyUserMenu small={small} startsOpen={pressed} />
    </Suspense>
  );
}

export function MoreMenu() {
  const [pressed, press] = useState(false);
  return (
    <Suspense fallback={<MoreTrigger onClick={() => press(true)} />}>
      <LazyMoreMenu startsOpen={pressed} />
    </Suspense>
  );
}
