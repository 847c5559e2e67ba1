import { useState } from "react";
import { clause, problemText } from "@/domain/server-sentences";
import { ApiError, sentence } from "@/lib/errors";

export interface Credentials {
  name: string;
  email: string;
  password: string;
}

const LABELS: Record<keyof Credentials, string> = {
  name: "The name",
  email: "This",
  password: "The password",
};

/** What stands beside which field, and what concerns the whole. */
interface Refusal {
  fields: Partial<Credentials>;
  whole: string | null;
}

const NONE: Refusal = { fields: {}, whole: null };

function isField(name: string): name is keyof Credentials {
  return name in LABELS;
}

/** Sorts a refusal of the server by field (RFC 9457 pointers). */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof ApiError)) return { fields: {}, whole: sentence(error) };
  const fields: Partial<Credentials> = {};
  for (const { pointer, detail } of error.errors) {
    const name = pointer.slice(1);
    if (isField(name)) fields[name] ??= problemText(detail, LABELS[name]);
  }
  if (error.status === 409) fields.email = problemText(error.detail, LABELS.email);
  const placed = Object.keys(fields).length > 0;
  return { fields, whole: placed ? null : `${clause(sentence(error))}.` };
}

/** The state of a form that asks who somebody is. */
export function useCredentials(email: string | undefined, submit: (values: Credentials) => Promise<void>) {
  const [values, setValues] = useState<Credentials>({ name: "", email: email ?? "", password: "" });
  const [refusal, setRefusal] = useState(NONE);
  const [busy, setBusy] = useState(false);
  const set = (field: keyof Credentials) => (event: { target: { value: string } }) => {
    const { value } = event.target;
    setValues((before) => ({ ...before, [field]: value }));
    setRefusal((before) => ({ ...before, fields: { ...before.fields, [field]: undefined } }));
  };
  const send = async (form: HTMLFormElement, wrong: Partial<Credentials>) => {
    const before = Object.values(wrong).some(Boolean);
    setRefusal({ fields: wrong, whole: null });
    if (!before) setBusy(true);
    const found = before ? { fields: wrong, whole: null } : await attempt(submit, values);
    setBusy(false);
    if (found === null) return;
    setRefusal(found);
    requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  };
  return { values, set, refusal, busy, send };
}

async function attempt(submit: (values: Credentials) => Promise<void>, values: Credentials): Promise<Refusal | null> {
  try {
    await submit({ ...values, email: values.email.trim(), name: values.name.trim() });
    return null;
  } catch (error) {
    return refusalOf(error);
  }
}
