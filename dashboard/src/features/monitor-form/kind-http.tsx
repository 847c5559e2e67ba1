/** A website. */
import { useFormState } from "react-hook-form";
import { listWords, plural } from "@/lib/format";
import { z } from "@/lib/zod";
import { Switch } from "@/ui/choices";
import { KeyValueList, type Pair } from "@/ui/key-value-list";
import { NumberField } from "@/ui/number-field";
import { Select } from "@/ui/select";
import { TagInput } from "@/ui/tag-input";
import { TextArea } from "@/ui/text-area";
import { TextField } from "@/ui/text-field";
import { messageOf, useText, useValue } from "./fields";
import type { KindForm } from "./kind-form";
import { METHODS } from "./limits";
import { Row } from "./section";
import type { MonitorValues } from "./values";
import { whole } from "./whole";

export interface HttpValues {
  status: string[];
  contains: string;
  not_contains: string;
  method: string;
  headers: Pair[];
  body: string;
  follow_redirects: boolean;
  max_redirects: string;
}

const RANGE = /^([1-9]\d\d)(?:-([1-9]\d\d))?$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const usual: HttpValues = {
  status: ["200-299"],
  contains: "",
  not_contains: "",
  method: "GET",
  headers: [],
  body: "",
  follow_redirects: true,
  max_redirects: "10",
};

/** Its fields of the body, where another kind is asked for. */
export const HTTP_ABSENT = {
  method: null,
  headers: null,
  body: null,
  follow_redirects: null,
  max_redirects: null,
  expect: { status: null, contains: null, not_contains: null },
};

export function isStatus(text: string): boolean {
  const [, from, to] = RANGE.exec(text) ?? [];
  return from !== undefined && (to === undefined || from <= to);
}

const header = z.object({
  name: z
    .string()
    .check(
      z.refine(
        (name) => name.trim() === "" || TOKEN.test(name.trim()),
        "A header's name has letters, digits and dashes.",
      ),
    ),
  value: z.string(),
});

export const HTTP: KindForm<HttpValues> = {
  usual,
  valuesOf: ({ expect, method, headers, body, follow_redirects, max_redirects }) => ({
    status: expect.status ?? usual.status,
    contains: expect.contains ?? "",
    not_contains: expect.not_contains ?? "",
    method: method ?? usual.method,
    headers: Object.entries(headers ?? {}).map(([name, value]) => ({ name, value })),
    body: body ?? "",
    follow_redirects: follow_redirects ?? usual.follow_redirects,
    max_redirects: String(max_redirects ?? usual.max_redirects),
  }),
  bodyOf: (values) => ({
    method: values.method,
    headers: Object.fromEntries(
      values.headers.filter(({ name }) => name.trim()).map(({ name, value }) => [name.trim(), value]),
    ),
    body: values.body || null,
    follow_redirects: values.follow_redirects,
    max_redirects: Number(values.max_redirects),
    expect: {
      status: values.status.length > 0 ? values.status : usual.status,
      contains: values.contains || null,
      not_contains: values.not_contains || null,
    },
  }),
  shape: {
    status: z.array(z.string()).check(
      z.refine((list) => list.every(isStatus), "Write codes or ranges from 100 to 999, such as 200 or 200-299."),
      z.maxLength(20, "At most 20 codes or ranges."),
    ),
    contains: z.string(),
    not_contains: z.string(),
    method: z.string(),
    headers: z.array(header),
    body: z.string(),
    follow_redirects: z.boolean(),
    max_redirects: whole("max_redirects", "Redirects"),
  },
  places: {
    "/expect/status": { field: "status", label: "The list of statuses" },
    "/expect/contains": { field: "contains", label: "The text" },
    "/expect/not_contains": { field: "not_contains", label: "The text" },
    "/method": { field: "method", label: "The method" },
    "/headers": { field: "headers", label: "The list of headers" },
    "/body": { field: "body", label: "The body" },
    "/follow_redirects": { field: "follow_redirects", label: "The switch" },
    "/max_redirects": { field: "max_redirects", label: "The number of redirects" },
  },
  words: {
    method: "method",
    headers: "headers",
    body: "request body",
    follow_redirects: "redirects",
    max_redirects: "redirects",
  },
  expectations: {
    fields: ["status", "contains", "not_contains"],
    Fields: Expectations,
    summary: (values) => {
      const parts = [`status ${listWords(values.status) || usual.status.join()}`];
      if (values.contains) parts.push("a text in the body");
      if (values.not_contains) parts.push("a text not in the body");
      return parts;
    },
  },
  request: {
    fields: ["method", "headers", "body", "follow_redirects", "max_redirects"],
    Fields: Request,
    summary: (values) => {
      const headers = values.headers.filter(({ name }) => name.trim()).length;
      const parts = [values.method];
      if (headers > 0) parts.push(plural(headers, "header"));
      if (values.body) parts.push("a body");
      parts.push(values.follow_redirects ? "follows redirects" : "no redirects");
      return parts;
    },
  },
};

function Expectations() {
  const status = useValue("status");
  return (
    <>
      <TagInput
        label="Status"
        value={status.value}
        onValueChange={status.set}
        onBlur={status.onBlur}
        error={status.error}
        mono
        placeholder="200-299"
        hint="Codes or ranges, such as 200 or 200-299. Any other status is down."
      />
      <Row>
        <TextField
          {...useText("contains")}
          label="Body must contain"
          optional
          mono
          hint="Missing it is down. Looked for in the first 8 MiB."
        />
        <TextField
          {...useText("not_contains")}
          label="Body must not contain"
          optional
          mono
          hint="Finding it is down."
        />
      </Row>
    </>
  );
}

function Request() {
  const method = useValue("method");
  return (
    <>
      <Row>
        <Select
          label="Method"
          value={method.value}
          onValueChange={method.set}
          error={method.error}
          choices={METHODS.map((value) => ({ value, label: value }))}
        />
      </Row>
      <HeadersField />
      <TextArea {...useText("body")} label="Request body" optional mono rows={4} spellCheck={false} />
      <RedirectFields />
    </>
  );
}

function HeadersField() {
  const headers = useValue("headers");
  const { errors } = useFormState<MonitorValues>();
  const places = headers.value.map((_, at) => [at, messageOf(errors.headers?.[at])] as const);
  const byPlace = Object.fromEntries(places.filter(([, text]) => text));
  return (
    <KeyValueList
      label="Request headers"
      optional
      noun="header"
      value={headers.value}
      onValueChange={headers.set}
      errors={byPlace}
      error={Object.keys(byPlace).length > 0 ? undefined : headers.error}
      placeholders={{ name: "Accept", value: "application/json" }}
      hint="Everybody in the organisation can read them: no secrets here."
    />
  );
}

function RedirectFields() {
  const follow = useValue("follow_redirects");
  const most = useText("max_redirects");
  return (
    <Row>
      <Switch
        label="Follow redirects"
        hint="The last answer is judged. Off: the first one is."
        checked={follow.value}
        onCheckedChange={follow.set}
      />
      {follow.value ? <NumberField {...most} label="At most" unit="redirects" /> : null}
    </Row>
  );
}
