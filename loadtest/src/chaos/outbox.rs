//! What control's own outbox says it told, beside what was heard. Nothing that was marked as told may be unheard, and
//! nothing given up: the receiver was always there.

use std::collections::HashSet;

use anyhow::{Context, Result};

use testbed::{judge::Judgement, receiver::Told};

/// How many messages are still to be told; `ask` runs SQL.
pub(super) fn waiting(ask: impl Fn(&str) -> Result<String>) -> Result<usize> {
    let count = ask("select count(*) from outbox where state = 'pending'")?;
    count.parse().with_context(|| format!("`{count}` is no count of messages"))
}

/// Counts as missed what was marked as told and never heard, and what was not told for good.
pub(super) fn compare(ask: impl Fn(&str) -> Result<String>, told: &[Told], alerts: &mut Judgement) -> Result<()> {
    let heard: HashSet<&str> = told.iter().map(|told| told.key.as_str()).collect();
    let marked = ask("select incident || ':' || change || ':' || channel from outbox
                      where state = 'sent' and incident is not null order by key")?;
    for key in marked.lines().filter(|key| !heard.contains(key)) {
        alerts.missed += 1;
        alerts.say(format!("message {key} was marked as sent and never received"));
    }
    let left = ask("select state || ' ' || incident || ':' || change || ':' || channel from outbox
                    where state in ('pending', 'dead') and incident is not null order by key")?;
    for message in left.lines() {
        alerts.missed += 1;
        alerts.say(format!("a message is still {message}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use testbed::schema::Schema;

    use super::*;

    const OUTBOX: &str = "
        insert into organisations (id, name) values (gen_random_uuid(), 'x');
        insert into channels (id, organisation, kind, name, settings)
            select '00000000-0000-0000-0000-00000000000c', id, 'webhook', 'c', '{}' from organisations;
        insert into lanes (lane, frontier, closed, summarised) values (0, 0, 0, 0);
        insert into monitors (id, organisation, lane, name, url, interval, phase)
            select gen_random_uuid(), id, 0, 'm', 'http://a.example/', 10, 0 from organisations;
        insert into incidents (id, organisation, kind, monitor, level, worst, opened_at)
            select '00000000-0000-0000-0000-00000000000a', id, 'availability', 1, 'down', 'down', 100 from organisations;
        insert into outbox (incident, change, channel, what, state)
            select '00000000-0000-0000-0000-00000000000a', n, '00000000-0000-0000-0000-00000000000c', 'opened', state
            from (values (1, 'sent'::delivery_state), (2, 'sent'), (3, 'merged'), (4, 'dead'), (5, 'pending')) v (n, state)";

    #[test]
    fn what_is_marked_as_told_must_have_been_heard() {
        let schema = Schema::new().unwrap();
        let ask = |sql: &str| schema.ask(sql);
        ask(OUTBOX).unwrap();
        let key = "00000000-0000-0000-0000-00000000000a:1:00000000-0000-0000-0000-00000000000c";
        let mut alerts = Judgement::default();
        compare(ask, &[Told { key: key.to_owned(), ..Told::default() }], &mut alerts).unwrap();
        assert_eq!((waiting(ask).unwrap(), alerts.missed), (1, 3), "{:?}", alerts.samples);
    }
}
