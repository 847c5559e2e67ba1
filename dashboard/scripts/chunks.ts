/** How the build is cut into files. A phone pays for each file with a way there and back, and for each word of it. */

import { fileURLToPath } from "node:url";
import type { Plugin, Rolldown } from "vite";

interface Graph {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));
const FIRST = source("early.ts");
const PROGRAM = source("main.tsx");
const ICON = /\/lucide-react\/dist\/esm\/icons\//;
const REACT = /\/node_modules\/(react|react-dom|scheduler)\//;

/** A module and all that comes with it, through imports that are not lazy. */
function withAll(id: string, graph: Graph, found = new Set<string>()): Set<string> {
  if (found.has(id)) return found;
  found.add(id);
  for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) withAll(imported, graph, found);
  return found;
}

/** What every page needs, in three files: what is asked first, React, and the rest of it. What is lazy is cut by itself. */
export function groups(): Rolldown.CodeSplittingGroup[] {
  const known = new Map<string, Set<string>>();
  const all = (root: string, graph: Graph) => known.get(root) ?? known.set(root, withAll(root, graph)).get(root);
  const group = (name: string, has: (id: string, graph: Graph) => boolean | undefined, priority: number) => ({
    name: (id: string, graph: Graph) => (has(id, graph) ? name : null),
    debugName: name,
    priority,
  });
  return [
    group("first", (id, graph) => id !== FIRST && all(FIRST, graph)?.has(id), 3),
    group("react", (id, graph) => REACT.test(id) && all(PROGRAM, graph)?.has(id), 2),
    group("program", (id, graph) => !ICON.test(id) && all(PROGRAM, graph)?.has(id), 1),
  ];
}

/** Fetches the program while what is asked before it runs: the browser would find it only then. */
export function preloadProgram(): Plugin {
  return {
    name: "preload-program",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
        const program = chunks.find(({ moduleIds }) => moduleIds.includes(PROGRAM));
        const files = program ? [program.fileName, ...program.imports] : [];
        return files
          .filter((file) => !html.includes(file))
          .map((file) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` },
            injectTo: "head" as const,
          }));
      },
    },
  };
}
