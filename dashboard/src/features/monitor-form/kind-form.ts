import type { ComponentType } from "react";
import type { Monitor, MonitorBody } from "@/api/types";
import type { z } from "@/lib/zod";

/** A field of the form, and what its problems call it. */
export interface Place<Field> {
  field: Field;
  label: string;
}

export type Shape<Values> = { [Field in keyof Values]: z.ZodMiniType<Values[Field], Values[Field]> };

type Whole = Pick<Monitor, keyof MonitorBody>;
type OwnBody = Partial<Omit<Whole, "expect">> & { expect: Partial<Whole["expect"]> };

/** The form's part of a kind of check: its own fields, to the API's body and back, and where they are shown. */
export interface KindForm<Values> {
  /** What the server takes where nothing is said. */
  usual: Values;
  valuesOf: (monitor: Monitor) => Values;
  /** Its own fields of the body, and of `expect`. */
  bodyOf: (values: Values) => OwnBody;
  /** What is plain to see before the server is asked. */
  shape: Shape<Values>;
  /** Where a problem of the API belongs, by JSON pointer. */
  places: Record<string, Place<keyof Values>>;
  /** What its fields of the body are called in a sentence. */
  words: Partial<Record<keyof MonitorBody, string>>;
  expectations: KindPart<Values>;
  request: KindPart<Values>;
}

/** Some of its fields, in a section that is closed while they are as usual. */
interface KindPart<Values> {
  fields: readonly (keyof Values)[];
  Fields: ComponentType;
  /** What they say, while the section is closed. */
  summary: (values: Values) => string[];
}
