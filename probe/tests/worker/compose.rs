//! The rules of `deploy/redis/users.sh`, which Compose gives Redis: a region's probe works under its own, and can do nothing else.

use std::io::Write;
use std::process::{Command, Stdio};

use uuid::Uuid;

use crate::fleet::{Fleet, JOBS, OWN, REGION, until};

const USERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/redis/users.sh");

/// The users the script prints, each as the words of `ACL SETUSER`: a selector in parentheses is one word.
fn users(settings: &[(&str, &str)]) -> Vec<Vec<String>> {
    let mut script = Command::new("sh");
    script.arg(USERS).env("CONTROL_PASSWORD", "c0").env("REGIONS", "eu-west:e1 us-east:u2");
    script.envs(settings.iter().copied());
    let output = script.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(words).collect()
}

fn words(line: &str) -> Vec<String> {
    let (plain, selector) =
        line.split_once(" (").map_or((line, None), |(plain, rest)| (plain, Some(format!("({rest}"))));
    plain.split(' ').skip(1).map(str::to_owned).chain(selector).collect()
}

/// Redis with those users; the default one stays, for the test itself.
fn fleet() -> Fleet {
    fleet_with(&[])
}

fn fleet_with(settings: &[(&str, &str)]) -> Fleet {
    let fleet = Fleet::build();
    for user in users(settings).iter().filter(|user| user[0] != "default") {
        let words = user.iter().map(String::as_str);
        let command: Vec<&str> = ["ACL", "SETUSER"].into_iter().chain(words).collect();
        fleet.redis.cli(&command).unwrap();
    }
    fleet
}

/// What a probe knows of Redis: where it is, and who it is there itself.
fn file(fleet: &Fleet, more: &str) -> String {
    format!("[probe]\nredis_url = \"redis://{REGION}:e1@127.0.0.1:{}\"\n{more}\n", fleet.redis.port())
}

/// What Redis says to the region's user.
fn told(fleet: &Fleet, command: &[&str]) -> String {
    let whole = [&["--user", REGION, "--pass", "e1", "--no-auth-warning"], command].concat();
    fleet.redis.cli(&whole).unwrap_or_else(|why| why.to_string())
}

#[test]
fn a_probe_works_under_its_rule() {
    let fleet = fleet();
    let probe = fleet.probe_with_file("w1", &file(&fleet, ""));
    fleet.push_job("/shared", &[]);
    fleet.push(OWN, &[("url", &fleet.site.url("/own")), ("id", &Uuid::new_v4().to_string())]);
    fleet.expect_outcomes(2);
    fleet.expect_nothing_pending();
    let log = probe.log();
    assert!(!log.contains("NOPERM") && !log.contains("isolated"), "{log}");
}

#[test]
fn it_may_do_nothing_else() {
    let fleet = fleet();
    let may = |command: &[&str]| {
        let ask = [&["ACL", "DRYRUN", REGION], command].concat();
        fleet.redis.cli(&ask).unwrap() == "OK"
    };
    let foreign = "{betteruptime:website}:us-east";
    let (results, theirs) = (format!("{OWN}:results"), format!("{foreign}:results"));
    for command in [&["XADD", results.as_str(), "*", "o", "1"][..], &["XACK", JOBS, REGION, "1-1"], &["TIME"]] {
        assert!(may(command), "{command:?}");
    }
    for command in [
        // No outcomes for others, no jobs for anybody, none of its own results again, nobody's else.
        &["XADD", theirs.as_str(), "*", "o", "1"][..],
        &["XADD", JOBS, "*", "url", "x"],
        &["XADD", OWN, "*", "url", "x"],
        &["XREADGROUP", "GROUP", "us-east", "w", "STREAMS", foreign, ">"],
        &["XACK", foreign, "us-east", "1-1"],
        &["XRANGE", results.as_str(), "-", "+"],
        &["XREAD", "STREAMS", results.as_str(), "0"],
        &["XTRIM", JOBS, "MAXLEN", "0"],
        &["XGROUP", "DESTROY", JOBS, "us-east"],
        &["XGROUP", "SETID", JOBS, REGION, "$"],
        &["GET", "{betteruptime:website}:_watermark"],
        &["SET", "{betteruptime:website}:_watermark", "0:0"],
        &["DEL", JOBS],
    ] {
        assert!(!may(command), "{command:?}");
    }
    // `hello`, `quit` and `reset` begin and end a session, and are everybody's.
    let without_keys = ["discard", "exec", "hello", "multi", "ping", "quit", "reset", "time"];
    assert_eq!(commands_without_keys(&fleet, REGION), without_keys);
    assert_eq!(commands_without_keys(&fleet, "health"), ["hello", "ping", "quit", "reset"]);
}

