//! The encoding of what workers answer: Protocol Buffers, one entry many outcomes.
//!
//! An entry has a field `v` (the version, today `1`) and either `o` (a batch of outcomes) or `f` (fleet facts). A
//! reader skips fields it does not know; a version it does not know goes to the dead-letter stream whole.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use prost::Message;
use uuid::Uuid;

use super::{
    bounds::{ENTRY_MAX, OUTCOMES_MAX, check_entry, check_outcomes},
    error::Unparsed,
};
use crate::{
    evidence::{Certificate, Evidence, LAST_SECOND, without_nul},
    facts::{Facts, NAME_MAX},
    ids::MonitorId,
    outcome::{Diagnosis, Outcome, Phases, Reason, Verdict},
};

/// The version this crate writes and reads.
pub(crate) const VERSION: &[u8] = b"1";

/// Outcomes of one worker that travelled together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// `WORKER_ID`.
    pub worker: String,
    /// What it found.
    pub outcomes: Vec<Outcome>,
    /// How many outcomes of the batch this reader could not understand, and left out.
    pub skipped: usize,
}

/// What an entry of a results stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Outcomes.
    Outcomes(Batch),
    /// A worker's state.
    Facts(Facts),
}

impl Payload {
    /// Reads an entry's fields. Total: arbitrary bytes give an error, never a panic, and never much more memory than they
    /// take themselves.
    pub fn from_fields(fields: &HashMap<String, Vec<u8>>) -> Result<Self, Unparsed> {
        check_entry(fields)?;
        let version = fields.get("v").map_or(&b""[..], Vec::as_slice);
        if version != VERSION {
            return Err(Unparsed::Version(String::from_utf8_lossy(&version[..version.len().min(32)]).into_owned()));
        }
        let malformed = |why: prost::DecodeError| Unparsed::Malformed(why.to_string());
        match (fields.get("o"), fields.get("f")) {
            (Some(bytes), _) => {
                check_outcomes(bytes)?;
                Ok(Self::Outcomes(BatchMessage::decode(bytes.as_slice()).map_err(malformed)?.into()))
            }
            (None, Some(bytes)) => {
                let facts = Facts::from(FactsMessage::decode(bytes.as_slice()).map_err(malformed)?);
                facts.bounded().map(Self::Facts).map_err(Unparsed::Malformed)
            }
            (None, None) => Err(Unparsed::Empty),
        }
    }
}

/// Encodes outcomes as the payloads of as few entries as hold them.
pub(crate) fn encode_batches<'a>(worker: &str, outcomes: impl Iterator<Item = &'a Outcome>) -> Vec<Vec<u8>> {
    // For the worker's name, the lengths before outcomes, and the entry's other field.
    const BESIDE: usize = 4 * 1024;
    let mut batches = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for outcome in outcomes.map(OutcomeMessage::from) {
        let size = outcome.encoded_len();
        if batch.len() == OUTCOMES_MAX || (bytes + size > ENTRY_MAX - BESIDE && !batch.is_empty()) {
            batches.push(encode(worker, std::mem::take(&mut batch)));
            bytes = 0;
        }
        bytes += size;
        batch.push(outcome);
    }
    if !batch.is_empty() {
        batches.push(encode(worker, batch));
    }
    batches
}

fn encode(worker: &str, outcomes: Vec<OutcomeMessage>) -> Vec<u8> {
    BatchMessage { worker: worker.to_owned(), outcomes }.encode_to_vec()
}

/// Encodes facts.
pub(crate) fn encode_facts(facts: &Facts) -> Vec<u8> {
    FactsMessage {
        worker: facts.worker.clone(),
        version: facts.version.clone(),
        in_flight: facts.in_flight,
        limit: facts.limit,
        queue_age_ms: facts.queue_age_ms,
        clock_offset_ms: facts.clock_offset_ms,
        diagnosis: word(Diagnosis::ALL, facts.diagnosis),
    }
    .encode_to_vec()
}

#[derive(Clone, PartialEq, Message)]
struct BatchMessage {
    #[prost(string, tag = "1")]
    worker: String,
    #[prost(message, repeated, tag = "2")]
    outcomes: Vec<OutcomeMessage>,
}

