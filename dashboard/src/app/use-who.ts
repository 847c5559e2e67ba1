import { useMe } from "@/api/queries/account";
import type { Me } from "@/api/types";

/** Who is signed in, and where. `beneath` is what stands under the name: an organisation may be called by it too. */
export function useWho(): { me: Me | undefined; name: string; organisation: string; beneath: string } {
  const me = useMe().data;
  const organisation = me?.organisations.find(({ id }) => id === me.organisation)?.name ?? "";
  const name = me?.name || me?.email || "Account";
  return { me, name, organisation, beneath: organisation === name ? (me?.email ?? "") : organisation };
}
