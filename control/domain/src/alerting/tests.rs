//! Scenes: second by second what happens to one incident and its deliveries, and what each channel was sent by then.

use uuid::Uuid;

use super::*;

/// The channels `a` and `b`, and whatever else has a letter.
fn channel(letter: &str) -> ChannelId {
    ChannelId(Uuid::from_u128(u128::from(letter.as_bytes()[0])))
}

fn at(second: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::from_secs(second)
}

/// `sends=down,regional delay=60 reminder=600 to=a,b`; what is left out is `down`, none, none and both.
fn policy(text: &str) -> Option<Policy> {
    let mut policy = Policy {
        name: "night".to_owned(),
        sends: vec![Level::Down],
        delay: Duration::ZERO,
        reminder: None,
        channels: vec![channel("a"), channel("b")],
    };
    for field in text.split_whitespace() {
        let (key, value) = field.split_once('=')?;
        let seconds = || Duration::from_secs(value.parse().unwrap());
        match key {
            "sends" => policy.sends = value.split(',').map(|level| level.parse().unwrap()).collect(),
            "delay" => policy.delay = seconds(),
            "reminder" => policy.reminder = Some(seconds()),
            "to" => policy.channels = value.split(',').filter(|one| !one.is_empty()).map(channel).collect(),
            other => panic!("no field of a policy: {other}"),
        }
    }
    Some(policy)
}

struct Scene {
    policy: Option<Policy>,
    level: Level,
    rows: Vec<Delivery>,
    remind_at: Option<DateTime<Utc>>,
}

impl Scene {
    /// `down opened` is news at a level; `a sent`, `a dead` what became of what is due, `a claimed` is in a sender's hands.
    fn plays(&mut self, now: u64, event: &str) {
        let (subject, what) = event.split_once(' ').unwrap_or_else(|| panic!("no event: {event}"));
        if subject == "policy" {
            self.policy = policy(what);
        } else if let Ok(level) = subject.parse() {
            self.level = level;
            let (what, hold) = what.split_once(" held ").unwrap_or((what, "0"));
            let hold = Duration::from_secs(hold.parse().unwrap());
            self.hears(News { what: what.parse().unwrap(), hold }, at(now));
        } else {
            for row in &mut self.rows {
                if row.channel == channel(subject) && row.stage == Stage::Pending && row.due_at <= at(now) {
                    row.untouched = false;
                    row.stage = what.parse().unwrap_or(Stage::Pending);
                }
            }
        }
    }

    fn hears(&mut self, news: News, now: DateTime<Utc>) {
        let route = route(self.policy.as_ref(), self.level, &self.rows, news, now);
        for (key, stage) in route.withdraw {
            self.rows.iter_mut().filter(|row| row.row == key).for_each(|row| row.stage = stage);
        }
        for Outgoing { channel, what, due_at } in route.send {
            let row = self.rows.len() as i64;
            self.rows.push(Delivery { row, channel, what, stage: Stage::Pending, due_at, untouched: true });
        }
        match route.remind {
            Reminder::Unchanged => {}
            Reminder::At(at) => self.remind_at = Some(at),
            Reminder::Never => self.remind_at = None,
        }
    }

    /// `opened@5 sent, resolved@9 pending`
    fn of(&self, letter: &str) -> String {
        let rows = self.rows.iter().filter(|row| row.channel == channel(letter));
        let rows: Vec<String> =
            rows.map(|row| format!("{}@{} {}", row.what, row.due_at.timestamp(), row.stage)).collect();
        rows.join(", ")
    }
}

/// `0 down opened; 3 a sent; …`
fn scene(of: &str, events: &str) -> Scene {
    let mut scene = Scene { policy: policy(of), level: Level::Coverage, rows: Vec::new(), remind_at: None };
    for event in events.split("; ") {
        let (second, event) = event.split_once(' ').unwrap();
        scene.plays(second.parse().unwrap(), event);
    }
    scene
}

/// What channel `a` was sent.
fn a(of: &str, events: &str) -> String {
    scene(of, events).of("a")
}

fn reminded_at(of: &str, events: &str) -> Option<i64> {
    scene(of, events).remind_at.map(|at| at.timestamp())
}

#[test]
fn an_opening_and_its_end_go_to_every_channel_of_the_policy() {
    let scene = scene("", "0 down opened; 0 a sent; 0 b sent; 9 down resolved");
    assert_eq!(scene.of("a"), "opened@0 sent, resolved@9 pending");
    assert_eq!(scene.of("b"), "opened@0 sent, resolved@9 pending");
}

#[test]
fn a_level_that_is_not_sent_is_only_shown() {
    assert_eq!(a("", "0 regional opened; 9 regional resolved"), "");
    assert_eq!(a("sends=degraded", "0 down opened"), "");
    assert_eq!(a("to=b", "0 down opened"), "", "a channel that cannot be sent anything");
    assert_eq!(a("none", "0 down opened; 1 down flapping; 2 down reminded; 9 down resolved"), "", "no policy");
}

#[test]
fn the_policy_delays_an_opening_and_so_does_a_backlog() {
    assert_eq!(a("delay=60", "0 down opened"), "opened@60 pending");
    assert_eq!(a("delay=60", "0 down opened held 30"), "opened@90 pending");
}

#[test]
fn one_regions_word_waits_for_others() {
    assert_eq!(a("sends=regional,down", "0 regional opened"), "opened@5 pending");
    let both = "0 regional opened; 2 down escalated";
    assert_eq!(a("sends=regional,down", both), "opened@5 dropped, opened@2 pending", "and no longer than needed");
    assert_eq!(a("sends=regional,down delay=60", both), "opened@65 dropped, opened@62 pending");
    assert_eq!(
        a("sends=regional,down", "0 regional opened; 2 regional resolved"),
        "opened@5 merged, resolved@2 pending"
    );
}

