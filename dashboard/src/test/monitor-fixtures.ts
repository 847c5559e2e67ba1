/** Answers of the API about one monitor, as the tests of its page need them. */
import type {
  Explanation,
  IncidentWhole,
  LiveMonitor,
  Monitor,
  MonitorBeats,
  Page,
  Phases,
  Result,
  Series,
  SeriesLines,
  UptimeDays,
  Verdict,
  VerdictAnswer,
} from "@/api/types";

export const ID = "0198c0de-0000-7000-8000-000000000001";
/** 2026-11-22 12:00:00 UTC */
export const NOW = 1_795_348_800;
const at = (moment: number) => new Date(moment * 1000).toISOString();

export function monitor(change: Partial<Monitor> = {}): Monitor {
  return {
    id: ID,
    name: "Shop",
    url: "https://shop.example/checkout",
    kind: "http",
    interval: 60,
    timeout: 10,
    regions: [],
    method: "GET",
    headers: {},
    body: null,
    follow_redirects: true,
    max_redirects: 10,
    tcp: null,
    tls: { verify: true, ca: null },
    expect: { status: ["200-299"], contains: null, not_contains: null, max_latency_ms: 800, min_cert_days: 14 },
    confirm: { failures: 2, recoveries: 2, recheck_every: null },
    quorum: "majority",
    alert_policy: null,
    tags: ["shop", "production"],
    enabled: true,
    status: "up",
    since: at(NOW - 12 * 86_400 - 4 * 3_600),
    reason: null,
    phase: 13,
    created_at: "2020-01-01T00:00:00Z",
    certificate: { not_after: at(NOW + 63 * 86_400) },
    incident: null,
    regions_now: [
      { region: "eu-west", verdict: "up", reason: null, suspect: null, at: at(NOW - 20), ms: 182 },
      { region: "us-east", verdict: "up", reason: null, suspect: null, at: at(NOW - 32), ms: 245 },
      { region: "ap-south", verdict: "down", reason: "connect", suspect: "network", at: at(NOW - 12), ms: null },
    ],
    uptime: {
      "24h": { good: 2_874, total: 2_880, expected: 2_880 },
      "7d": { good: 20_154, total: 20_160, expected: 20_160 },
      "30d": { good: 86_000, total: 86_400, expected: 86_400 },
    },
    ...change,
  };
}

export function liveRow(change: Partial<LiveMonitor> = {}): LiveMonitor {
  const { id, name, url, kind, interval, tags, regions } = monitor();
  const since = NOW - 12 * 86_400 - 4 * 3_600;
  return { id, name, url, kind, interval, tags, regions, status: "up", since, reason: null, incident: null, ...change };
}

function explanation(change: Partial<Explanation> = {}): Explanation {
  const latest = (ago: number, verdict: Verdict) => ({
    slot: NOW - ago,
    attempt: 0,
    verdict,
    reason: null,
    suspect: null,
  });
  return {
    status: "up",
    quorum: "majority",
    needed: 2,
    can_vote: 2,
    votes: { up: 2, degraded: 0, down: 0, abstain: 1 },
    confirm: { failures: 2, recoveries: 2, recheck_every: null },
    silent_after: 120,
    regions: [
      { region: "eu-west", vote: "up", why: "up", run: 0, silence: null, latest: latest(20, "up") },
      { region: "us-east", vote: "up", why: "up", run: 0, silence: null, latest: latest(32, "up") },
      {
        region: "ap-south",
        vote: null,
        why: "connect, but the probe's own network fails",
        run: 0,
        silence: "suspect",
        latest: { slot: NOW - 12, attempt: 0, verdict: "down", reason: "connect", suspect: "network" },
      },
    ],
    ...change,
  };
}

export function verdict(change: Partial<VerdictAnswer> = {}): VerdictAnswer {
  return { ...explanation(), since: at(NOW - 86_400), judged: "up", at_change: null, alert: null, ...change };
}

/** Down by two regions of three, with its incident. */
export function downVerdict(): VerdictAnswer {
  const down: Explanation = explanation({
    status: "down",
    can_vote: 3,
    votes: { up: 1, degraded: 0, down: 2, abstain: 0 },
    regions: [
      {
        region: "eu-west",
        vote: "down",
        why: "connect: 2 failures in a row or more",
        run: 0,
        silence: null,
        latest: { slot: NOW - 20, attempt: 1, verdict: "down", reason: "connect", suspect: null },
      },
      {
        region: "us-east",
        vote: "down",
        why: "timeout_response: 2 failures in a row or more",
        run: 0,
        silence: null,
        latest: { slot: NOW - 32, attempt: 1, verdict: "down", reason: "timeout_response", suspect: null },
      },
      {
        region: "ap-south",
        vote: "up",
        why: "up",
        run: 0,
        silence: null,
        latest: { slot: NOW - 12, attempt: 0, verdict: "up", reason: null, suspect: null },
      },
    ],
  });
  return {
    ...down,
    since: at(NOW - 180),
    judged: "down",
    at_change: down,
    alert: { incident: "i1", at: at(NOW - 178), policy: "Default", sends: true, told: 2 },
  };
}

/** A soft pseudo-random figure between 0 and 1, the same each time. */
function noise(seed: number): number {
  const wave = Math.sin(seed * 12.9898) * 43_758.5453;
  return wave - Math.floor(wave);
}

