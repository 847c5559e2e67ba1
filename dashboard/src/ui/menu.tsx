import { Check } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn";

/** The box that menus and lists of choices open in. */
const popStyle =
  "animate-[appear_120ms_ease-out] z-50 min-w-44 overflow-y-auto rounded-lg border border-line bg-card p-1 text-fg text-sm shadow-pop";
/** One line of it. */
const popItemStyle = cn(
  "relative flex min-h-8 cursor-pointer select-none items-center gap-2.5 rounded-md px-2.5 py-1.5 outline-none pointer-coarse:min-h-11",
  "data-[highlighted]:bg-hover data-[disabled]:cursor-not-allowed data-[disabled]:opacity-50 forced-colors:data-[highlighted]:outline-2",
  "[&_svg]:size-4 [&_svg]:shrink-0",
);

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  /** It was pressed before its code was here. */
  startsOpen?: boolean;
}

/** Actions on one thing. */
export function Menu({ trigger, children, align = "end", startsOpen }: MenuProps) {
  return (
    <Radix.Root defaultOpen={startsOpen}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className={cn(popStyle, "max-h-(--radix-dropdown-menu-content-available-height)")}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  children: ReactNode;
  icon?: ReactNode;
  onSelect?: (event: Event) => void;
  disabled?: boolean;
  danger?: boolean;
  /** The one child is a link that becomes the item: `<MenuItem asChild><Link …/></MenuItem>`. */
  asChild?: boolean;
}

export function MenuItem({ children, icon, onSelect, disabled, danger, asChild }: MenuItemProps) {
  const className = cn(popItemStyle, "no-underline", danger && "text-down-text");
  return (
    <Radix.Item className={className} onSelect={onSelect} disabled={disabled} asChild={asChild}>
      {asChild ? (
        children
      ) : (
        <>
          {icon}
          <span className="min-w-0 flex-1">{children}</span>
        </>
      )}
    </Radix.Item>
  );
}

interface MenuChoiceProps {
  label: string;
  value: string;
  onValueChange: (value: string) => void;
  choices: { value: string; label: string }[];
}

/** One of several, ticked. */
export function MenuChoice({ label, value, onValueChange, choices }: MenuChoiceProps) {
  return (
    <Radix.RadioGroup value={value} onValueChange={onValueChange}>
      <MenuLabel>{label}</MenuLabel>
      {choices.map((choice) => (
        <Radix.RadioItem key={choice.value} value={choice.value} className={popItemStyle}>
          <span className="grid size-4 place-items-center">
            <Radix.ItemIndicator>
              <Check aria-hidden />
            </Radix.ItemIndicator>
          </span>
          {choice.label}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

interface MenuTickProps {
  children: ReactNode;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
}

/** Something that is on or off; the menu stays open for the next. */
export function MenuTick({ children, checked, onCheckedChange }: MenuTickProps) {
  return (
    <Radix.CheckboxItem
      checked={checked}
      onCheckedChange={onCheckedChange}
      onSelect={(event) => event.preventDefault()}
      className={popItemStyle}
    >
      <span className="grid size-4 place-items-center">
        <Radix.ItemIndicator>
          <Check aria-hidden />
        </Radix.ItemIndicator>
      </span>
      <span className="min-w-0 flex-1">{children}</span>
    </Radix.CheckboxItem>
  );
}

function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2.5 pt-1.5 pb-1 text-muted text-xs">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
