//! The users of Redis, set while it runs; a user's password is its name and `-password`. The default user stays, for the test
//! itself.

use testbed::{redis_users, servers::Redis};

/// Control, and these regions; who is there already gets the same rule again.
pub(crate) fn set(redis: &Redis, regions: &[&str]) {
    let rules = redis_users::rules(regions, |user| format!("{user}-password")).unwrap();
    for line in rules.lines().filter(|line| !line.starts_with("user default")) {
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
