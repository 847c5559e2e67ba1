/** The kinds of checks, as the form has them. */
import type { Monitor } from "@/api/types";
import type { Kind } from "@/domain/kind";
import { z } from "@/lib/zod";
import { useKind } from "./fields";
import type { KindForm, Shape } from "./kind-form";
import { HTTP, HTTP_ABSENT, type HttpValues } from "./kind-http";
import { TCP, TCP_ABSENT, type TcpValues } from "./kind-tcp";

/** The fields of all kinds: what was written for one is still there when the address leads back to it. */
export type KindValues = HttpValues & TcpValues;

export const KIND_FORMS: Record<Kind, Omit<KindForm<KindValues>, "usual" | "valuesOf" | "shape">> = {
  http: HTTP,
  tcp: TCP,
};

/** The form of the kind that the address is of. */
export function useKindForm() {
  return KIND_FORMS[useKind()];
}

export const KIND_USUAL: KindValues = { ...HTTP.usual, ...TCP.usual };

export const KIND_ABSENT = { ...HTTP_ABSENT, ...TCP_ABSENT };

export const KIND_SHAPES: Record<Kind, Partial<Shape<KindValues>>> = { http: HTTP.shape, tcp: TCP.shape };

/** What is written for other kinds than the address is of: neither looked at nor lost. */
export const UNJUDGED = Object.fromEntries(
  Object.keys(KIND_USUAL).map((field) => [field, z.any()]),
) as unknown as Shape<KindValues>;

export function kindValuesOf(monitor: Monitor): KindValues {
  return { ...HTTP.valuesOf(monitor), ...TCP.valuesOf(monitor) };
}
