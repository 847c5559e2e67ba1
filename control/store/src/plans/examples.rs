//! What each statement is tried with, and what it may touch. The database is `crowd.sql`'s: whatever is called 7 belongs to
//! the organisation 7.

/// The last second whose slots are fixed there is 1700007300; slots are closed up to 1700007120.
///
/// A value of a type, where a statement needs no other.
pub(super) fn usual(of: &str) -> &'static str {
    match of {
        "uuid" => "id(7)",
        "_uuid" => "ids()",
        "int2" => "0::smallint",
        "int4" => "7",
        "_int4" => "keys()",
        "int8" => "1700007300",
        "text" => "'a'",
        "bool" => "true",
        "bytea" => "'\\x00000007'",
        "float8" => "0.5",
        "timestamptz" => "now()",
        "json" => "'[]'",
        "jsonb" | "_text" | "_int2" | "_int8" | "_bool" => "'{}'",
        _ => panic!("no example of the type {of}"),
    }
}

/// Rows and index entries a statement may touch that is on neither list below.
pub(super) const MOST: i64 = 10_000;

/// Values for those that find nothing, or are refused, with the usual ones.
pub(super) const EXAMPLES: &[(&str, &str)] = &[
    ("activity::LATEST", "id(7), 20"),
    ("alerts::NOTE", "array[id(7)], '{9}', '{reminded}', '{null}', '{null}', '{\"{}\"}'"),
    ("alerts::NUMBER", "array[id(7)], '{9}', '{true}', array[now()]"),
    ("alerts::WITHDRAW", "'{7}', '{dropped}'"),
    ("alerts::ENQUEUE", "array[id(7)], '{9}', array[id(7)], '{reminded}', array[now()]"),
    ("api_keys::CREATE", "gen_random_uuid(), id(7), 'k', '{read}', 'x', 'ug', id(7), null"),
    ("api_keys::LIST", "id(7), null, 50"),
    ("api_keys::DONE", "id(7), 50"),
    ("beats::BEATS", "id(7), ids(), 40, 1700007300"),
    ("beats::DAY", "id(7), ids(), 1699992000"),
    ("channels::LIST", "id(7), null, 50"),
    ("channels::CREATE", "gen_random_uuid(), id(7), 'webhook', 'c', '{}', null, true"),
    ("deliveries::OF_CHANNEL", "id(7), id(7), null, 50"),
    ("deliveries::UNSENT", "id(7), null, null, 50, null"),
    ("deliveries::LOG", "id(7), true, 200, null, 5"),
    ("deliveries::FORGET", "82"),
    ("history::PAGE", "7, 1700005800, 1700007300, 1700007301, 0::int2, 0::int2, null, null, 50"),
    ("history::REQUESTED", "7, 1700005800, 1700007300, 1700007301, 0::int2, 0::int2, null, null, 50"),
    ("history::LATEST", "keys(), array_fill(1700007000::bigint, array[41]), 1700007300"),
    ("incidents::ACKNOWLEDGE", "id(7), 1700007300"),
    ("incidents::OPEN_ABOUT", "keys(), null"),
    (
        "incidents::OPEN",
        "array[gen_random_uuid()], '{availability}', '{8}', array[null::int2], array[null::int2], '{down}', '{connect}', 1700007300",
    ),
    ("incidents::MOVE", "array[id(7)], '{regional}', '{connect}'"),
    ("incidents::RESOLVE", "array[id(7)], 1700007300"),
    ("incidents::RECENT", "0::int2, 1700007000"),
    (
        "incidents::KEEP_FAILURES",
        "'{7,8}', '{1,1}', '{1700007300,1700007300}', '{0,0}', '{connect,connect}', '{a,b}', '{null,null}'",
    ),
    ("incidents::ADD_FAILURES", "'{7}', '{1}'"),
    ("incidents_read::LIST", "id(7), null, null, null, null, null, 50"),
    ("incidents_read::TIMELINE", "id(7), 50"),
    ("installation::INSTALL_LANES", "1::int2"),
    ("lanes::TAKE", "0::int2, 'a', 1000"),
    ("lanes::RENEW", "0::int2, 0, 1000"),
    ("lanes::RELEASE", "0::int2, 0"),
    ("messages::OF", "'{7,8,9,10}'"),
    ("monitors::LIST", "id(7), null, null, null, null, 50, 1700007300"),
    (
        "monitors::CREATE",
        "id(7), '[{\"id\":\"10000000-0000-0000-0000-000000000000\",\"lane\":0,\"name\":\"m\",\"url\":\"http://a.example/\",\"interval\":60,\"tags\":[],\"enabled\":true}]', 1700007300",
    ),
    ("monitors_edit::UPDATE", "id(7), 7, 'm', 'http://a.example/', 60, null, null, '{}', true, null, null, true"),
    ("monitors::SET_STATUS", "keys(), 'pending', 1700007300"),
    ("monitors_bulk::RETAG", "'[{\"key\":7,\"tags\":[\"a\"]}]'"),
    ("monitors_live::LIVE", "id(7), null, null, null, null, 'severity', 1000, 1700007300"),
    ("monitors_watched::WATCHED", "id(7), 1700007300, 2, 10, 100000"),
    ("monitors_watched::RECKONED", "id(7), 1700007300, 2, 10"),
    ("monitors_watched::WORDS", "keys(), 1700007300, 60, 2"),
    ("organisations::CREATE", "gen_random_uuid(), 'o'"),
    ("organisations::JOIN", "id(7), id(7), 'owner'"),
    ("outbox::DIGEST_CANDIDATES", "5"),
    ("outbox::DIGEST", "id(7), false, 0, 100"),
    ("outbox::CLAIM", "id(7), 30000, '{}', '{}', 5, 50, 130000, 24"),
    ("outbox::MARK", "'{7}', array[id(7)], '{true}', '{200}', '{null}', '{5}', '{sent}', '{0}'"),
    ("outbox::RESEND", "id(7), 7"),
    ("outbox::FORGET", "82"),
    (
        "outcomes::INSERT",
        "'{1700007300}', '{7}', '{1}', '{3}', '{up}', '{null}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{200}', '{null}', '{null}', '{null}'",
    ),
    ("outcomes::CLOSE", "0::int2, 1700007121, 1700007121"),
    ("partitions::MAKE", "1700000000, 1700300000"),
    ("partitions::DROP", "1700006400"),
    ("partitions::PURGE", "1700000000"),
    ("partitions::SUMMARISE", "0::int2, 1700002800"),
    ("partitions::SUMMARISE_ORGANISATIONS", "0::int2, 1699999200"),
    ("partitions::SUMMARISE_LATENCY", "0::int2, 1700002800"),
    ("partitions::SUMMARISED", "0::int2, 1700002800"),
    ("partitions::UNCHECKED", "0::int2, 1699999200, 0.5"),
    ("partitions::CHECKED", "0::int2, 1699999200, 0.5"),
    ("partitions::COVERAGE", "1700007060, 1700007120"),
    ("partitions::FORGET_HOURS", "1699980000"),
    ("partitions::FORGET_ORGANISATIONS", "1699826400"),
    ("partitions::FORGET_LATENCY", "1699980000"),
    ("policies::LIST", "id(7), null, 50"),
    ("policies::CREATE", "gen_random_uuid(), id(7), 'p', '{down}', 0, null"),
    ("policies::UPDATE", "id(7), id(7), 'p', '{down}', 0, null"),
    ("policies::DELETE", "id(7), id(507)"),
    ("pulse::IS_WALKING", "60, 180"),
    ("regions_list::RETIRE", "'a', 20"),
    ("schedule::DUE", "0::int2, 1700007300, 0"),
    ("schedule::CADENCES", "0::int2, 1700007120"),
    ("schedule::CHANGED", "0::int2, 1700007299"),
    ("series::FINE", "7, 1700005800, 1700007300, 60, 1700005800, null"),
    ("series::COARSE", "7, 1699990000, 1700007300, null"),
    ("series::SLOTS", "7, 1700005800, 1700007300"),
    ("series::INCIDENTS", "id(7), 7, 1699990000, 1700007300"),
    ("sign_ins::CREATE", "gen_random_uuid(), id(7), id(7)"),
    ("sign_ins::ADD_TOKEN", "'x', id(7), 60"),
    ("skips::ADD", "0::int2, 1, 2, 'scheduler'"),
    ("skips::FORGET", "1699900500"),
    ("statuses::CHANGE", "'{7}', '{down}', '{1}', 1700007300, '{connect}', '{null}', '{0}'"),
    ("statuses::KEEP", "'{7}', '{1}', '{null}', '{null}'"),
    ("statuses::SET_CERTIFICATES", "'{7}', '{1}', '{1800000000}'"),
    ("statuses::EVIDENCE", "0::int2, 1700007120, 1700007300, 2"),
    ("statuses::EVIDENCE_OF", "7, 1700007000, 1700007300"),
    ("uptime::OF", "keys(), 1699992000, 1699412400, 1697425200"),
    ("uptime_days::OF_MONITOR", "7, 1699412400"),
    ("uptime_days::OF_ORGANISATION", "id(7), 1699412400"),
    ("uptime_days::OUTAGES", "id(7), null, 1699412400, 1700007300"),
    ("users::CREATE", "gen_random_uuid(), 'b@a.example', 'n', ''"),
    ("users::BY_EMAIL", "'7@a.example'"),
    ("workers::SEEN", "'{1}', '{w8}', '{1}', '{0}', '{1}', '{0}', '{0}', '{1700007300}', '{null}'"),
    ("workers::DROP", "'{1}', '{w8}'"),
    ("workers::BY_REGION", "1700007300, 1700007000"),
];