/// Tags are for ever; new facts take new tags. Enums travel as their place in their `ALL`, counted from 1, so new words are
/// added at the end.
#[derive(Clone, PartialEq, Message)]
struct OutcomeMessage {
    #[prost(fixed64, tag = "1")]
    monitor_high: u64,
    #[prost(fixed64, tag = "2")]
    monitor_low: u64,
    #[prost(int64, tag = "3")]
    slot: i64,
    #[prost(uint32, tag = "4")]
    attempt: u32,
    #[prost(uint32, tag = "5")]
    verdict: u32,
    #[prost(uint32, tag = "6")]
    reason: u32,
    /// Milliseconds after the slot.
    #[prost(sint64, tag = "7")]
    started: i64,
    #[prost(uint32, optional, tag = "8")]
    resolve_us: Option<u32>,
    #[prost(uint32, optional, tag = "9")]
    connect_us: Option<u32>,
    #[prost(uint32, optional, tag = "10")]
    tls_us: Option<u32>,
    #[prost(uint32, optional, tag = "11")]
    processing_us: Option<u32>,
    #[prost(uint32, optional, tag = "12")]
    transfer_us: Option<u32>,
    #[prost(uint32, optional, tag = "13")]
    http_status: Option<u32>,
    #[prost(fixed32, optional, tag = "14")]
    address_v4: Option<u32>,
    #[prost(bytes = "vec", optional, tag = "15")]
    address_v6: Option<Vec<u8>>,
    #[prost(int64, optional, tag = "16")]
    cert_not_after: Option<i64>,
    #[prost(string, optional, tag = "17")]
    detail: Option<String>,
    #[prost(uint32, tag = "18")]
    suspect: u32,
    #[prost(message, optional, boxed, tag = "19")]
    evidence: Option<Box<EvidenceMessage>>,
    #[prost(uint32, optional, tag = "20")]
    rev: Option<u32>,
}

