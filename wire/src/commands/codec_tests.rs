use proptest::prelude::*;

use super::*;

fn phase() -> impl Strategy<Value = Option<Duration>> {
    prop::option::of((0..40_000_000_u64).prop_map(Duration::from_micros))
}

fn evidence() -> impl Strategy<Value = Option<Box<Evidence>>> {
    let certificate =
        ("[a-zé=]{0,60}", ".{0,60}", any::<i64>(), any::<i64>(), prop::collection::vec("[a-z.*]{0,30}", 0..9));
    let certificate = certificate.prop_map(|(subject, issuer, not_before, not_after, names)| Certificate {
        subject,
        issuer,
        not_before,
        not_after,
        names,
    });
    let text = |most| prop::option::of(prop::collection::vec(any::<char>(), 0..most).prop_map(String::from_iter));
    let all = (".{0,99}", text(300), text(3_000), any::<bool>(), prop::option::of(certificate));
    let evidence = all.prop_map(|(request, response_head, body, body_cut, certificate)| {
        Box::new(Evidence { request, response_head, body, body_cut, certificate }.bounded())
    });
    prop::option::weighted(0.2, evidence)
}

fn diagnosis() -> impl Strategy<Value = Option<Diagnosis>> {
    prop::option::of(prop::sample::select(Diagnosis::ALL))
}

fn of_probes() -> Vec<Reason> {
    Reason::ALL.iter().copied().filter(|reason| reason.is_of_a_probe()).collect()
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let judged = prop_oneof![
        Just((Verdict::Up, None)),
        prop::sample::select(of_probes()).prop_map(|reason| (reason.verdict(), Some(reason)))
    ];
    let name = (any::<u128>(), 0..4_000_000_000_i64, any::<u8>(), -100_000..100_000_i64);
    let facts = (
        prop::option::of(100..600_u16),
        prop::option::of(any::<IpAddr>()),
        prop::option::of(0..=LAST_SECOND),
        prop::option::of("[^\\x00]{0,60}"),
    );
    let phases = (phase(), phase(), phase(), phase(), phase());
    (name, judged, phases, facts, (diagnosis(), evidence(), prop::option::of(any::<u32>()))).prop_map(
        |(
            name,
            (verdict, reason),
            phases,
            (http_status, address, cert_not_after, detail),
            (suspect, evidence, rev),
        )| {
            let (id, slot, attempt, started) = name;
            let (resolve, connect, tls, processing, transfer) = phases;
            Outcome {
                monitor: MonitorId(Uuid::from_u128(id)),
                slot,
                attempt,
                rev,
                verdict,
                reason,
                started_ms: slot * 1000 + started,
                phases: Phases { resolve, connect, tls, processing, transfer },
                http_status,
                address,
                cert_not_after,
                detail,
                suspect,
                evidence,
            }
        },
    )
}

/// What fits into one entry.
fn one_batch<'a>(worker: &str, outcomes: impl Iterator<Item = &'a Outcome>) -> Vec<u8> {
    let mut batches = encode_batches(worker, outcomes);
    assert!(batches.len() <= 1, "{} batches", batches.len());
    batches.pop().unwrap_or_default()
}

fn entry(field: &str, bytes: Vec<u8>) -> HashMap<String, Vec<u8>> {
    HashMap::from([("v".to_owned(), VERSION.to_vec()), (field.to_owned(), bytes)])
}

proptest! {
    #[test]
    fn batches_round_trip(outcomes in prop::collection::vec(outcome(), 1..20)) {
        let read = Payload::from_fields(&entry("o", one_batch("probe-1", outcomes.iter()))).unwrap();
        prop_assert_eq!(read, Payload::Outcomes(Batch { worker: "probe-1".to_owned(), outcomes, skipped: 0 }));
    }

    #[test]
    fn facts_round_trip(
        worker in "[a-zé0-9 ./-]{1,20}", limit in 0..10_000_000_u32, age in 0..1_000_000_u64,
        offset in -1_000_000..1_000_000_i64, diagnosis in diagnosis(),
    ) {
        let facts = Facts {
            worker, version: "1".into(), in_flight: 3, limit, queue_age_ms: age, clock_offset_ms: offset, diagnosis,
        };
        let read = Payload::from_fields(&entry("f", encode_facts(&facts))).unwrap();
        prop_assert_eq!(read, Payload::Facts(facts));
    }

    #[test]
    fn arbitrary_bytes_never_panic(field in "[of]", bytes: Vec<u8>) {
        let _ = Payload::from_fields(&entry(&field, bytes));
    }

    #[test]
    fn damaged_batches_never_panic(outcomes in prop::collection::vec(outcome(), 1..5), at: prop::sample::Index, to: u8) {
        let mut bytes = one_batch("w", outcomes.iter());
        let at = at.index(bytes.len());
        bytes[at] = to;
        let _ = Payload::from_fields(&entry("o", bytes));
    }
}

