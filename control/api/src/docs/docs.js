// The API for people, out of the same document that programs read.

import { code, copyable, el, inline, prose, table } from "./dom.js";
import { example, fields, flat, kind, nameOf, whole } from "./schema.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const at = (id) => document.getElementById(id);

async function load() {
  try {
    const answer = await fetch("/api/openapi.json");
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    show(await answer.json());
    at("state").hidden = true;
  } catch (why) {
    at("state").textContent = `The document could not be loaded: ${why.message}. Reload the page to try again.`;
  }
}

function show(api) {
  at("version").textContent = api.info.version;
  at("intro").append(
    ...prose(api.info.description),
    el("p", {}, "For programs: ", el("a", { href: "/api/openapi.json" }, "openapi.json"), " (OpenAPI 3.1)."),
  );
  const all = operations(api);
  for (const tag of api.tags) {
    section(tag.name, tag.description, all.filter((it) => it.tag === tag.name).map((it) => [operation(it, api), link(it)]));
  }
  const schemas = Object.entries(api.components.schemas);
  section("Schemas", "What bodies and answers are made of.", schemas.map(([name, it]) => [schema(name, it, api), named(name)]));
  at("search").addEventListener("input", (event) => search(event.target.value));
  if (location.hash) at(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

function operations(api) {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ ...item[method], method, path, tag: item[method].tags?.[0] })));
}

function section(title, description, pairs) {
  const heading = el("section", {}, el("h2", {}, title), el("p", { class: "muted" }, inline(description)));
  heading.append(...pairs.map(([article]) => article));
  at("content").append(heading);
  at("links").append(el("div", {}, el("h2", {}, title), el("ul", {}, pairs.map(([, item]) => item))));
}

const badge = (method) => el("span", { class: `method ${method}` }, method);
const link = (it) => el("li", { "data-of": it.operationId }, el("a", { href: `#${it.operationId}` }, badge(it.method), el("span", {}, short(it.path))));
const named = (name) => el("li", { "data-of": `schema-${name}` }, el("a", { href: `#schema-${name}` }, name));
const short = (path) => path.replace("/api/v1/", "");

function operation(it, api) {
  const body = it.requestBody?.content?.["application/json"];
  const said = it.description === it.summary ? "" : it.description;
  return el("article", { id: it.operationId },
    el("h3", {}, badge(it.method), el("a", { href: `#${it.operationId}` }, el("code", {}, it.path))),
    el("p", { class: "summary" }, inline(it.summary)),
    ...prose(said),
    signedIn(it, api) ? null : el("p", { class: "muted" }, "No access token is needed."),
    ...parameters(it),
    ...(body ? request(body, it.requestBody, api) : []),
    ...answers(it, api),
    el("h4", {}, "Try it"),
    copyable(curl(it, body, api)),
  );
}

function signedIn(it, api) {
  return (it.security ?? api.security).every((way) => Object.keys(way).length > 0);
}

function parameters(it) {
  if (!it.parameters?.length) return [];
  const row = (one) => [
    [el("code", {}, one.name), one.required ? el("span", { class: "muted" }, " required") : null],
    [one.in, ", ", ...kind(withoutNull(one.schema))],
    inline([one.description, bounds(one.schema)].filter(Boolean).join(" ")),
  ];
  return [el("h4", {}, "Parameters"), table(["Name", "Where and what", "Meaning"], it.parameters.map(row))];
}

/** A parameter is there or not; it is never null. */
const withoutNull = (schema) => (Array.isArray(schema.type) ? { ...schema, type: schema.type.filter((type) => type !== "null") }
  : schema.oneOf ? { ...schema, oneOf: schema.oneOf.filter((one) => one.type !== "null") } : schema);

function bounds({ minimum, maximum, default: usual }) {
  const range = minimum !== undefined && maximum !== undefined ? `From ${minimum} to ${maximum}.` : "";
  return usual === undefined ? range : `${range} Without it: ${usual}.`.trim();
}

function request(body, given, api) {
  const schema = flat(body.schema, api.components.schemas);
  const samples = Object.entries(body.examples ?? {}).map(([name, sample]) =>
    el("details", {}, el("summary", {}, `Example: ${name}`), code(JSON.stringify(sample.value, null, 2))));
  return [
    el("h4", {}, "Body: ", kind(body.schema)),
    ...prose(given.description),
    schema.properties ? fields(body.schema, api.components.schemas, false) : null,
    ...samples,
  ].filter(Boolean);
}

function answers(it, api) {
  const row = ([status, given]) => {
    const answer = given.$ref ? api.components.responses[given.$ref.split("/").pop()] : given;
    const content = Object.entries(answer.content ?? {});
    const what = content.map(([type, { schema }]) => [...kind(schema), type === "application/json" ? "" : ` (${type})`]);
    return [el("code", {}, status), what.length ? what.flat() : "nothing", inline(answer.description)];
  };
  const sample = sampleAnswer(it, api);
  return [el("h4", {}, "Answers"), table(["Status", "Body", "When"], Object.entries(it.responses).map(row)), sample];
}

function sampleAnswer(it, api) {
  const good = Object.entries(it.responses).find(([status, answer]) => status < "300" && answer.content?.["application/json"]);
  if (!good) return null;
  const value = example(good[1].content["application/json"].schema, api.components.schemas, false);
  return el("details", {}, el("summary", {}, "Example answer"), code(JSON.stringify(value, null, 2)));
}

function curl(it, body, api) {
  const first = Object.values(body?.examples ?? {})[0]?.value;
  const sent = body && JSON.stringify(first ?? example(body.schema, api.components.schemas, true));
  const lines = [
    `curl${it.method === "get" ? "" : ` -X ${it.method.toUpperCase()}`} '${location.origin}${it.path}'`,
    signedIn(it, api) ? `-H "Authorization: Bearer $TOKEN"` : null,
    it.responses["200"]?.content?.["text/event-stream"] ? "--no-buffer" : null,
    body ? `-H 'Content-Type: application/json'` : null,
    body ? `-d '${sent.replaceAll("'", "'\\''")}'` : null,
  ];
  return lines.filter(Boolean).join(" \\\n  ");
}

function schema(name, it, api) {
  return el("article", { id: `schema-${name}` },
    el("h3", {}, el("a", { href: `#schema-${name}` }, el("code", {}, name))),
    ...prose(it.description),
    nameOf(it) ? el("p", {}, kind(it)) : whole(it, api.components.schemas),
  );
}

function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const article of document.querySelectorAll("article")) {
    const content = article.textContent.toLowerCase();
    const fits = words.every((word) => content.includes(word));
    article.hidden = !fits;
    document.querySelector(`[data-of="${CSS.escape(article.id)}"]`).hidden = !fits;
    found += fits ? 1 : 0;
  }
  for (const group of document.querySelectorAll("main > section, #links > div")) {
    group.hidden = !group.querySelector("article:not([hidden]), li:not([hidden])");
  }
  at("found").textContent = words.length === 0 ? "" : found === 0 ? "Nothing found." : `${found} found.`;
}

load();
