/** Answers of the API, as the screens name them. */

export type Verdict = "up" | "degraded" | "down" | "missed";
export type Status = "up" | "degraded" | "regional" | "down" | "pending" | "maintenance" | "paused" | "unknown";
export type Role = "owner" | "admin" | "editor" | "viewer";
export type Diagnosis = "network" | "clock";
export type Reason =
  | "dns"
  | "refused_address"
  | "connect"
  | "tls_expired"
  | "tls_untrusted"
  | "tls_hostname"
  | "tls"
  | "timeout_dns"
  | "timeout_connect"
  | "timeout_tls"
  | "timeout_response"
  | "timeout_body"
  | "redirect"
  | "status"
  | "body"
  | "header"
  | "latency"
  | "protocol"
  | "certificate_days"
  | "answer"
  | "icmp"
  | "heartbeat"
  | "unsupported"
  | "no_probe"
  | "late"
  | "scheduler"
  | "backpressure"
  | "crashed";

export interface Page<T> {
  items: T[];
  next: string | null;
}
/** RFC 9457. */
export interface ProblemError {
  pointer: string;
  detail: string;
}
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: ProblemError[];
}

// auth/{register,login,refresh} ?cookie=true
export interface Tokens {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  refresh_token?: string;
}
export interface Membership {
  id: string;
  name: string;
  role: Role;
}
export interface Me {
  id: string;
  email: string;
  name: string;
  organisation: string;
  role: Role;
  organisations: Membership[];
  /** Whether the organisation of this token runs the installation: it alone sees region incidents and registers regions. */
  operator: boolean;
}

// POST/PATCH monitors
export interface MonitorBody {
  name: string;
  url: string;
  kind?: "http";
  interval?: number;
  timeout?: number;
  regions?: string[];
  method?: string;
  headers?: Record<string, string>;
  body?: string | null;
  follow_redirects?: boolean;
  max_redirects?: number;
  tls?: { verify?: boolean; ca?: string | null };
  expect?: {
    status?: string[];
    contains?: string | null;
    not_contains?: string | null;
    max_latency_ms?: number | null;
    min_cert_days?: number | null;
  };
  confirm?: { failures?: number; recoveries?: number; recheck_every?: number | null };
  quorum?: Quorum;
  alert_policy?: string | null;
  tags?: string[];
  enabled?: boolean;
}
export type Quorum = "any" | "majority" | "all" | { count: number };
export interface UptimeCounts {
  good: number;
  total: number;
  expected: number;
}
export interface RegionNow {
  region: string;
  verdict: Verdict;
  reason: Reason | null;
  suspect: Diagnosis | null;
  at: string | null;
  ms: number | null;
}
export interface Monitor extends Required<MonitorBody> {
  id: string;
  status: Status;
  since: string;
  reason: Reason | null;
  phase: number;
  created_at: string;
  certificate: { not_after: string } | null;
  incident: { id: string; state: IncidentState; level: Level; opened_at: string } | null;
  regions_now: RegionNow[];
  uptime: { "24h": UptimeCounts; "7d": UptimeCounts; "30d": UptimeCounts };
}

// GET monitors?view=live[&q=&status=&tag=&region=&sort=severity|name|since|-since]: all of them, at most 50,000 (then `cut`)
export interface LiveMonitor {
  id: string;
  name: string;
  url: string;
  kind: string;
  status: Status /** unix seconds */;
  since: number;
  reason: Reason | null;
  interval: number;
  tags: string[] /** names; empty means all */;
  regions: string[];
  incident: { id: string; state: IncidentState } | null;
}
export interface LiveMonitors {
  seq: string;
  server_time: string;
  items: LiveMonitor[];
  cut: boolean;
}

// GET monitors/beats?ids=<up to 200, commas between>&count=40 (1–90)
export interface MonitorBeats {
  id: string;
  /** One char a slot, oldest first, at most `count`: u up, g degraded, d down, m missed, w maintenance, - none yet. Of
      several regions the worst verdict counts, and missed only where nobody looked. */
  beats: string;
  /** unix seconds of the last char's slot */
  last_slot: number | null;
  last: {
    region: string;
    verdict: Verdict;
    reason: Reason | null /** unix seconds */;
    at: number;
    ms: number | null;
  } | null;
  uptime: { "24h": UptimeCounts };
}
export interface Beats {
  items: MonitorBeats[];
}

