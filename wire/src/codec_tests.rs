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

fn outcome() -> impl Strategy<Value = Outcome> {
    let judged = prop_oneof![
        Just((Verdict::Up, None)),
        prop::sample::select(Reason::ALL).prop_map(|reason| (reason.verdict(), Some(reason)))
    ];
    let name = (any::<u128>(), 0..4_000_000_000_i64, any::<u8>(), -100_000..100_000_i64);
    let facts = (
        prop::option::of(100..600_u16),
        prop::option::of(any::<IpAddr>()),
        prop::option::of(any::<i64>()),
        prop::option::of("[^\\x00]{0,60}"),
    );
    let phases = (phase(), phase(), phase(), phase(), phase());
    (name, judged, phases, facts, (diagnosis(), evidence())).prop_map(
        |(name, (verdict, reason), phases, (http_status, address, cert_not_after, detail), (suspect, evidence))| {
            let (id, slot, attempt, started) = name;
            let (resolve, connect, tls, processing, transfer) = phases;
            Outcome {
                monitor: MonitorId(Uuid::from_u128(id)),
                slot,
                attempt,
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

fn entry(field: &str, bytes: Vec<u8>) -> HashMap<String, Vec<u8>> {
    HashMap::from([("v".to_owned(), VERSION.to_vec()), (field.to_owned(), bytes)])
}

proptest! {
    #[test]
    fn batches_round_trip(outcomes in prop::collection::vec(outcome(), 0..20)) {
        let read = Payload::from_fields(&entry("o", encode_batch("probe-1", outcomes.iter()))).unwrap();
        prop_assert_eq!(read, Payload::Outcomes(Batch { worker: "probe-1".to_owned(), outcomes, skipped: 0 }));
    }

    #[test]
    fn facts_round_trip(worker in "[^\\x00]{0,20}", limit: u32, age: u64, offset: i64, diagnosis in diagnosis()) {
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
        let mut bytes = encode_batch("w", outcomes.iter());
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
    let bytes = encode_batch("w", [&wordy].into_iter());
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
    let read = Payload::from_fields(&entry("o", encode_batch("w\0", [&outcome].into_iter()))).unwrap();
    assert!(!format!("{read:?}").contains("\\0"), "{read:?}");
    let facts = Facts { worker: "\0".to_owned(), version: "\0".to_owned(), ..Facts::default() };
    let read = Payload::from_fields(&entry("f", encode_facts(&facts))).unwrap();
    assert!(!format!("{read:?}").contains("\\0"), "{read:?}");
}

#[test]
fn long_details_are_cut_between_characters() {
    let mut long = Outcome::missed(MonitorId(Uuid::nil()), 0, 0, Reason::Late, 0);
    long.detail = Some("é".repeat(300));
    let Ok(Payload::Outcomes(batch)) = Payload::from_fields(&entry("o", encode_batch("w", [&long].into_iter()))) else {
        panic!("must decode")
    };
    assert_eq!(batch.outcomes[0].detail.as_ref().unwrap().len(), Outcome::DETAIL_MAX);
}
