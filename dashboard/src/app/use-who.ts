import { useMe } from "@/api/queries/account";
import type { Me } from "@/api/types";

/** Who is signed in, and where. */
export function useWho(): { me: Me | undefined; name: string; organisation: string } {
  const me = useMe().data;
  const organisation = me?.organisations.find(({ id }) => id === me.organisation)?.name ?? "";
  return { me, name: me?.name || me?.email || "Account", organisation };
}