/// What a newer probe might send: a tag and a reason that version 1 readers have not learned.
#[derive(Clone, PartialEq, Message)]
struct NewerOutcome {
    #[prost(fixed64, tag = "1")]
    monitor_high: u64,
    #[prost(int64, tag = "3")]
    slot: i64,
    #[prost(uint32, tag = "5")]
    verdict: u32,
    #[prost(uint32, tag = "6")]
    reason: u32,
    #[prost(string, tag = "99")]
    news: String,
}

#[derive(Clone, PartialEq, Message)]
struct NewerBatch {
    #[prost(message, repeated, tag = "2")]
    outcomes: Vec<NewerOutcome>,
}

#[test]
fn an_older_reader_skips_what_it_does_not_know() {
    let newer = |reason| NewerOutcome { monitor_high: 7, slot: 60, verdict: 3, reason, news: "hello".into() };
    let bytes = NewerBatch { outcomes: vec![newer(1), newer(900)] }.encode_to_vec();
    let Ok(Payload::Outcomes(batch)) = Payload::from_fields(&entry("o", bytes)) else { panic!("must decode") };
    assert_eq!((batch.outcomes.len(), batch.skipped), (1, 1));
    assert_eq!((batch.outcomes[0].slot, batch.outcomes[0].reason), (60, Some(Reason::Dns)));
}

/// A doubt that version 1 readers have not learned.
#[derive(Clone, PartialEq, Message)]
struct NewerDoubt {
    #[prost(uint32, tag = "5")]
    verdict: u32,
    #[prost(uint32, tag = "18")]
    suspect: u32,
}

#[test]
fn a_doubt_not_learned_yet_stays_a_doubt() {
    let mut bytes = vec![0x12];
    let doubt = NewerDoubt { verdict: 1, suspect: 77 }.encode_length_delimited_to_vec();
    bytes.extend(doubt);
    let Ok(Payload::Outcomes(batch)) = Payload::from_fields(&entry("o", bytes)) else { panic!("must decode") };
    assert_eq!(batch.outcomes[0].suspect, Some(Diagnosis::Network));
}

#[test]
fn evidence_is_bounded_whatever_it_was() {
    let mut wordy = Outcome::missed(MonitorId(Uuid::nil()), 0, 0, Reason::Late, 0);
    let long = "\0é".repeat(50_000);
    let names = vec![String::new(); 50_000];
    let certificate =
        Certificate { subject: long.clone(), issuer: long.clone(), names, not_before: i64::MIN, not_after: i64::MAX };
    wordy.evidence = Some(Box::new(Evidence {
        request: long.clone(),
        response_head: Some(long.clone()),
        body: Some(long),
        body_cut: false,
        certificate: Some(certificate),
    }));
    let bytes = one_batch("w", [&wordy].into_iter());
    assert!(bytes.len() < 13_000, "{}", bytes.len());
    let Ok(Payload::Outcomes(batch)) = Payload::from_fields(&entry("o", bytes)) else { panic!("must decode") };
    let evidence = batch.outcomes[0].evidence.as_ref().unwrap();
    assert!(evidence.body_cut && evidence.body.as_ref().unwrap().starts_with("\u{fffd}é"));
}

#[test]
fn unknown_versions_and_empty_entries_are_errors() {
    let mut fields = entry("o", Vec::new());
    fields.insert("v".into(), b"2".to_vec());
    assert_eq!(Payload::from_fields(&fields), Err(Unparsed::Version("2".into())));
    assert_eq!(Payload::from_fields(&entry("x", Vec::new())), Err(Unparsed::Empty));
    assert!(matches!(Payload::from_fields(&entry("o", vec![0xff])), Err(Unparsed::Malformed(_))));
}

