/** The tokens a canvas needs, as colours; read anew when the theme changes. */

export interface ChartTheme {
  fg: string;
  muted: string;
  line: string;
  card: string;
  accent: string;
  down: string;
  degraded: string;
  maintenance: string;
  phases: readonly string[];
  regions: readonly string[];
  font: string;
}

const PHASES = 5;
const REGIONS = 6;

export function readTheme(root: Element = document.documentElement): ChartTheme {
  const style = getComputedStyle(root);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim() || "currentColor";
  const ramp = (name: string, count: number) => Array.from({ length: count }, (_, at) => token(`${name}-${at + 1}`));
  return {
    fg: token("fg"),
    muted: token("muted"),
    line: token("line"),
    card: token("card"),
    accent: token("accent"),
    down: token("down"),
    degraded: token("degraded"),
    maintenance: token("maintenance"),
    phases: ramp("phase", PHASES),
    regions: ramp("region", REGIONS),
    font: `11px ${style.fontFamily || "sans-serif"}`,
  };
}