// GET monitors/{id}/results?region=&verdict=&attempt=request&limit=&after=
export interface Phases {
  resolve?: number;
  connect?: number;
  tls?: number;
  processing?: number;
  transfer?: number;
}
export interface Result {
  slot: number;
  region: string;
  attempt: number;
  cause: "schedule" | "recheck" | "request";
  verdict: Verdict;
  reason: Reason | null;
  suspect: Diagnosis | null;
  http_status: number | null;
  phases: Phases;
  address: string | null;
  detail: string | null;
  started_at: string | null;
}

// GET monitors/{id}/series?from=&to=&region=  (unix seconds or RFC 3339; default: the last 24 h; at most 1,500 buckets)
export interface Series {
  from: number;
  to: number /** seconds of a bucket */;
  step: number;
  /** unix seconds of each bucket's begin; the arrays of a region have the same length */ at: number[];
  regions: RegionSeries[];
  /** Of all regions together, in the same form. */ all: SeriesLines;
  /** Incidents that overlap the range. */ incidents: { id: string; level: Level; from: number; to: number | null }[];
}
export interface SeriesLines {
  /** milliseconds of whole checks; null where none answered */ p50: (number | null)[];
  p95: (number | null)[];
  p99: (number | null)[];
  /** mean milliseconds of each phase, null where none was measured */
  phases: {
    resolve: (number | null)[];
    connect: (number | null)[];
    tls: (number | null)[];
    processing: (number | null)[];
    transfer: (number | null)[];
  };
  /** checks by verdict */ up: number[];
  degraded: number[];
  down: number[];
  missed: number[];
  /** over the whole range */
  summary: {
    p50: number | null;
    p95: number | null;
    p99: number | null;
    up: number;
    degraded: number;
    down: number;
    missed: number;
  };
}
export interface RegionSeries extends SeriesLines {
  region: string;
}

// GET monitors/{id}/uptime?days=90 (1–366), and GET uptime?days=90: of the whole organisation
export interface UptimeDays {
  /** UTC days, oldest first, today last; a day without data has zeros */
  days: ({
    /** YYYY-MM-DD */ day: string;
    incidents: number /** of incidents at level down */;
    down_seconds: number;
  } & UptimeCounts)[];
  windows: Record<"24h" | "7d" | "30d" | "90d" | "1y", UptimeCounts & { incidents: number; down_seconds: number }>;
}

// POST monitors/try: a MonitorBody → an outcome of each region within seconds (waits up to its timeout + 5 s)
export interface Tried {
  regions: {
    region: string;
    /** null: no answer in time, and `why` says so */
    outcome:
      | (Omit<Result, "slot" | "attempt" | "cause" | "region"> & {
          certificate: { not_after: string } | null;
          evidence: Evidence | null;
        })
      | null;
    why: string | null;
  }[];
}
export interface Evidence {
  request: string;
  response_head: string | null;
  body: string | null;
  body_cut: boolean;
  certificate: {
    subject: string;
    issuer: string /** unix seconds */;
    not_before: number;
    not_after: number;
    names: string[];
  } | null;
}

// POST monitors/bulk {action: "pause" | "resume" | "delete" | "tag", ids: [≤ 1,000], tags?: {add, remove}}
export interface BulkDone {
  items: { id: string; ok: boolean /** why not */; detail: string | null }[];
}

// POST monitors/{id}/check
export interface Asked {
  slot: number;
  regions: string[];
}

// GET monitors/{id}/verdict
export type Vote = "up" | "degraded" | "down"; // null in a ballot: no vote, `why` says why
export interface Ballot {
  region: string;
  vote: Vote | null;
  why: string;
  latest: { slot: number; attempt: number; verdict: Verdict; reason: Reason | null; suspect: Diagnosis | null } | null;
}
export interface Explanation {
  status: Status;
  quorum: Quorum;
  needed: number;
  can_vote: number;
  votes: { up: number; degraded: number; down: number; abstain: number };
  confirm: { failures: number; recoveries: number; recheck_every?: number | null };
  regions: Ballot[];
}
export interface VerdictAnswer extends Explanation {
  since: string;
  judged: Status;
  at_change: Explanation | null;
  alert: { incident: string; at: string; policy: string | null; sends: boolean | null; told: number | null } | null;
}

