/** A TCP port. */
import { z } from "@/lib/zod";
import { Switch } from "@/ui/choices";
import { TextArea } from "@/ui/text-area";
import { TextField } from "@/ui/text-field";
import { useText, useValue } from "./fields";
import type { KindForm } from "./kind-form";

export interface TcpValues {
  tcp_tls: boolean;
  tcp_send: string;
  tcp_expect: string;
  tcp_starts_with: string;
}

type Octets = string | { hex: string };

const usual: TcpValues = { tcp_tls: false, tcp_send: "", tcp_expect: "", tcp_starts_with: "" };

/** Its fields of the body, where another kind is asked for. */
export const TCP_ABSENT = { tcp: null };

/** What no line of text can hold is written as in most languages: `\r\n`, `\x00`, `\\`. */
const ESCAPE = /\\(?:x([0-9a-f]{2})|([\\nrt0]))/gi;
const LETTERS: Record<string, string> = { n: "\n", r: "\r", t: "\t", "0": "\0", "\\": "\\" };
const ESCAPES = new Map(Object.entries(LETTERS).map(([letter, meant]) => [meant, `\\${letter}`]));

/** What was typed, as the API takes it: a text, or bytes where a byte is written out. */
export function octetsOf(typed: string): Octets {
  const parts = [...typed.matchAll(/\\x([0-9a-f]{2})|\\([\\nrt0])|[^\\]+/gi)];
  const textOf = ([whole, , letter]: RegExpExecArray) => (letter ? (LETTERS[letter.toLowerCase()] ?? "") : whole);
  if (parts.every(([, byte]) => byte === undefined)) return parts.map(textOf).join("");
  const digits = parts.map((part) => part[1] ?? hexOf(textOf(part)));
  return { hex: digits.join("").toLowerCase() };
}

function hexOf(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the API holds, as people type it. */
export function typedOf(octets: Octets | null | undefined): string {
  if (octets === null || octets === undefined) return "";
  if (typeof octets === "object") return octets.hex.replace(/../g, (byte) => `\\x${byte}`);
  return [...octets].map((char) => ESCAPES.get(char) ?? (char < " " ? `\\x${hexOf(char)}` : char)).join("");
}

const typed = z
  .string()
  .check(
    z.refine(
      (text) => !/\\/.test(text.replace(ESCAPE, "")),
      "Write a backslash as \\\\, a line end as \\r\\n, a byte as \\x and two hexadecimal digits.",
    ),
  );

export const TCP: KindForm<TcpValues> = {
  usual,
  valuesOf: ({ tcp }) => ({
    tcp_tls: tcp?.tls ?? usual.tcp_tls,
    tcp_send: typedOf(tcp?.send),
    tcp_expect: typedOf(tcp?.expect),
    tcp_starts_with: typedOf(tcp?.starts_with),
  }),
  bodyOf: (values) => ({
    tcp: {
      tls: values.tcp_tls,
      send: values.tcp_send ? octetsOf(values.tcp_send) : null,
      expect: values.tcp_expect ? octetsOf(values.tcp_expect) : null,
      starts_with: values.tcp_starts_with ? octetsOf(values.tcp_starts_with) : null,
    },
    expect: {},
  }),
  shape: { tcp_tls: z.boolean(), tcp_send: typed, tcp_expect: typed, tcp_starts_with: typed },
  places: {
    "/tcp": { field: "tcp_tls", label: "What is said" },
    "/tcp/tls": { field: "tcp_tls", label: "The switch" },
    "/tcp/send": { field: "tcp_send", label: "The text" },
    "/tcp/expect": { field: "tcp_expect", label: "The text" },
    "/tcp/starts_with": { field: "tcp_starts_with", label: "The text" },
  },
  words: { tcp: "what is said" },
  expectations: {
    fields: ["tcp_expect", "tcp_starts_with"],
    Fields: Expectations,
    summary: (values) => {
      const parts = ["a connection"];
      if (values.tcp_starts_with) parts.push("an answer with a given beginning");
      if (values.tcp_expect) parts.push("a text in the answer");
      return parts;
    },
  },
  request: {
    fields: ["tcp_tls", "tcp_send"],
    Fields: Request,
    summary: (values) => {
      const parts = [values.tcp_tls ? "TLS" : "no TLS"];
      if (values.tcp_send) parts.push("sends a text");
      return parts;
    },
  },
};

function Expectations() {
  return (
    <>
      <TextField
        {...useText("tcp_starts_with")}
        label="Answer must begin with"
        optional
        mono
        placeholder="220 "
        hint="Anything else is down. Line ends are \r\n, bytes \x and two hexadecimal digits."
      />
      <TextField
        {...useText("tcp_expect")}
        label="Answer must contain"
        optional
        mono
        hint="Missing it is down. Looked for in the first 64 KiB. Empty, both of them: a connection is enough."
      />
    </>
  );
}

function Request() {
  const tls = useValue("tcp_tls");
  return (
    <>
      <Switch
        label="Use TLS"
        hint="The connection begins with a handshake, and the certificate is judged."
        checked={tls.value}
        onCheckedChange={tls.set}
      />
      <TextArea
        {...useText("tcp_send")}
        label="Send"
        optional
        mono
        rows={3}
        spellCheck={false}
        placeholder="PING\r\n"
        hint="Everybody in the organisation can read it: no secrets here."
      />
    </>
  );
}
