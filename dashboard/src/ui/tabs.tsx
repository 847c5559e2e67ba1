import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn, focusRingInside } from "./cn";

interface TabsProps {
  /** The tab that is open: read from the URL. */
  value: string;
  /** Writes the URL. */
  onValueChange: (value: string) => void;
  label: string;
  tabs: { value: string; label: ReactNode; count?: number }[];
  /** `TabPanel`s. */
  children: ReactNode;
  className?: string;
}

export function Tabs({ value, onValueChange, label, tabs, children, className }: TabsProps) {
  return (
    <Radix.Root value={value} onValueChange={onValueChange} activationMode="manual" className={className}>
      <Radix.List aria-label={label} className="mb-5 flex gap-1 overflow-x-auto border-line border-b">
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.value} value={tab.value} className={cn(tabStyle, focusRingInside)}>
            {tab.label}
            {tab.count === undefined ? null : (
              <span className="rounded-full bg-sunken px-1.5 text-muted text-xs tabular-nums">{tab.count}</span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  );
}

const tabStyle = cn(
  "-mb-px inline-flex h-10 cursor-pointer items-center gap-2 whitespace-nowrap rounded-t-md border-transparent border-b-2 px-3 text-muted text-sm pointer-coarse:h-11",
  "hover:text-fg data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-fg",
);

/** What a tab shows; rendered only while it is open. */
export function TabPanel({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Radix.Content value={value} className="rounded-lg focus-visible:outline-offset-4">
      {children}
    </Radix.Content>
  );
}
