import { Link } from "@tanstack/react-router";
import { LogOut, UserRound } from "lucide-react";
import { useMe } from "@/api/queries/account";
import { chooseTheme, useThemeChoice } from "@/lib/theme";
import { Menu, MenuChoice, MenuItem, MenuSeparator } from "@/ui/menu";
import { useSignOut } from "./use-sign-out";

const THEMES = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "system", label: "As the system" },
] as const;

/** Who is signed in and where, the theme, and the way out. */
export function UserMenu({ small = false }: { small?: boolean }) {
  const me = useMe().data;
  const theme = useThemeChoice();
  const signOut = useSignOut();
  const organisation = me?.organisations.find(({ id }) => id === me.organisation)?.name ?? "";
  const name = me?.name || me?.email || "Account";
  const choose = (value: string) => chooseTheme(THEMES.find((one) => one.value === value)?.value ?? "system");
  return (
    <Menu align={small ? "end" : "start"} trigger={<Trigger name={name} organisation={organisation} small={small} />}>
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
      <MenuSeparator />
      <MenuChoice label="Theme" value={theme} onValueChange={choose} choices={[...THEMES]} />
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}

interface TriggerProps extends React.ComponentProps<"button"> {
  name: string;
  organisation: string;
  small: boolean;
}

function Trigger({ name, organisation, small, ...rest }: TriggerProps) {
  const wide = small ? "hidden" : "max-lg:hidden";
  return (
    <button
      type="button"
      aria-label={`Account: ${name}`}
      {...rest}
      className="flex min-h-11 min-w-0 items-center gap-2.5 rounded-md p-1 text-left hover:bg-hover data-[state=open]:bg-hover"
    >
      <span
        aria-hidden
        className="grid size-8 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent text-xs uppercase"
      >
        {initials(name)}
      </span>
      <span className={`min-w-0 flex-1 ${wide}`}>
        <span className="block truncate font-medium text-sm leading-5">{name}</span>
        <span className="block truncate text-muted text-xs leading-4">{organisation}</span>
      </span>
    </button>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  return (words[0]?.[0] ?? "") + (words.length > 1 ? (words[1]?.[0] ?? "") : "") || "?";
}