/// What reads whole tables, which, and why it may.
pub(super) const READS_WHOLE: &[(&str, &[&str], &str)] = &[
    ("channels::SEALED", &["channels"], "an operator changes the key of all secrets"),
    ("partitions::COVERAGE", &[], "a minute of the whole installation"),
    ("partitions::UNCHECKED", &["monitors"], "an hour of a lane, once an hour"),
    (
        "partitions::SUMMARISE",
        &["monitors", "results_20231114"],
        "an hour of a lane, once an hour; here it is most of its day",
    ),
    ("partitions::SUMMARISE_LATENCY", &["monitors", "results_20231114"], "as above"),
    ("partitions::SUMMARISE_ORGANISATIONS", &["monitors"], "an hour of a lane, once an hour"),
    ("regions_list::CHOSEN", &["monitors"], "an operator retires a region"),
    ("schedule::CADENCES", &["cadences"], TAKEOVER),
    ("statuses::EVIDENCE", &["cadences", "monitors", "results_20231115"], TAKEOVER),
    ("users::ARE_THERE", &["users"], "it stops at the first row"),
    ("statuses::MEMBERS", &["monitor_status", "monitors"], TAKEOVER),
];

/// What reads whole tables only until PostgreSQL has looked at them: an index of ranges of pages is worth nothing to it before
/// it knows that rows lie in the order of their hours.
pub(super) const UNTIL_ANALYSED: &[&str] = &["partitions::FORGET_HOURS", "partitions::FORGET_LATENCY"];

const TAKEOVER: &str = "who takes a lane over reads it once";

/// What is asked every second or more often, and how many buffers it may touch for what is due in a second there: 342
/// slots, of two regions.
pub(super) const BOUNDS: &[(&str, i64)] = &[
    ("lanes::ADVANCE", 250),
    ("lanes::POSITION", 2),
    ("lanes::RENEW", 10),
    ("outbox::CLAIM", 3000),
    ("outbox::IS_ANY_READY", 20),
    ("outcomes::CLOSE", 3000),
    ("schedule::CHANGED", 30),
    ("schedule::DUE", 2500),
    ("schedule::KNOWN", 300),
    ("schedule::KNOWN_AS", 300),
    ("schedule::REGIONS", 2),
    ("statuses::CHANGE", 30),
];
