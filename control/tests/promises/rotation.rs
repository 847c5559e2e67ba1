//! Passwords of Redis and PostgreSQL are changed while all runs, by the commands of docs/operations.md: every slot is checked,
//! none is lost, none is stored twice, and the old password is worth nothing afterwards.

use std::{
    fs, mem,
    path::{Path, PathBuf},
};

use serde_json::json;
use testbed::{http::is_ok, service::Service};

use crate::{
    deployment::{Deployment, Plan, users},
    page::{follow, root},
};

const PAGE: &str = "operations.md";
const REGIONS: [&str; 2] = ["eu-west", "us-east"];

/// Two replicas, two regions, and 40 monitors that are checked.
fn running(plan: Plan) -> Deployment {
    let plan = plan.controls(2).probes(&["eu-west/w1", "eu-west/w2", "us-east/w1"]).times("3s", "5s", "8s");
    let system = plan.start();
    let site = system.site("up");
    system.monitors(40, &json!({"url": site.url()}));
    expect_checks(&system);
    system
}

/// Waits until both regions have stored checks of slots that are due from now on.
fn expect_checks(system: &Deployment) {
    let now = system.now();
    system.until("both regions check", || system.both_check(now, 20));
}

/// The replicas, one after the other, with another value of a setting.
fn restart_controls(system: &mut Deployment, name: &str, value: &str) {
    for control in &mut system.controls {
        let service = mem::replace(&mut control.service, Service::new("nobody", PathBuf::new(), Path::new("")));
        control.service = service.env(name, value);
        control.service.stop();
        control.service.start().unwrap();
        let ready = format!("{}/readyz", control.admin);
        control.service.wait_until("it is ready", || is_ok(&ready)).unwrap();
    }
}

/// The probes of a region, likewise.
fn restart_probes(system: &mut Deployment, region: &str, name: &str, value: &str) {
    let ours = format!("{region}/");
    let names: Vec<_> = system.probes.keys().filter(|probe| probe.starts_with(&ours)).cloned().collect();
    for probe in names {
        let mut service = system.probes.remove(&probe).unwrap().env(name, value);
        service.stop();
        service.start().unwrap();
        system.probes.insert(probe, service);
    }
}

/// No slot was missed, and nobody was woken.
fn expect_nothing_happened(system: &Deployment) {
    let audit = system.audit();
    audit.expect_no("missed");
    audit.expect_no("down");
    for region in REGIONS {
        audit.expect_some(&format!("{region} up"));
    }
    assert_eq!(system.number("select count(*) from incidents"), 0);
}

/// All that replicas and probes said.
fn said(system: &Deployment) -> String {
    let logs = fs::read_dir(system.servers().dir.join("logs")).unwrap().flatten();
    logs.map(|log| fs::read_to_string(log.path()).unwrap()).collect()
}

#[test]
fn passwords_of_redis_are_changed_and_no_slot_is_missed() {
    let mut system = running(Plan::default().users());
    for user in ["control", "eu-west", "us-east"] {
        let (old, new) = (format!("{user}-password"), format!("{user}-secret"));
        follow(&system, PAGE, "#### Both hold", &[("eu-west", user), ("NEW", &new)], root());
        let url = users::url(&system.address, user).replace(&old, &new);
        if user == "control" {
            restart_controls(&mut system, "UPGUARD_REDIS__URL", &url);
        } else {
            restart_probes(&mut system, user, "REDIS_URL", &url);
        }
        follow(&system, PAGE, "#### The new one alone", &[("eu-west", user), ("OLD", &old)], root());
        let sign_in = |password: &str| system.servers().redis().cli(&["AUTH", user, password]);
        let refused = sign_in(&old).expect_err("the old password still holds").to_string();
        assert!(refused.contains("WRONGPASS"), "{user}: {refused}");
        assert_eq!(sign_in(&new).unwrap(), "OK", "{user}: the new password does not hold");
        // The test's own try, or it would be taken for one of theirs.
        system.redis(&["ACL", "LOG", "RESET"]);
        expect_checks(&system);
        assert_eq!(system.redis(&["ACL", "LOG"]), "", "somebody is refused");
    }
    expect_nothing_happened(&system);
    assert!(!said(&system).contains("WRONGPASS"), "somebody had the old password in hand");
}

/// From now on the database is `upguard`'s, whose password and whose followers' is asked for.
fn give_to_a_role_with_a_password(system: &Deployment) {
    for sql in [
        "create role upguard login password 'OLD'",
        "alter database upguard owner to upguard",
        "alter schema public owner to upguard",
        "do $$ declare it record; begin
            for it in select c.oid::regclass as name from pg_class c
                      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') loop
                execute format('alter table %s owner to upguard', it.name);
            end loop;
            for it in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'public'::regnamespace loop
                execute format('alter routine %s owner to upguard', it.name);
            end loop;
            for it in select t.oid::regtype as name from pg_type t
                      where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd') loop
                execute format('alter type %s owner to upguard', it.name);
            end loop;
        end $$",
    ] {
        system.sql(sql);
    }
    let file = system.sql("show hba_file");
    let rules = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("host all upguard,+upguard 127.0.0.1/32 scram-sha-256\n{rules}")).unwrap();
    system.sql("select pg_reload_conf()");
}

#[test]
fn the_password_of_postgres_is_changed_and_no_slot_is_missed() {
    let mut system = running(Plan::default());
    give_to_a_role_with_a_password(&system);
    let url = |role: &str, password: &str| {
        system.servers().database_url().replace("//postgres@", &format!("//{role}:{password}@"))
    };
    let (first, changed, second) = (url("upguard", "OLD"), url("upguard", "one-role"), url("upguard_2", "two-roles"));
    let setting = "UPGUARD_POSTGRES__URL";
    restart_controls(&mut system, setting, &first);
    expect_checks(&system);

    // One role: who has a session keeps it.
    follow(&system, PAGE, "#### One role", &[("NEW", "one-role")], root());
    expect_checks(&system);
    restart_controls(&mut system, setting, &changed);
    expect_checks(&system);

    // Two roles: nobody is refused at any time.
    let refused = |system: &Deployment| [0, 1].map(|place| system.metric(place, "upguard_postgres_refused_total"));
    follow(&system, PAGE, "#### The next role", &[("NEW", "two-roles")], root());
    expect_checks(&system);
    assert_eq!(refused(&system), [0.0, 0.0]);
    restart_controls(&mut system, setting, &second);
    follow(&system, PAGE, "#### The role before", &[], root());
    expect_checks(&system);
    assert_eq!(refused(&system), [0.0, 0.0]);
    let strangers = "select string_agg(distinct usename, ' ') from pg_stat_activity
        where datname = 'upguard' and usename like 'upguard%'";
    assert_eq!(system.sql(strangers), "upguard_2");
    let foreign = "select count(*) from pg_class where relnamespace = 'public'::regnamespace
        and relowner <> 'upguard'::regrole";
    assert_eq!(system.number(foreign), 0, "what the next role makes is not the owner's");
    expect_nothing_happened(&system);
}
