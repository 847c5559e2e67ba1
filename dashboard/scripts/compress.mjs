// Writes .br and .gz beside every asset that shrinks, so that the server compresses nothing per request.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const worthwhile = /\.(js|css|svg|json|txt)$/;
const brotli = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
};

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (!entry.isFile() || !worthwhile.test(entry.name) || path.includes(".vite")) continue;
  const whole = readFileSync(path);
  for (const [end, packed] of [
    [".br", brotliCompressSync(whole, brotli)],
    [".gz", gzipSync(whole, { level: 9 })],
  ]) {
    if (packed.length < whole.length * 0.95) writeFileSync(path + end, packed);
  }
}