/** Lines of `count` buckets around a typical latency; where `gap` says so nothing was measured. */
export function lines(count: number, typical: number, gap: (at: number) => boolean = () => false): SeriesLines {
  const make = (size: number, seed: number) =>
    Array.from({ length: count }, (_, index) =>
      gap(index) ? null : Math.round(size * (0.85 + 0.3 * noise(index + seed) + 0.25 * Math.sin(index / 25))),
    );
  const counts = (of: (at: number) => number) => Array.from({ length: count }, (_, index) => of(index));
  const up = counts((index) => (gap(index) ? 0 : 5));
  const down = counts((index) => (gap(index) ? 5 : 0));
  const sum = (all: number[]) => all.reduce((total, each) => total + each, 0);
  return {
    p50: make(typical, 1),
    p95: make(typical * 1.6, 2),
    p99: make(typical * 2.1, 3),
    phases: {
      resolve: make(typical * 0.08, 4),
      connect: make(typical * 0.14, 5),
      tls: make(typical * 0.22, 6),
      processing: make(typical * 0.46, 7),
      transfer: make(typical * 0.1, 8),
    },
    up,
    down,
    degraded: counts(() => 0),
    missed: counts(() => 0),
    summary: {
      p50: count > 0 ? typical : null,
      p95: count > 0 ? typical * 1.6 : null,
      p99: count > 0 ? typical * 2.1 : null,
      up: sum(up),
      degraded: 0,
      down: sum(down),
      missed: 0,
    },
  };
}

export function series(from = NOW - 86_400, to = NOW, count = 288): Series {
  const step = (to - from) / Math.max(1, count);
  const gap = (index: number) => index > count * 0.6 && index < count * 0.63;
  const began = from + 0.6 * (to - from);
  return {
    from,
    to,
    step,
    at: Array.from({ length: count }, (_, index) => from + index * step),
    regions: [
      { region: "ap-south", ...lines(count, 340, gap) },
      { region: "eu-west", ...lines(count, 180, gap) },
      { region: "us-east", ...lines(count, 240, gap) },
    ],
    all: lines(count, 240, gap),
    incidents: count > 0 ? [{ id: "i1", level: "down", from: began, to: began + 0.03 * (to - from) }] : [],
  };
}

export function uptime(): UptimeDays {
  const days = Array.from({ length: 90 }, (_, index) => {
    const day = at(NOW - (89 - index) * 86_400).slice(0, 10);
    if (index < 12) return { day, good: 0, total: 0, expected: 0, incidents: 0, down_seconds: 0 };
    const whole = { day, good: 1_440, total: 1_440, expected: 1_440, incidents: 0, down_seconds: 0 };
    if (index === 40) return { ...whole, good: 0, total: 0 };
    if (index === 55) return { ...whole, good: 1_436 };
    return index === 71 ? { ...whole, good: 1_080, incidents: 1, down_seconds: 21_600 } : whole;
  });
  const window = (good: number, total: number, expected: number, incidents = 0, down_seconds = 0) => ({
    good,
    total,
    expected,
    incidents,
    down_seconds,
  });
  return {
    days,
    windows: {
      "24h": window(1_440, 1_440, 1_440),
      "7d": window(10_080, 10_080, 10_080),
      "30d": window(42_836, 43_200, 43_200, 1, 21_600),
      "90d": window(110_516, 110_880, 112_320, 1, 21_600),
      "1y": window(110_516, 110_880, 112_320, 1, 21_600),
    },
  };
}

export function beats(): MonitorBeats {
  return {
    id: ID,
    beats: `${"u".repeat(20)}guummuuddduuuuuuuuuu`,
    last_slot: NOW - 20,
    last: { region: "eu-west", verdict: "up", reason: null, at: NOW - 20, ms: 182 },
    uptime: { "24h": { good: 2_874, total: 2_880, expected: 2_880 } },
  };
}

export const PHASES: Phases = { resolve: 0.012, connect: 0.024, tls: 0.041, processing: 0.088, transfer: 0.017 };

export function result(change: Partial<Result> = {}): Result {
  return {
    slot: NOW - 20,
    region: "eu-west",
    attempt: 0,
    cause: "schedule",
    verdict: "up",
    reason: null,
    suspect: null,
    http_status: 200,
    phases: PHASES,
    address: "203.0.113.7",
    detail: null,
    started_at: at(NOW - 20 + 0.2),
    ...change,
  };
}

/** A page of the log: two regions a minute, with a failure among them. */
export function results(count = 100): Page<Result> {
  const items = Array.from({ length: count }, (_, index) => {
    const slot = NOW - 20 - Math.floor(index / 2) * 60;
    const region = index % 2 === 0 ? "eu-west" : "us-east";
    const scale = 0.8 + noise(index) * 0.6;
    const phases = Object.fromEntries(Object.entries(PHASES).map(([phase, took]) => [phase, took * scale]));
    const common = { slot, region, phases, started_at: at(slot + 0.2) };
    if (index % 17 === 5) return failure(common);
    return result(common);
  });
  return { items, next: null };
}

export function failure(change: Partial<Result> = {}): Result {
  return result({
    verdict: "down",
    reason: "status",
    http_status: 503,
    detail: "answered 503, expected 200-299",
    phases: { resolve: 0.011, connect: 0.025, tls: 0.043, processing: 0.3 },
    ...change,
  });
}

export function incident(change: Partial<IncidentWhole> = {}): IncidentWhole {
  return {
    id: "i1",
    kind: "availability",
    state: "resolved",
    level: "down",
    worst: "down",
    reason: "status",
    flapping: false,
    monitor: { id: ID, name: "Shop" },
    region: null,
    failed_in: [],
    opened_at: at(NOW - 34_560),
    acknowledged_at: null,
    resolved_at: at(NOW - 32_000),
    acknowledged_by: null,
    timeline: [],
    failures: [],
    deliveries: [],
    ...change,
  };
}
