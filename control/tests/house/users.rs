//! The users of Redis, as `deploy/redis/users.sh` prints them; a user's password is its name and `-password`. The default
//! user stays, for the test itself.

use std::process::Command;

use xtask::servers::Redis;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/redis/users.sh");

/// Control, and these regions; who is there already gets the same rule again.
pub(crate) fn set(redis: &Redis, regions: &[&str]) {
    let regions: Vec<_> = regions.iter().map(|region| format!("{region}:{region}-password")).collect();
    let mut script = Command::new("sh");
    script.arg(SCRIPT).env("CONTROL_PASSWORD", "control-password").env("REGIONS", regions.join(" "));
    let output = script.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    for line in text.lines().filter(|line| !line.starts_with("user default")) {
        let words = words(line);
        let command: Vec<_> = ["ACL", "SETUSER"].into_iter().chain(words.iter().map(String::as_str)).collect();
        redis.cli(&command).unwrap();
    }
}

/// A URL with a user in it.
pub(crate) fn url(url: &str, user: &str) -> String {
    url.replacen("://", &format!("://{user}:{user}-password@"), 1)
}

/// The words of `ACL SETUSER`: a selector in parentheses is one.
fn words(line: &str) -> Vec<String> {
    let (plain, selector) =
        line.split_once(" (").map_or((line, None), |(plain, rest)| (plain, Some(format!("({rest}"))));
    plain.split(' ').skip(1).map(str::to_owned).chain(selector).collect()
}
