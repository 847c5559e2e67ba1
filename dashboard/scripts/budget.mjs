// What each screen loads before it can show anything, in gzipped KiB, against its budget. Fails when one is over.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

/** Chunks that are there with the page: the entry, the shell, and the route's own. `with`: what it then draws by itself. */
const screens = [
  { name: "Sign in", routes: ["login"], kib: 150 },
  { name: "Overview", routes: ["_app", "_app/overview"], kib: 150 },
  { name: "Monitors", routes: ["_app", "_app/monitors.index"], kib: 170 },
  { name: "Monitor with charts", routes: ["_app", "_app/monitors.$id.index"], with: /charts\//, kib: 180 },
  { name: "Incidents", routes: ["_app", "_app/incidents.index"], kib: 170 },
  { name: "Alerting", routes: ["_app", "_app/alerting"], kib: 190 },
  { name: "Regions", routes: ["_app", "_app/regions"], kib: 170 },
  { name: "Add a monitor", routes: ["_app", "_app/monitors.new"], kib: 195 },
];

const gz = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const sizes = new Map();
const sizeOf = (file) => sizes.get(file) ?? sizes.set(file, gz(file)).get(file);

/** A chunk and all it imports at once. */
function take(key, keys) {
  if (keys.has(key) || !manifest[key]) return;
  keys.add(key);
  for (const next of manifest[key].imports ?? []) take(next, keys);
}

function chunksOf({ routes, with: also }) {
  const keys = new Set();
  for (const key of ["index.html", ...manifest["index.html"].dynamicImports]) take(key, keys);
  for (const route of routes) {
    const path = `src/routes/${route}.tsx`;
    for (const key of Object.keys(manifest)) if (key.startsWith(`${path}?`) || key === path) take(key, keys);
  }
  if (also) for (const key of Object.keys(manifest)) if (also.test(key)) take(key, keys);
  return keys;
}

function weigh(keys) {
  const js = new Set();
  const css = new Set();
  for (const key of keys) {
    js.add(manifest[key].file);
    for (const file of manifest[key].css ?? []) css.add(file);
  }
  const sum = (files) => [...files].reduce((total, file) => total + sizeOf(file), 0) / 1024;
  return { js: sum(js), css: sum(css) };
}

/** What the binary carries: the best packing of each file. */
function embedded() {
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((total, entry) => total + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

let over = 0;
function row(name, kib, budget, unit = "KiB gz") {
  const isOver = kib > budget;
  if (isOver) over += 1;
  console.log(
    `${name.padEnd(24)} ${kib.toFixed(1).padStart(8)} ${unit.padEnd(7)} of ${String(budget).padStart(4)}${isOver ? "  OVER" : ""}`,
  );
}

let css = 0;
for (const screen of screens) {
  const weight = weigh(chunksOf(screen));
  css = Math.max(css, weight.css);
  row(screen.name, weight.js, screen.kib);
}
row("CSS", css, 20);
row("Embedded, packed too", embedded() / 1024, 2048, "KiB");
if (over > 0) {
  console.error(`${over} over budget. Load lazily what the first view does not show.`);
  process.exit(1);
}
