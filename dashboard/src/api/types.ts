/** Answers of the API, as the screens name them: aliases of what `cargo xtask api` makes from its document. */

import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export interface Page<T> {
  items: T[];
  next: string | null;
}
export type Verdict = Schemas["Verdict"];
export type Status = Schemas["Status"];
export type Role = Schemas["Role"];
export type Diagnosis = Schemas["Diagnosis"];
export type Reason = Schemas["Reason"];
export type ProblemError = Schemas["ProblemError"];
export type Problem = Schemas["Problem"];
export type Tokens = Schemas["Tokens"];
export type Membership = Schemas["Membership"];
export type Me = Schemas["Me"];
export type MonitorBody = Schemas["MonitorBody"];
export type Quorum = Schemas["Quorum"];
export type UptimeCounts = Schemas["UptimeCounts"];
export type RegionNow = Schemas["RegionNow"];
export type Monitor = Schemas["Monitor"];
export type LiveMonitor = Schemas["LiveMonitor"];
export type LiveMonitors = Schemas["LiveMonitors"];
export type MonitorBeats = Schemas["MonitorBeats"];
export type Beats = Schemas["Beats"];
export type Phases = Schemas["Phases"];
export type Result = Schemas["Result"];
export type Series = Schemas["Series"];
export type SeriesLines = Schemas["SeriesLines"];
export type RegionSeries = Schemas["RegionSeries"];
export type UptimeDays = Schemas["UptimeDays"];
export type Tried = Schemas["Tried"];
export type Evidence = Schemas["Evidence"];
export type BulkDone = Schemas["BulkDone"];
export type Asked = Schemas["Asked"];
export type Vote = Schemas["Vote"];
export type Ballot = Schemas["Ballot"];
export type Explanation = Schemas["Explanation"];
export type VerdictAnswer = Schemas["VerdictAnswer"];
export type IncidentState = Schemas["IncidentState"];
export type IncidentKind = Schemas["IncidentKind"];
export type Level = Schemas["Level"];
export type Incident = Schemas["Incident"];
export type What = Schemas["What"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type Failure = Schemas["Failure"];
export type IncidentWhole = Schemas["IncidentWhole"];
export type Activity = Schemas["Activity"];
export type ChannelKind = Schemas["ChannelKind"];
export type ChannelBody = Schemas["ChannelBody"];
export type Channel = Schemas["Channel"];
export type ChannelTested = Schemas["ChannelTested"];
export type PolicyBody = Schemas["PolicyBody"];
export type Policy = Schemas["Policy"];
export type Said = Schemas["Said"];
export type DeliveryTry = Schemas["DeliveryTry"];
export type UnsentMessage = Schemas["UnsentMessage"];
export type Worker = Schemas["Worker"];
export type Region = Schemas["Region"];
export type Regions = Schemas["Regions"];
export type Beat = Schemas["Beat"];
export type LiveEvent = Schemas["LiveEvent"];