#[derive(Clone, PartialEq, Message)]
struct EvidenceMessage {
    #[prost(string, tag = "1")]
    request: String,
    #[prost(string, optional, tag = "2")]
    response_head: Option<String>,
    #[prost(string, optional, tag = "3")]
    body: Option<String>,
    #[prost(bool, tag = "4")]
    body_cut: bool,
    #[prost(message, optional, tag = "5")]
    certificate: Option<CertificateMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct CertificateMessage {
    #[prost(string, tag = "1")]
    subject: String,
    #[prost(string, tag = "2")]
    issuer: String,
    #[prost(int64, tag = "3")]
    not_before: i64,
    #[prost(int64, tag = "4")]
    not_after: i64,
    #[prost(string, repeated, tag = "5")]
    names: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
struct FactsMessage {
    #[prost(string, tag = "1")]
    worker: String,
    #[prost(string, tag = "2")]
    version: String,
    #[prost(uint32, tag = "3")]
    in_flight: u32,
    #[prost(uint32, tag = "4")]
    limit: u32,
    #[prost(uint64, tag = "5")]
    queue_age_ms: u64,
    #[prost(sint64, tag = "6")]
    clock_offset_ms: i64,
    #[prost(uint32, tag = "7")]
    diagnosis: u32,
}

fn place<T: PartialEq>(all: &[T], value: &T) -> u32 {
    all.iter().position(|each| each == value).map_or(0, |i| i as u32 + 1)
}

fn at<T: Copy>(all: &[T], place: u32) -> Option<T> {
    all.get((place as usize).checked_sub(1)?).copied()
}

/// The place of what may be absent: 0 then.
fn word<T: PartialEq>(all: &[T], value: Option<T>) -> u32 {
    value.map_or(0, |value| place(all, &value))
}

fn micros(phase: Option<Duration>) -> Option<u32> {
    phase.map(|phase| u32::try_from(phase.as_micros()).unwrap_or(u32::MAX))
}

fn duration(micros: Option<u32>) -> Option<Duration> {
    micros.map(|micros| Duration::from_micros(micros.into()))
}

impl From<&Outcome> for OutcomeMessage {
    fn from(outcome: &Outcome) -> Self {
        let (monitor_high, monitor_low) = outcome.monitor.0.as_u64_pair();
        let (address_v4, address_v6) = match outcome.address {
            Some(IpAddr::V4(v4)) => (Some(v4.to_bits()), None),
            Some(IpAddr::V6(v6)) => (None, Some(v6.octets().to_vec())),
            None => (None, None),
        };
        Self {
            monitor_high,
            monitor_low,
            slot: outcome.slot,
            attempt: outcome.attempt.into(),
            verdict: place(Verdict::ALL, &outcome.verdict),
            reason: word(Reason::ALL, outcome.reason),
            started: outcome.started_ms.saturating_sub(outcome.slot.saturating_mul(1000)),
            resolve_us: micros(outcome.phases.resolve),
            connect_us: micros(outcome.phases.connect),
            tls_us: micros(outcome.phases.tls),
            processing_us: micros(outcome.phases.processing),
            transfer_us: micros(outcome.phases.transfer),
            http_status: outcome.http_status.map(u32::from),
            address_v4,
            address_v6,
            cert_not_after: outcome.cert_not_after,
            detail: outcome.detail.as_deref().map(|detail| cut(detail).to_owned()),
            suspect: word(Diagnosis::ALL, outcome.suspect),
            evidence: outcome.evidence.as_ref().map(|evidence| Box::new(EvidenceMessage::from(evidence.as_ref()))),
            rev: outcome.rev,
        }
    }
}

/// The longest prefix of whole characters that fits.
fn cut(detail: &str) -> &str {
    &detail[..detail.floor_char_boundary(Outcome::DETAIL_MAX)]
}

impl OutcomeMessage {
    /// Nothing where a newer probe says a word this reader has not learned, or where somebody writes what no check can
    /// have found.
    fn read(self) -> Option<Outcome> {
        let (verdict, reason) = self.judged()?;
        let http_status = self.http_status.map(u16::try_from).transpose().ok()?;
        if http_status.is_some_and(|status| !(100..1000).contains(&status)) {
            return None;
        }
        Some(Outcome {
            monitor: MonitorId(Uuid::from_u64_pair(self.monitor_high, self.monitor_low)),
            slot: self.slot,
            attempt: u8::try_from(self.attempt).ok()?,
            rev: self.rev,
            verdict,
            reason,
            started_ms: self.slot.checked_mul(1000)?.checked_add(self.started)?,
            phases: self.phases()?,
            http_status,
            address: address(self.address_v4, self.address_v6).ok()?,
            // A date that cannot be written says nothing.
            cert_not_after: self.cert_not_after.filter(|at| (0..=LAST_SECOND).contains(at)),
            detail: self.detail.map(|detail| cut(&without_nul(detail)).to_owned()),
            suspect: diagnosis(self.suspect),
            evidence: self.evidence.map(|evidence| Box::new(Evidence::from(*evidence))),
        })
    }

    fn judged(&self) -> Option<(Verdict, Option<Reason>)> {
        let verdict = at(Verdict::ALL, self.verdict)?;
        let reason = if self.reason == 0 { None } else { Some(at(Reason::ALL, self.reason)?) };
        let fits = reason.map_or(Verdict::Up, Reason::verdict) == verdict && reason.is_none_or(Reason::is_of_a_probe);
        fits.then_some((verdict, reason))
    }

    fn phases(&self) -> Option<Phases> {
        let phases = Phases {
            resolve: duration(self.resolve_us),
            connect: duration(self.connect_us),
            tls: duration(self.tls_us),
            processing: duration(self.processing_us),
            transfer: duration(self.transfer_us),
        };
        (phases.total() <= Outcome::LONGEST).then_some(phases)
    }
}

/// A doubt this reader has not learned is a doubt all the same: about the probe's network, the first there was.
fn diagnosis(place: u32) -> Option<Diagnosis> {
    (place > 0).then(|| at(Diagnosis::ALL, place).unwrap_or(Diagnosis::Network))
}

impl From<&Evidence> for EvidenceMessage {
    fn from(evidence: &Evidence) -> Self {
        let Evidence { request, response_head, body, body_cut, certificate } = evidence.clone().bounded();
        let certificate = certificate.map(|Certificate { subject, issuer, not_before, not_after, names }| {
            CertificateMessage { subject, issuer, not_before, not_after, names }
        });
        Self { request, response_head, body, body_cut, certificate }
    }
}

impl From<EvidenceMessage> for Evidence {
    fn from(message: EvidenceMessage) -> Self {
        let EvidenceMessage { request, response_head, body, body_cut, certificate } = message;
        let certificate = certificate.map(|CertificateMessage { subject, issuer, not_before, not_after, names }| {
            Certificate { subject, issuer, not_before, not_after, names }
        });
        Self { request, response_head, body, body_cut, certificate }.bounded()
    }
}

/// The error is an IPv6 address of another length than 16 bytes.
fn address(v4: Option<u32>, v6: Option<Vec<u8>>) -> Result<Option<IpAddr>, Vec<u8>> {
    match (v4, v6) {
        (Some(bits), _) => Ok(Some(IpAddr::V4(bits.into()))),
        (None, Some(octets)) => <[u8; 16]>::try_from(octets).map(|octets| Some(IpAddr::V6(octets.into()))),
        (None, None) => Ok(None),
    }
}

impl From<BatchMessage> for Batch {
    fn from(message: BatchMessage) -> Self {
        let sent = message.outcomes.len();
        let outcomes: Vec<_> = message.outcomes.into_iter().filter_map(OutcomeMessage::read).collect();
        let mut worker = without_nul(message.worker);
        worker.truncate(worker.floor_char_boundary(NAME_MAX));
        Self { worker, skipped: sent - outcomes.len(), outcomes }
    }
}

impl From<FactsMessage> for Facts {
    fn from(message: FactsMessage) -> Self {
        Self {
            worker: without_nul(message.worker),
            version: without_nul(message.version),
            in_flight: message.in_flight,
            limit: message.limit,
            queue_age_ms: message.queue_age_ms,
            clock_offset_ms: message.clock_offset_ms,
            diagnosis: diagnosis(message.diagnosis),
        }
    }
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
