//! Schedules that change under the pusher's hands.

use std::{sync::Arc, thread, time::Duration};

use rand::RngExt;
use serde_json::{Value, json};
use tokio_postgres::{Client, Transaction};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::deployment::{Deployment, Plan};

/// Editors at once.
const EDITORS: usize = 4;
/// The longest a transaction dawdles before it commits, milliseconds.
const DAWDLE: usize = 350;

#[test]
fn slow_edits_under_load_leave_every_slot_exact() {
    let system = Plan::default().controls(2).start();
    let site = system.site("up");
    system.monitors(100, &json!({"url": site.url()}));
    let (end, url) = (CancellationToken::new(), Arc::new(site.url().to_owned()));
    let editors: Vec<_> =
        (0..EDITORS).map(|_| system.runtime().spawn(edit(system.session(), Arc::clone(&url), end.clone()))).collect();
    thread::sleep(Duration::from_secs(15));
    end.cancel();
    let edits: usize = editors.into_iter().map(|editor| system.runtime().block_on(editor).unwrap()).sum();
    assert!(edits > 100, "only {edits} edits");
    let periods = system.number("select count(*) from cadences");
    eprintln!("{edits} edits, {periods} periods");
    assert!(periods > 150);
    let audit = system.audit();
    // Nothing failed, so nothing may be missed: whatever was pushed is expected, and whatever is expected was pushed.
    audit.expect_no("missed");
    let unexpected = |replica| system.metric(replica, "upguard_ingest_dropped_total{why=\"unexpected\"}");
    assert_eq!((unexpected(0), unexpected(1)), (0.0, 0.0), "outcomes of slots that nobody expects");
    let wrong = system.sql(
        "select m.key, m.enabled, s.status from monitors m join monitor_status s on s.monitor = m.key
         where m.deleted_at is null and m.enabled = (s.status = 'paused')",
    );
    assert_eq!(wrong, "", "a paused monitor shows as paused, and no other");
}

/// Edits at random until `end`, each edit in a transaction that takes its time with the lane's lock held. Returns how
/// many.
async fn edit(mut db: Client, url: Arc<String>, end: CancellationToken) -> usize {
    let mut edits = 0;
    while !end.is_cancelled() {
        let work = db.transaction().await.unwrap();
        work.batch_execute("select lock_lane_shared(0::smallint)").await.unwrap();
        let edited = match roll(6) {
            0 | 1 => Some(create(&work, &url).await),
            2 => {
                let interval = [5, 10, 15][roll(3)];
                change(&work, "true", &format!("interval = {interval}, phase = phase_of(id, {interval})")).await
            }
            3 => change(&work, "enabled", "enabled = false").await,
            4 => change(&work, "not enabled", "enabled = true").await,
            _ => change(&work, "true", "deleted_at = now()").await,
        };
        if let Some(key) = edited {
            work.execute("select reschedule($1)", &[&key]).await.unwrap();
            edits += 1;
        }
        let dawdles = roll(DAWDLE) as f64 / 1000.0;
        work.batch_execute(&format!("select pg_sleep({dawdles})")).await.unwrap();
        work.commit().await.unwrap();
    }
    edits
}

fn roll(sides: usize) -> usize {
    rand::rng().random_range(0..sides)
}

async fn create(work: &Transaction<'_>, url: &str) -> i32 {
    let made = work
        .query_one(
            "with made as (
                 insert into monitors (id, organisation, lane, name, url, interval, phase)
                 select $1, (select id from organisations limit 1), 0, 'edited', $2, 5, phase_of($1, 5) returning key)
             insert into monitor_status (monitor, status, since)
             select key, 'pending', extract(epoch from now())::bigint from made returning monitor",
            &[&Uuid::new_v4(), &url],
        )
        .await;
    made.unwrap().get(0)
}

/// Changes any one monitor nobody else is changing, and the status that says whether it is paused.
async fn change(work: &Transaction<'_>, whose: &str, update: &str) -> Option<i32> {
    let changed = work
        .query_opt(
            &format!(
                "update monitors set {update} where key = (
                     select key from monitors where deleted_at is null and {whose}
                     order by random() limit 1 for update skip locked)
                 returning key"
            ),
            &[],
        )
        .await;
    let key: i32 = changed.unwrap()?.get(0);
    let status = "update monitor_status s set status = case when m.enabled then 'pending' else 'paused' end::status,
                         version = version + 1
                  from monitors m where m.key = $1 and s.monitor = m.key and (s.status = 'paused') = m.enabled";
    work.execute(status, &[&key]).await.unwrap();
    Some(key)
}

#[test]
fn a_monitor_paused_in_the_second_it_was_made_stays_paused() {
    let system = Deployment::start();
    let site = system.site("slow");
    // Its first check is still running when it is paused.
    site.delay(Duration::from_millis(1500));
    let monitors = system.monitors(10, &json!({"url": site.url(), "interval": 5}));
    for monitor in &monitors {
        system.post(&monitor.at("/pause"), None);
    }
    let first = "select count(*) from results where attempt = 255";
    system.until("the first checks are stored", || system.number(first) == 20);
    let slots = system.number("select count(*) from results where attempt = 0");
    system.expect_closed(system.now() + 5);
    for monitor in &monitors {
        assert_eq!(system.status(monitor), "paused");
    }
    eprintln!("{slots} scheduled checks before the pause");
}

