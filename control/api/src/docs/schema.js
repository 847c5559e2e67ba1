// Schemas in words, as tables of fields, and as examples.

import { el, inline, prose, table } from "./dom.js";

const REF = "#/components/schemas/";

export const nameOf = (schema) => schema?.$ref?.slice(REF.length);

/** Whether null is among what a schema allows, and the rest of it. */
function withoutNull(schema) {
  if (Array.isArray(schema.type)) {
    const rest = schema.type.filter((type) => type !== "null");
    return [rest.length < schema.type.length, { ...schema, type: rest[0] }];
  }
  const rest = schema.oneOf?.filter((item) => item.type !== "null");
  if (rest && rest.length < schema.oneOf.length) {
    return [true, rest.length === 1 ? rest[0] : { ...schema, oneOf: rest }];
  }
  return [false, schema];
}

const joined = (items, word) => items.flatMap((item, at) => (at === 0 ? [item] : [` ${word} `, item])).flat();

/** What a value is, as nodes: with links to what has a name. */
export function kind(given) {
  const [nullable, schema] = withoutNull(given ?? {});
  return nullable ? [...plain(schema), " or null"] : plain(schema);
}

function plain(schema) {
  const name = nameOf(schema);
  if (name) return [el("a", { href: `#schema-${name}` }, name)];
  if (schema.oneOf) return joined(schema.oneOf.map(kind), "or");
  if (schema.allOf) return joined(schema.allOf.map(kind), "and");
  if (schema.enum) return [...joined(schema.enum.map((word) => el("code", {}, String(word))), "or")];
  if (schema.type === "array") return ["list of ", ...kind(schema.items)];
  if (schema.type === "object" && schema.additionalProperties) {
    return ["object of ", ...kind(schema.additionalProperties === true ? {} : schema.additionalProperties)];
  }
  if (schema.type === undefined) return ["anything"];
  const words = { string: "text", integer: "whole number", boolean: "true or false" };
  const formats = { uuid: "id", "date-time": "moment" };
  return [formats[schema.format] ?? words[schema.type] ?? schema.type];
}

/** Bounds and default, as one line. */
function limits(schema) {
  const said = [];
  const range = (low, high, unit) => {
    if (low !== undefined && high !== undefined) said.push(`${low} to ${high}${unit}`);
    else if (high !== undefined) said.push(`at most ${high}${unit}`);
    else if (low > 0) said.push(`at least ${low}${unit}`);
  };
  range(schema.minimum, schema.maximum, "");
  range(schema.minLength, schema.maxLength, " characters");
  range(schema.minItems, schema.maxItems, " entries");
  if (schema.default !== undefined) said.push(`without it: ${JSON.stringify(schema.default)}`);
  const line = said.join("; ");
  return line && `${line[0].toUpperCase()}${line.slice(1)}.`;
}

/** An object with what `allOf` adds to it. */
export function flat(schema, schemas) {
  const named = nameOf(schema);
  if (named) return flat(schemas[named], schemas);
  if (!schema?.allOf) return schema ?? {};
  const parts = schema.allOf.map((part) => flat(part, schemas));
  return {
    ...schema,
    type: "object",
    properties: Object.assign({}, ...parts.map((part) => part.properties)),
    required: parts.flatMap((part) => part.required ?? []),
  };
}

/** A table of an object's fields; objects without a name are shown in place. */
export function fields(schema, schemas, always) {
  return table(["Field", "Type", "What"], rows(flat(schema, schemas), "", always));
}

function rows(object, before, always) {
  return Object.entries(object.properties ?? {}).flatMap(([name, property]) => {
    const [, inner] = withoutNull(property);
    const required = object.required?.includes(name);
    const mark = required === always ? null : el("span", { class: "muted" }, required ? " required" : always ? " may be absent" : "");
    const what = [...prose(inner.description ?? property.description), el("span", { class: "muted" }, limits(inner))];
    const row = [[el("code", {}, before + name), mark], kind(property), what];
    return inner.properties ? [row, ...rows(inner, `${before}${name}.`, always)] : [row];
  });
}

/** All there is to say of a schema with a name. */
export function whole(schema, schemas) {
  const object = flat(schema, schemas);
  if (object.properties) return fields(schema, schemas, true);
  if (schema.oneOf && schema.oneOf.every((item) => item.properties?.event)) {
    const event = (item) => [kind(item.properties.event), inside(item.properties.data), inline(item.description)];
    return table(["Event", "Data", "What"], schema.oneOf.map(event));
  }
  return el("p", {}, kind({ ...schema, description: undefined }));
}

function inside(object) {
  const all = Object.entries(object.properties ?? {});
  return all.length ? all.map(([name, type]) => el("div", {}, el("code", {}, name), " ", kind(type))) : "{}";
}

/** A value a schema allows. `brief` leaves out what need not be there. */
export function example(given, schemas, brief, depth = 0) {
  const [, schema] = withoutNull(given ?? {});
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  const named = nameOf(schema);
  if (named) return depth > 6 ? null : example(schemas[named], schemas, brief, depth + 1);
  if (schema.enum) return schema.enum[0];
  if (schema.oneOf) return example(schema.oneOf[0], schemas, brief, depth + 1);
  const object = flat(schema, schemas);
  if (object.properties) {
    const wanted = Object.entries(object.properties).filter(([name]) => !brief || object.required?.includes(name));
    return Object.fromEntries(wanted.map(([name, part]) => [name, example(part, schemas, brief, depth + 1)]));
  }
  if (schema.type === "array") return depth > 6 ? [] : [example(schema.items, schemas, brief, depth + 1)];
  const formats = { uuid: "0198d2c4-7a00-7000-8000-000000000000", "date-time": "2026-01-01T00:00:00.000Z" };
  const plain = { string: "…", integer: 1, number: 1.5, boolean: true, object: {} };
  return formats[schema.format] ?? plain[schema.type] ?? null;
}
