import { chooseTheme, type ThemeChoice, useThemeChoice } from "@/lib/theme";
import { formatMoment, setZone, useZone, type Zone, zoneName } from "@/lib/time";
import { useServerNow } from "@/live/use-live";
import { Card } from "@/ui/card";
import { RadioGroup } from "@/ui/choices";

/** Colours and times, in this browser. */
export function AppearanceCard() {
  const theme = useThemeChoice();
  const zone = useZone();
  const now = useServerNow();
  return (
    <Card title="Appearance" description="Kept in this browser.">
      <div className="flex flex-col gap-6">
        <RadioGroup
          label="Theme"
          value={theme}
          onValueChange={(value) => chooseTheme(value as ThemeChoice)}
          inline
          choices={[
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
            { value: "system", label: "As the system" },
          ]}
        />
        <RadioGroup
          label="Time zone"
          value={zone}
          onValueChange={(value) => setZone(value as Zone)}
          choices={[
            { value: "local", label: `Local (${zoneName("local")})`, hint: formatMoment(now, "local") },
            { value: "utc", label: "UTC", hint: formatMoment(now, "utc") },
          ]}
        />
      </div>
    </Card>
  );
}