#[test]
fn no_text_of_a_probe_has_a_nul() {
    let mut outcome = Outcome::missed(MonitorId(Uuid::nil()), 0, 0, Reason::Late, 0);
    outcome.detail = Some("a\0b".to_owned());
    let read = Payload::from_fields(&entry("o", one_batch("w\0", [&outcome].into_iter()))).unwrap();
    assert!(!format!("{read:?}").contains("\\0"), "{read:?}");
}

#[test]
fn long_details_are_cut_between_characters() {
    let mut long = Outcome::missed(MonitorId(Uuid::nil()), 0, 0, Reason::Late, 0);
    long.detail = Some("é".repeat(300));
    let Ok(Payload::Outcomes(batch)) = Payload::from_fields(&entry("o", one_batch("w", [&long].into_iter()))) else {
        panic!("must decode")
    };
    assert_eq!(batch.outcomes[0].detail.as_ref().unwrap().len(), Outcome::DETAIL_MAX);
}

/// What becomes of facts of a worker of this name.
fn facts_of(worker: &str) -> Result<Payload, Unparsed> {
    let facts = Facts { worker: worker.to_owned(), ..Facts::default() };
    Payload::from_fields(&entry("f", encode_facts(&facts)))
}

#[test]
fn a_worker_without_a_printable_name_is_not_heard() {
    assert!(facts_of("probe-1").is_ok());
    for name in ["", "\0", "a\u{202e}b", &"w".repeat(6_000), &"w".repeat(200_000)] {
        let why = facts_of(name).unwrap_err().to_string();
        assert!(why.contains("the worker's name") && why.len() < 120, "{why}");
    }
}

#[test]
fn much_is_refused_before_it_is_decoded() {
    let refused = |fields: &HashMap<String, Vec<u8>>| Payload::from_fields(fields).unwrap_err().to_string();
    assert_eq!(refused(&entry("o", [0x12, 0].repeat(513))), "a results entry of 513 outcomes; at most 512");
    let why = refused(&entry("o", [0x12, 0].repeat(4_000_000)));
    assert_eq!(why, "a results entry of 8000003 bytes; at most 1048576");
    let many: HashMap<_, _> = (0..9).map(|n| (n.to_string(), Vec::new())).collect();
    assert_eq!(refused(&many), "a results entry of 9 fields; at most 8");
}

#[test]
fn many_outcomes_and_long_ones_take_several_entries() {
    let missed = Outcome::missed(MonitorId(Uuid::nil()), 60, 0, Reason::Late, 60_000);
    let long = Evidence { body: Some("b".repeat(8_000)), ..Evidence::default() };
    let wordy = Outcome { evidence: Some(Box::new(long)), ..missed.clone() };
    for (outcomes, batches) in [(vec![missed.clone(); 512], 1), (vec![missed; 513], 2), (vec![wordy; 512], 4)] {
        let entries = encode_batches("w", outcomes.iter());
        assert_eq!(entries.len(), batches);
        let read = entries.into_iter().map(|bytes| match Payload::from_fields(&entry("o", bytes)) {
            Ok(Payload::Outcomes(batch)) => batch.outcomes.len(),
            other => panic!("{other:?}"),
        });
        assert_eq!(read.sum::<usize>(), outcomes.len());
    }
    assert_eq!(encode_batches("w", [].into_iter()), Vec::<Vec<u8>>::new());
}

#[test]
fn what_no_check_can_find_is_left_out() {
    let good =
        Outcome { http_status: Some(200), ..Outcome::missed(MonitorId(Uuid::nil()), 60, 0, Reason::Late, 60_000) };
    let scheduler = Outcome { reason: Some(Reason::Scheduler), ..good.clone() };
    let no_probe = Outcome { reason: Some(Reason::NoProbe), ..good.clone() };
    let status = Outcome { http_status: Some(1000), ..good.clone() };
    let phases = Phases { tls: Some(Duration::from_secs(301)), ..Phases::default() };
    let endless = Outcome { phases, ..good.clone() };
    let certificate = Outcome { cert_not_after: Some(i64::MIN), ..good.clone() };
    let all = [good.clone(), scheduler, no_probe, status, endless, certificate];
    let Ok(Payload::Outcomes(batch)) = Payload::from_fields(&entry("o", one_batch("w", all.iter()))) else {
        panic!("must decode")
    };
    assert_eq!((batch.skipped, batch.outcomes), (4, vec![good.clone(), good]));
}