#[test]
fn it_is_told_so_by_redis_itself() {
    let fleet = fleet();
    let (foreign, theirs) = ("{betteruptime:website}:us-east", "{betteruptime:website}:us-east:results");
    fleet.redis.cli(&["XADD", foreign, "*", "url", "x"]).unwrap();
    fleet.redis.cli(&["XADD", theirs, "*", "o", "x"]).unwrap();
    assert_eq!(told(&fleet, &["PING"]), "PONG");
    for command in [
        // What belongs to others.
        &["XRANGE", foreign, "-", "+"][..],
        &["XREAD", "STREAMS", foreign, "0"],
        &["XREADGROUP", "GROUP", "us-east", "w", "STREAMS", foreign, ">"],
        &["XGROUP", "CREATE", foreign, REGION, "0"],
        &["XADD", theirs, "*", "o", "1"],
        &["XCLAIM", foreign, "us-east", "w", "0", "1-1"],
        &["XAUTOCLAIM", foreign, "us-east", "w", "0", "0"],
        &["XPENDING", foreign, "us-east"],
        &["XACK", theirs, "us-east", "1-1"],
        // What is taken back, or away.
        &["DEL", JOBS],
        &["UNLINK", OWN],
        &["XDEL", JOBS, "1-1"],
        &["XTRIM", OWN, "MAXLEN", "0"],
        &["XSETID", JOBS, "9-9"],
        &["EXPIRE", JOBS, "1"],
        &["RENAME", JOBS, "x"],
        &["COPY", OWN, "x"],
        &["XGROUP", "DELCONSUMER", JOBS, REGION, "w"],
        &["XINFO", "STREAM", JOBS],
        &["XLEN", JOBS],
        &["SET", "anything", "1"],
        // What rules the server, or looks around in it.
        &["CONFIG", "GET", "*"],
        &["KEYS", "*"],
        &["SCAN", "0"],
        &["DBSIZE"],
        &["FLUSHALL"],
        &["FLUSHDB"],
        &["EVAL", "return 1", "0"],
        &["FUNCTION", "LIST"],
        &["SCRIPT", "FLUSH"],
        &["SUBSCRIBE", "x"],
        &["PUBLISH", "x", "y"],
        &["ACL", "LIST"],
        &["ACL", "WHOAMI"],
        &["ACL", "SETUSER", REGION, "+@all"],
        &["CLIENT", "LIST"],
        &["CLIENT", "KILL", "TYPE", "normal"],
        &["INFO"],
        &["ROLE"],
        &["MONITOR"],
        &["SLOWLOG", "GET"],
        &["REPLICAOF", "NO", "ONE"],
        &["MODULE", "LIST"],
        &["SHUTDOWN", "NOSAVE"],
    ] {
        let answer = told(&fleet, command);
        assert!(answer.contains("NOPERM"), "{command:?}: {answer}");
    }
}

#[test]
fn with_several_lanes_the_rule_lists_each_of_them() {
    let fleet = fleet_with(&[("LANES", "2")]);
    let probe = fleet.probe_with_file("w1", &file(&fleet, "[probe.stream]\nlanes = 2"));
    fleet.push_job("/shared", &[]);
    fleet.push(&format!("{JOBS}.1"), &[("url", &fleet.site.url("/second")), ("id", &Uuid::new_v4().to_string())]);
    until("an outcome of each lane", || [0, 1].iter().all(|lane| fleet.has_outcome(*lane)));
    let log = probe.log();
    assert!(!log.contains("NOPERM") && !log.contains("isolated"), "{log}");
    for foreign in ["{betteruptime:website.1}:us-east:results", "{betteruptime:website.2}:eu-west:results"] {
        let answer = told(&fleet, &["XADD", foreign, "*", "o", "1"]);
        assert!(answer.contains("NOPERM"), "{foreign}: {answer}");
    }
}

#[test]
fn an_isolated_region_has_no_right_to_what_all_share() {
    let fleet = fleet_with(&[("ISOLATED", REGION)]);
    let probe = fleet.probe_with_file("w1", &file(&fleet, ""));
    fleet.push(OWN, &[("url", &fleet.site.url("/own")), ("id", &Uuid::new_v4().to_string())]);
    fleet.expect_outcomes(1);
    assert!(probe.log().contains("isolated"), "{}", probe.log());
    for command in [&["XREADGROUP", "GROUP", "us-east", "w", "STREAMS", JOBS, ">"][..], &["XACK", JOBS, REGION, "1-1"]]
    {
        let answer = told(&fleet, command);
        assert!(answer.contains("NOPERM"), "{command:?}: {answer}");
    }
}

#[test]
fn nobody_comes_in_without_a_password() {
    let all = users(&[]);
    let names: Vec<_> = all.iter().map(|user| user[0].as_str()).collect();
    assert_eq!(names, ["default", "health", "control", "eu-west", "us-east"]);
    assert_eq!(all[0], ["default", "off"]);
    let open: Vec<_> = all.iter().filter(|user| user.contains(&"nopass".to_owned())).map(|user| &user[0]).collect();
    assert_eq!(open, ["health"]);
    let fleet = fleet();
    let knock = |user: &str, password: &str| fleet.redis.cli(&["AUTH", user, password]).is_ok();
    assert!(knock("eu-west", "e1") && knock("us-east", "u2") && knock("control", "c0"));
    assert!(!knock("eu-west", "u2") && !knock("us-east", "e1") && !knock("control", ""));
}

/// What `user` may call, of all the commands that need neither a key nor a further word.
fn commands_without_keys(fleet: &Fleet, user: &str) -> Vec<String> {
    let all = fleet.redis.cli(&["COMMAND", "LIST"]).unwrap();
    let asked: Vec<_> = all.lines().map(|name| format!("ACL DRYRUN {user} {name}")).collect();
    let mut command = Command::new("redis-cli");
    command.args(["-p", &fleet.redis.port().to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut cli = command.spawn().unwrap();
    cli.stdin.take().unwrap().write_all((asked.join("\n") + "\n").as_bytes()).unwrap();
    let answers = String::from_utf8(cli.wait_with_output().unwrap().stdout).unwrap();
    // An error is followed by an empty line.
    let answers: Vec<&str> = answers.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(answers.len(), all.lines().count(), "{answers:?}");
    let allowed = all.lines().zip(answers).filter(|(_, answer)| *answer == "OK");
    let mut allowed: Vec<String> = allowed.map(|(name, _)| name.to_lowercase()).collect();
    allowed.sort();
    allowed
}