#[test]
fn a_new_region_owes_from_its_first_slot_in_every_lane() {
    let plan = || Plan::default().lanes(3);
    let mut system = plan().controls(2).start();
    let site = system.site("up");
    system.monitors(150, &json!({"url": site.url()}));
    system.until("every lane has results", || {
        system.number(
            "select count(distinct m.lane) from results r join monitors m on m.key = r.monitor where attempt = 0",
        ) == 3
    });
    // It is heard in all lanes at once, and one of them registers it.
    for name in ["ap-south/w1", "sa-east/w1"] {
        let probe = plan().probe(system.servers(), name, &system.address);
        system.probes.insert(name.to_owned(), probe);
        let region = name.split('/').next().unwrap();
        let checked = format!(
            "select count(*) from results r join regions g on g.key = r.region where g.id = '{region}' and attempt = 0"
        );
        system.until("the new region is registered and checks", || system.number(&checked) > 50);
    }
    let audit = system.audit();
    audit.expect_some("ap-south up");
    audit.expect_some("sa-east up");
    audit.expect_no("missed");
}

#[test]
fn an_edit_that_hangs_delays_slots_and_costs_none() {
    let system = Plan::default().times("9s", "10s", "12s").start();
    let site = system.site("up");
    system.monitors(50, &json!({"url": site.url(), "interval": 10}));
    system.until("checks are stored", || system.number("select count(*) from results where attempt = 0") > 10);
    let db = system.session();
    let editing = system.runtime().spawn(async move {
        let edit = "begin; select lock_lane_shared(0::smallint); select pg_sleep(6.5); commit";
        db.batch_execute(edit).await.unwrap();
    });
    // The lane stands still, but its clocks are as right as before.
    let stuck = system.number("select frontier from lanes");
    system.until("the edit is over", || {
        assert!(!system.readyz(0).contains("differ"), "{}", system.readyz(0));
        editing.is_finished()
    });
    system.until("the lane moves on", || system.number("select frontier from lanes") > stuck + 7);
    assert!(!system.readyz(0).contains("differ"), "{}", system.readyz(0));
    system.audit().expect_no("missed");
}

/// A client that waits longer than others for an answer.
struct Patient {
    api: String,
    key: String,
    agent: ureq::Agent,
}

impl Patient {
    fn of(system: &Deployment) -> Self {
        let made = system.post("/api/v1/api-keys", Some(json!({"name": "patient", "scopes": ["read", "write"]})));
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = config.timeout_global(Some(Duration::from_mins(1))).build().into();
        Self { api: system.controls[0].api.clone(), key: made["key"].as_str().unwrap().to_owned(), agent }
    }

    /// The status of the answer.
    fn ask(&self, method: &str, path: &str, body: &Value) -> u16 {
        let request = http::Request::builder().method(method).uri(format!("{}{path}", self.api));
        let request = request.header("authorization", format!("Bearer {}", self.key));
        let request = request.header("content-type", "application/json").body(body.to_string()).unwrap();
        self.agent.run(request).unwrap().status().as_u16()
    }
}

#[test]
fn changes_of_one_tenant_that_wait_for_each_other_hold_nobody_up() {
    let plan = Plan::default().set("UPGUARD_QUOTA__MONITORS", "1000").times("9s", "10s", "12s");
    let system = plan.start();
    let site = system.site("up");
    let monitors = system.monitors(20, &json!({"url": site.url()}));
    system.until("checks are stored", || system.both_check(0, 10));
    let patient = &Patient::of(&system);
    // Somebody else's change of the same tenant that takes its time.
    let db = system.session();
    let change = |sql: &str| system.runtime().block_on(db.batch_execute(sql)).unwrap();
    change("begin; select from organisations for no key update");
    let new = json!({"name": "new", "url": site.url()});
    let mut wanted = vec![("POST", "/api/v1/monitors".to_owned(), new); 4];
    let tag = json!({"action": "tag", "ids": [monitors[0].id], "tags": {"add": ["a"]}});
    wanted.push(("POST", "/api/v1/monitors/bulk".to_owned(), tag));
    wanted.push(("PATCH", monitors[1].at(""), json!({"interval": 10})));
    wanted.push(("POST", monitors[2].at("/pause"), json!({})));
    thread::scope(|scope| {
        let ask = |(method, path, body): (&'static str, String, Value)| {
            scope.spawn(move || patient.ask(method, &path, &body))
        };
        let asking: Vec<_> = wanted.into_iter().map(ask).collect();
        let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
        system.until("all wait", || system.number(waiting) >= asking.len() as i64);
        let (stood, since) = (system.number("select frontier from lanes"), system.now());
        system.until("the lane goes on", || system.number("select frontier from lanes") > stood + 1);
        system.until("slots of this moment are pushed and checked", || system.both_check(since, 0));
        assert!(system.number(waiting) >= asking.len() as i64, "they wait to this moment");
        change("commit");
        for each in asking {
            let status = each.join().unwrap();
            assert!((200..300).contains(&status), "{status}");
        }
    });
    assert_eq!(system.number("select count(*) from monitors"), 24);
    system.audit().expect_no("missed");
}
