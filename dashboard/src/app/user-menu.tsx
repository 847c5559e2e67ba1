import { Link } from "@tanstack/react-router";
import { KeyRound, LogOut, UserRound } from "lucide-react";
import { chooseTheme, useThemeChoice } from "@/lib/theme";
import { Menu, MenuChoice, MenuItem, MenuSeparator } from "@/ui/menu";
import { useSignOut } from "./use-sign-out";
import { useWho } from "./use-who";
import { UserTrigger } from "./user-trigger";

const THEMES = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "system", label: "As the system" },
] as const;

/** Who is signed in and where, the theme, and the way out. */
export function UserMenu({ small, startsOpen }: { small: boolean; startsOpen: boolean }) {
  const { me, name, organisation, beneath } = useWho();
  const theme = useThemeChoice();
  const signOut = useSignOut();
  const choose = (value: string) => chooseTheme(THEMES.find((one) => one.value === value)?.value ?? "system");
  return (
    <Menu
      align={small ? "end" : "start"}
      startsOpen={startsOpen}
      trigger={<UserTrigger name={name} beneath={beneath} small={small} />}
    >
      <div className="max-w-64 px-2.5 pt-1.5 pb-2">
        <p className="truncate font-medium">{name}</p>
        {me && me.email !== name ? <p className="truncate text-muted text-xs">{me.email}</p> : null}
        {me ? (
          <p className="truncate text-muted text-xs">
            {organisation} · {me.role}
          </p>
        ) : null}
      </div>
      <MenuSeparator />
      <MenuItem asChild>
        <Link to="/profile">
          <UserRound aria-hidden />
          Profile
        </Link>
      </MenuItem>
      <MenuItem asChild>
        <Link to="/settings/api-keys">
          <KeyRound aria-hidden />
          API keys
        </Link>
      </MenuItem>
      <MenuSeparator />
      <MenuChoice label="Theme" value={theme} onValueChange={choose} choices={[...THEMES]} />
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
