/** The tab's picture: an arrow while all is well, a cross and a count when something is down. */
export function faviconOf(down: number): string {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const svg = down > 0 ? trouble(down, colour("--down"), colour("--card")) : well(colour("--up"), colour("--card"));
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const open = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">';

function well(fill: string, line: string): string {
  const arrow = `<path d="M16 8v16M9 15l7-7 7 7" fill="none" stroke="${line}" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/>`;
  return `${open}<rect width="32" height="32" rx="8" fill="${fill}"/>${arrow}</svg>`;
}

function trouble(down: number, fill: string, line: string): string {
  const count = down > 99 ? "99+" : String(down);
  const size = count.length > 2 ? 13 : 18;
  const cross = `<path d="M4 4l8 8M12 4l-8 8" stroke="${fill}" stroke-width="3.5" stroke-linecap="round"/>`;
  const text = `<text x="20" y="26" font-family="sans-serif" font-weight="700" font-size="${size}" text-anchor="middle" fill="${line}">${count}</text>`;
  return `${open}<path d="M15 0h9a8 8 0 0 1 8 8v16a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8v-9h15z" fill="${fill}"/>${cross}${text}</svg>`;
}
