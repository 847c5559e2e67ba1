import { useMe } from "./queries/account";
import type { Role } from "./types";

const RANK: Record<Role, number> = { viewer: 0, editor: 1, admin: 2, owner: 3 };

/** Whether a role is enough for something that needs `needed`. */
export function isEnough(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}

export interface Permission {
  may: boolean;
  /** Why not, for people; null where they may, and until it is known who they are. */
  whyNot: string | null;
}

/** Whether the reader may do what needs this role. The server asks again. */
export function useMay(needed: Role): Permission {
  const role = useMe().data?.role;
  if (!role) return { may: false, whyNot: null };
  const may = isEnough(role, needed);
  return { may, whyNot: may ? null : `This needs the role ${needed} or more. You are ${article(role)}.` };
}

function article(role: Role): string {
  return role === "viewer" ? "a viewer" : `an ${role}`;
}
