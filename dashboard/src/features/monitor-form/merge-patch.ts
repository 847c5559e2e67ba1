/** JSON Merge Patch (RFC 7396): only what was changed is sent, so that what others changed meanwhile stays. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

type JsonObject = { readonly [name: string]: Json | undefined };

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What makes `after` of `before`; an empty object where they are alike. */
export function mergePatch(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = before[name];
    const is = after[name];
    if (is === undefined) {
      if (was !== undefined) patch[name] = null;
    } else if (isObject(was) && isObject(is)) {
      const inside = mergePatch(was, is);
      if (Object.keys(inside).length > 0) patch[name] = inside;
    } else if (JSON.stringify(was) !== JSON.stringify(is)) {
      patch[name] = is;
    }
  }
  return patch;
}
