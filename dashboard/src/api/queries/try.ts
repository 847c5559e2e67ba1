import { useCallback, useEffect, useRef, useState } from "react";
import { api, bodyOf } from "@/api/client";
import type { MonitorBody, Tried } from "@/api/types";
import { ApiError, sentence } from "@/lib/errors";

export type TriedRegion = Tried["regions"][number];

/** One region's part: still asked, answered, or failed with a sentence. */
export interface TryPart {
  region: string;
  state: "asking" | "done";
  answer: TriedRegion | null;
}

export interface TryState {
  /** Unix milliseconds; 0 before the first try. */
  began: number;
  busy: boolean;
  parts: TryPart[];
  /** Why the whole try came to nothing; a refusal names its fields. */
  error: ApiError | null;
}

/** More regions than these are asked with one request: the server limits how many come at once. */
const APART = 4;
const NOTHING: TryState = { began: 0, busy: false, parts: [], error: null };

const tryOut = (body: MonitorBody, signal: AbortSignal) => bodyOf(api.POST("/api/v1/monitors/try", { body, signal }));

/** Which requests a try is made of: region by region, so that the first answer is not held up by the last. None is all. */
export function shares(regions: readonly string[]): string[][] {
  return regions.length > 0 && regions.length <= APART ? regions.map((region) => [region]) : [[...regions]];
}

/** Runs a body that is not saved; each region's answer shows when it is there. */
export function useTry() {
  const [state, setState] = useState(NOTHING);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);

  const run = useCallback(async (body: MonitorBody, regions: readonly string[]): Promise<ApiError | null> => {
    current.current?.abort();
    const control = new AbortController();
    current.current = control;
    const parts = regions.map((region): TryPart => ({ region, state: "asking", answer: null }));
    setState({ began: Date.now(), busy: true, parts, error: null });
    const put = (change: (before: TryState) => TryState) => control.signal.aborted || setState(change);
    const ask = async (share: string[]): Promise<ApiError | null> => {
      try {
        const tried = await tryOut({ ...body, regions: share }, control.signal);
        put((before) => ({ ...before, parts: withAnswers(before.parts, share, tried.regions) }));
        return null;
      } catch (error) {
        const why = asApiError(error);
        put((before) => ({ ...before, parts: withAnswers(before.parts, share, silence(share, why)) }));
        return why;
      }
    };
    const failures = await Promise.all(shares(regions).map(ask));
    const failed =
      failures.find((one) => one?.status === 422) ?? (failures.includes(null) ? null : (failures[0] ?? null));
    put((before) => ({ ...before, busy: false, error: failed, parts: failed ? [] : before.parts }));
    return control.signal.aborted ? null : failed;
  }, []);

  const clear = useCallback(() => {
    current.current?.abort();
    setState(NOTHING);
  }, []);
  return { ...state, run, clear };
}

/** Puts the answers of a request in the places of its regions; where none were known, each gets its place. */
export function withAnswers(parts: TryPart[], share: readonly string[], answers: readonly TriedRegion[]): TryPart[] {
  if (share.length === 0) return answers.map((answer) => ({ region: answer.region, state: "done", answer }));
  return parts.map((part) => {
    if (!share.includes(part.region)) return part;
    const silent: TriedRegion = { region: part.region, outcome: null, why: "It has not answered." };
    return { ...part, state: "done", answer: answers.find((one) => one.region === part.region) ?? silent };
  });
}

function silence(share: readonly string[], why: ApiError): TriedRegion[] {
  return share.map((region) => ({ region, outcome: null, why: sentence(why) }));
}

function asApiError(why: unknown): ApiError {
  return why instanceof ApiError
    ? why
    : new ApiError({ status: 0, title: "The try did not work", detail: String(why) });
}