// incidents
export type IncidentState = "open" | "acknowledged" | "resolved";
export type IncidentKind = "availability" | "certificate" | "coverage" | "region";
export type Level = "coverage" | "certificate" | "region" | "degraded" | "regional" | "down";
export interface Incident {
  id: string;
  kind: IncidentKind;
  state: IncidentState;
  level: Level;
  worst: Level;
  reason: Reason | null;
  flapping: boolean;
  monitor: { id: string; name: string } | null;
  region: string | null;
  opened_at: string;
  acknowledged_at: string | null;
  resolved_at: string | null;
  acknowledged_by: { id: string; name: string } | null;
}
export type What =
  | "opened"
  | "escalated"
  | "changed"
  | "flapping"
  | "acknowledged"
  | "reminded"
  | "commented"
  | "resolved";
export interface TimelineEntry {
  change: number;
  at: string;
  what: What;
  who: { id: string; name: string } | null;
  data: Record<string, unknown>;
}
export interface Failure {
  region: string;
  slot: number;
  attempt: number;
  reason: Reason;
  detail: string | null;
  evidence: Evidence | null;
}
export interface IncidentWhole extends Incident {
  timeline: TimelineEntry[];
  failures: Failure[];
  deliveries: {
    channel: { id: string; name: string; kind: ChannelKind };
    states: Record<string, number>;
    last: { what: What; state: string; attempts: number; at: string };
  }[];
}
// GET activity?limit=50: the last transitions of all incidents, newest first
export interface Activity {
  items: {
    incident: string;
    at: string;
    what: What;
    level: Level;
    kind: IncidentKind;
    monitor: { id: string; name: string } | null;
    region: string | null;
    who: { id: string; name: string } | null;
  }[];
}

// channels, policies, deliveries
export type ChannelKind = "webhook" | "email" | "slack" | "discord" | "telegram" | "pagerduty" | "ntfy";
export interface ChannelBody {
  name: string;
  kind: ChannelKind;
  settings: Record<string, unknown>;
  enabled?: boolean;
}
export interface Channel {
  id: string;
  kind: ChannelKind;
  name: string;
  enabled: boolean;
  settings: Record<string, unknown>;
  secrets: string[];
  able: boolean;
  why_not: string | null;
  created_at: string;
  updated_at: string;
  /** in the answers to POST channels and rotate-secret alone */ secret?: string;
}
export interface ChannelTested {
  ok: boolean;
  status: number | null;
  answer: string;
  took_ms: number;
  permanent: boolean;
}
export interface PolicyBody {
  name: string;
  channels?: string[];
  sends?: Level[];
  delay?: number;
  reminder?: number | null;
  default?: boolean;
}
export interface Policy extends Required<PolicyBody> {
  id: string;
  tells: { channel: string; name: string; kind: ChannelKind; able: boolean; why_not: string | null }[];
  warning: string | null;
}
export interface Said {
  at: string;
  ok: boolean;
  status: number | null;
  answer: string;
  took_ms: number;
}
export interface DeliveryTry extends Said {
  id: number;
  message: number | null;
  what: What | null;
  incident: string | null;
  change: number | null;
  attempt: number;
}
export interface UnsentMessage {
  key: number;
  state: "pending" | "dead";
  what: What;
  channel: { id: string; kind: ChannelKind; name: string };
  incident: string | null;
  change: number | null;
  messages?: number;
  attempts: number;
  created_at: string;
  due_at: string | null;
  last: Said | null;
}

// regions
export interface Worker {
  worker: string;
  version: string;
  in_flight: number;
  limit: number;
  queue_age_ms: number;
  clock_offset_ms: number;
  diagnosis: Diagnosis | null;
  seen_at: string;
  alive: boolean;
}
export interface Region {
  id: string;
  registered: boolean;
  isolated: boolean;
  since: string | null;
  workers: Worker[];
  lag_seconds: number | null;
  pending: number | null;
}
export interface Regions {
  items: Region[];
  next: string | null;
  note?: string;
}

// events (SSE)
export interface Beat {
  monitor: string;
  region: string;
  slot: number;
  attempt: number;
  verdict: Verdict;
  ms: number | null;
}
export type LiveEvent =
  | { event: "hello"; data: { version: string; seq: string; server_time: string } }
  | { event: "beat"; data: { beats: Beat[] } }
  | {
      event: "status";
      data: { monitor: string; from: Status; to: Status /** RFC 3339 */; since: string; reason: Reason | null };
    }
  | { event: "monitor.changed" | "monitor.deleted"; data: { monitor: string } }
  | {
      event: "incident.opened" | "incident.acknowledged" | "incident.updated" | "incident.resolved";
      data: { incident: string; monitor: string | null };
    }
  | { event: "region.up" | "region.down"; data: { region: string } }
  | { event: "resync"; data: Record<string, never> };
