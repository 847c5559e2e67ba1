//! A chunk of jobs on its way to the streams: due monitors, and for each the entries its regions need.

use domain::{
    schedule::{RegionRow, owing},
    time::{Seconds, Slot},
};
use store::schedule::DueMonitor;
use wire::{Cursor, Entry, Target};

/// Entries a chunk holds before it is pushed: a longer `EXEC` would hold up other clients of Redis.
const FULL: usize = 500;

/// Due monitors that are pushed together.
pub(super) struct Chunk<'a> {
    late_after: Seconds,
    regions: &'a [RegionRow],
    due: Vec<(Slot, DueMonitor)>,
    entries: usize,
}

impl<'a> Chunk<'a> {
    /// A chunk of jobs that are not started any more `late_after` their slot.
    pub(super) fn new(late_after: Seconds, regions: &'a [RegionRow]) -> Self {
        Self { late_after, regions, due: Vec::with_capacity(FULL), entries: 0 }
    }

    pub(super) fn add(&mut self, slot: Slot, monitor: DueMonitor) {
        self.entries += self.targets(slot, &monitor).count();
        self.due.push((slot, monitor));
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries >= FULL
    }

    /// The cursor behind the last monitor.
    pub(super) fn end(&self) -> Cursor {
        self.due
            .last()
            .map_or(Cursor::start_of(0), |(slot, monitor)| Cursor { slot: slot.0, last: monitor.key.0.into() })
    }

    pub(super) fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries = Vec::with_capacity(self.entries);
        for (slot, monitor) in &self.due {
            entries.extend(self.targets(*slot, monitor).map(|target| self.entry(*slot, monitor, target)));
        }
        entries
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.due.iter().map(|(slot, _)| *slot)
    }

    /// A monitor of all regions has one entry for them all, and one for each region that is kept off the shared
    /// stream; a monitor with chosen regions has one for each.
    fn targets<'m>(&self, slot: Slot, monitor: &'m DueMonitor) -> impl Iterator<Item = Target<'a>> + use<'a, 'm> {
        let chosen = monitor.regions.as_deref();
        let shared = chosen.is_none().then_some(Target::All);
        let alone = owing(self.regions, chosen, slot.0).filter(move |row| chosen.is_some() || row.isolated);
        shared.into_iter().chain(alone.map(|row| Target::Region(&row.region)))
    }

    fn entry<'b>(&self, slot: Slot, monitor: &'b DueMonitor, target: Target<'b>) -> Entry<'b> {
        Entry {
            target,
            id: monitor.id,
            url: &monitor.url,
            slot: slot.0,
            until: (slot + self.late_after.min(Seconds(monitor.interval.into()))).0,
            attempt: 0,
            spec: monitor.spec.as_deref(),
            rev: monitor.rev,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::keys::{MonitorKey, RegionKey};
    use uuid::Uuid;
    use wire::MonitorId;

    use super::*;

    fn region(key: i16, name: &str, isolated: bool) -> RegionRow {
        let region = name.parse().unwrap();
        RegionRow { key: RegionKey(key), region, from_slot: 100, to_slot: 200, isolated, odd: None }
    }

    fn monitor(interval: i32, regions: Option<Vec<i16>>) -> DueMonitor {
        let id = MonitorId(Uuid::nil());
        DueMonitor { key: MonitorKey(9), id, url: "http://a.example/".into(), spec: None, interval, regions, rev: 0 }
    }

    /// The streams a monitor's job goes to at a slot, and its `until`.
    fn goes_to(slot: i64, monitor: DueMonitor) -> (Vec<String>, Option<i64>) {
        let regions = [region(1, "eu", false), region(2, "us", false), region(3, "cn", true)];
        let mut chunk = Chunk::new(Seconds(60), &regions);
        chunk.add(Slot(slot), monitor);
        let entries = chunk.entries();
        assert_eq!(entries.len(), chunk.entries);
        let names = entries.iter().map(|entry| match entry.target {
            Target::All => "all".to_owned(),
            Target::Region(region) => region.to_string(),
        });
        (names.collect(), entries.first().map(|entry| entry.until))
    }

    #[test]
    fn one_entry_for_all_and_one_for_each_that_stands_apart() {
        assert_eq!(goes_to(150, monitor(10, None)), (vec!["all".into(), "cn".into()], Some(160)));
        assert_eq!(goes_to(250, monitor(300, None)), (vec!["all".into()], Some(310)));
        assert_eq!(goes_to(150, monitor(300, Some(vec![2, 3]))), (vec!["us".into(), "cn".into()], Some(210)));
        assert_eq!(goes_to(250, monitor(300, Some(vec![2]))), (vec![], None));
    }
}