#[test]
fn what_gets_worse_is_sent_no_later_than_it_was_to_be() {
    let events = "0 regional opened; 4 down escalated held 30";
    assert_eq!(a("sends=regional,down", events), "opened@5 dropped, opened@5 pending");
}

#[test]
fn who_knows_of_it_hears_that_it_got_worse() {
    let events = "0 degraded opened; 0 a sent; 9 down escalated";
    let scene = scene("sends=degraded,down", &format!("{events}; 9 policy sends=down; 10 down resolved"));
    assert_eq!(scene.of("a"), "opened@0 sent, escalated@9 merged, resolved@10 pending");
    assert_eq!(scene.of("b"), "opened@0 dropped, opened@0 merged, resolved@10 pending");
    assert_eq!(a("", events), "opened@9 pending", "of a level that is sent only now it is an opening");
    let dead = "0 degraded opened; 0 a dead; 9 down escalated";
    assert_eq!(a("sends=degraded,down", dead), "opened@0 dead, escalated@9 pending");
}

#[test]
fn nobody_is_sent_a_second_opening() {
    let events = "0 degraded opened; 60 a sent; 70 regional escalated; 80 down escalated";
    let all = "sends=degraded,regional,down delay=60";
    assert_eq!(a(all, events), "opened@60 sent, escalated@135 dropped, escalated@135 pending");
}

#[test]
fn what_is_over_before_it_was_sent_is_one_message_or_none() {
    assert_eq!(a("", "0 down opened held 30; 9 down resolved"), "opened@30 merged, resolved@9 pending");
    assert_eq!(a("delay=60", "0 down opened; 9 down resolved"), "opened@60 dropped");
    assert_eq!(a("delay=60", "0 down opened; 60 a sent; 90 down resolved"), "opened@60 sent, resolved@90 pending");
}

#[test]
fn what_is_being_sent_is_not_withdrawn() {
    let events = "0 down opened; 0 a claimed; 1 down resolved";
    assert_eq!(a("", events), "opened@0 pending, resolved@1 pending");
    let events = "0 regional opened; 5 a claimed; 6 down escalated";
    assert_eq!(a("sends=regional,down", events), "opened@5 pending, escalated@6 pending");
}

#[test]
fn who_was_told_hears_of_the_end_whatever_the_policy_says_by_then() {
    let opened = "0 down opened; 0 a sent";
    for edit in ["policy to=b", "policy sends=lane", "policy none"] {
        let events = format!("{opened}; 5 {edit}; 9 down resolved");
        assert_eq!(a("", &events), "opened@0 sent, resolved@9 pending", "{edit}");
    }
    let events = "0 down opened; 0 a dead; 9 down resolved";
    assert_eq!(a("", events), "opened@0 dead", "who never heard of it does not hear of its end");
}

#[test]
fn an_edited_policy_sends_what_gets_worse_to_whom_it_names_then() {
    let scene = scene("sends=regional,down", "0 regional opened; 1 policy to=b,c; 2 down escalated");
    assert_eq!(scene.of("a"), "opened@5 dropped");
    assert_eq!(scene.of("b"), "opened@5 dropped, opened@2 pending");
    assert_eq!(scene.of("c"), "opened@2 pending");
}

#[test]
fn flapping_and_acknowledged_go_to_who_has_the_opening() {
    let scene =
        scene("", "0 down opened; 0 a sent; 1 down flapping; 2 down acknowledged; 3 down commented; 4 down changed");
    assert_eq!(scene.of("a"), "opened@0 sent, flapping@1 pending, acknowledged@2 pending");
    assert_eq!(scene.of("b"), "opened@0 pending");
}

#[test]
fn people_are_reminded_until_somebody_takes_it_or_it_is_over() {
    let opened = "0 down opened; 60 a sent";
    let every = "delay=60 reminder=600";
    assert_eq!(reminded_at(every, opened), Some(660));
    assert_eq!(a(every, &format!("{opened}; 660 down reminded")), "opened@60 sent, reminded@660 pending");
    assert_eq!(reminded_at(every, &format!("{opened}; 660 down reminded")), Some(1260));
    for over in ["acknowledged", "resolved"] {
        assert_eq!(reminded_at(every, &format!("{opened}; 70 down {over}")), None, "{over}");
    }
    for edit in ["policy delay=60", "policy none"] {
        let events = format!("{opened}; 61 {edit}; 660 down reminded");
        assert_eq!((a(every, &events), reminded_at(every, &events)), ("opened@60 sent".to_owned(), None), "{edit}");
    }
    let better = format!("{opened}; 61 degraded changed; 660 degraded reminded; 700 down changed; 1260 down reminded");
    assert_eq!(a(every, &better), "opened@60 sent, reminded@1260 pending");
    let nobody = "0 down opened; 600 down reminded";
    assert_eq!(
        (a("reminder=600", nobody), reminded_at("reminder=600", nobody)),
        ("opened@0 pending".to_owned(), Some(1200))
    );
}

#[test]
fn it_says_whether_the_policy_sends_it() {
    let news = News { what: What::Commented, hold: Duration::ZERO };
    let sends = |of: &str, level| route(policy(of).as_ref(), level, &[], news, at(0)).sends;
    assert!(sends("", Level::Down) && !sends("", Level::Degraded) && !sends("none", Level::Down));
}
