import { Link } from "@tanstack/react-router";
import { Menu, MenuItem } from "@/ui/menu";
import { MoreTrigger } from "./more-trigger";
import { REST } from "./places";

/** The places a phone's bar has no room for. */
export function MoreMenu({ startsOpen }: { startsOpen: boolean }) {
  return (
    <Menu trigger={<MoreTrigger />} startsOpen={startsOpen}>
      {REST.map(({ to, word, icon: Icon }) => (
        <MenuItem key={to} asChild>
          <Link to={to}>
            <Icon aria-hidden />
            {word}
          </Link>
        </MenuItem>
      ))}
    </Menu>
  );
}
