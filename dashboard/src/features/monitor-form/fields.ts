import { type FieldError, type UseFormRegisterReturn, useController, useFormContext, useWatch } from "react-hook-form";
import { type Kind, kindOf } from "@/domain/kind";
import type { MonitorValues } from "./values";

type TextName = {
  [Name in keyof MonitorValues]: MonitorValues[Name] extends string ? Name : never;
}[keyof MonitorValues];

/** What a text field needs. */
export function useText(name: TextName): UseFormRegisterReturn & { error: string | undefined } {
  const { register, formState } = useFormContext<MonitorValues>();
  return { ...register(name), error: messageOf(formState.errors[name]) };
}

/** How the address is checked. */
export function useKind(): Kind {
  return kindOf(useWatch<MonitorValues, "url">({ name: "url" }));
}

/** What a choice, a switch or a list needs. */
export function useValue<Name extends keyof MonitorValues>(name: Name) {
  const { field, fieldState } = useController<MonitorValues, Name>({ name });
  return {
    value: field.value as MonitorValues[Name],
    set: (value: MonitorValues[Name]) => field.onChange(value),
    onBlur: field.onBlur,
    error: messageOf(fieldState.error),
  };
}

/** The first sentence in an error, however deep: an entry of a list may be what is wrong. */
export function messageOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { message } = error as FieldError;
  if (typeof message === "string" && message) return message;
  for (const inside of Object.values(error)) {
    const found = messageOf(inside);
    if (found) return found;
  }
  return undefined;
}
