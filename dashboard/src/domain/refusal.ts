import { ApiError, sentence } from "@/lib/errors";
import { problemText } from "./server-sentences";

interface Refusal<Field extends string> {
  /** What is wrong, by field. */
  fields: Partial<Record<Field, string>>;
  /** What is wrong with the whole, where it is no field's. */
  whole: string | undefined;
}

/** Sorts why a form was refused by its fields, which are named as the API names them and are called by their labels. */
export function refusalOf<Field extends string>(
  error: unknown,
  labels: Readonly<Record<Field, string>>,
): Refusal<Field> {
  const fields: Refusal<Field>["fields"] = {};
  for (const { pointer, detail } of error instanceof ApiError ? error.errors : []) {
    const field = (Object.keys(labels) as Field[]).find((one) => `${pointer}/`.startsWith(`/${one}/`));
    if (field !== undefined) fields[field] ??= problemText(detail, labels[field]);
  }
  const isWhole = error !== null && Object.keys(fields).length === 0;
  return { fields, whole: isWhole ? sentence(error) : undefined };
}
