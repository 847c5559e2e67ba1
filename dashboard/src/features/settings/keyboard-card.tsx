import { setShortcuts, useShortcutsOn } from "@/lib/shortcuts";
import { Card } from "@/ui/card";
import { Switch } from "@/ui/choices";

/** Single keys can be switched off: speech input and stray presses trigger them. */
export function KeyboardCard() {
  const on = useShortcutsOn();
  return (
    <Card title="Keyboard">
      <Switch
        label="Single-key shortcuts"
        hint="Such as / for the filter of a list and c for a new monitor. Off: no single key does anything."
        checked={on}
        onCheckedChange={setShortcuts}
      />
    </Card>
  );
}
