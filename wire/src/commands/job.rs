//! One slot on a stream: fields `id`, `url`, `slot`, `until`, `attempt`; `spec` where it is not all defaults, and `rev` where
//! the target was changed since its monitor was made.

use crate::{
    ATTEMPT_REQUEST,
    ids::{EntryId, MonitorId},
    spec::{CheckUrl, Spec},
};

/// A job is not started later than this after its slot, in seconds (earlier, where its monitor's next slot is).
pub const LATE_AFTER: i64 = 60;

/// One check to carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What is checked.
    pub monitor: MonitorId,
    /// Its due moment, unix seconds.
    pub slot: i64,
    /// Not started any more from here on, unix seconds.
    pub until: i64,
    /// 0 scheduled, 1–254 recheck rounds, 255 on request.
    pub attempt: u8,
    /// Which revision of the target it looks at; absent in a bare entry, which names none.
    pub rev: Option<u32>,
    /// What to do, or why this probe cannot: such a job ends as `missed (unsupported)`, so its slot has a row.
    pub work: Result<Work, String>,
}

/// What a job asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The target.
    pub url: CheckUrl,
    /// How.
    pub spec: Spec,
}

/// An entry that names no check at all. It is acknowledged and logged; it has no slot that could have a row.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("stream entry is no job: {0}")]
pub struct MalformedJob(pub String);

/// A stream entry's names and values, in their order: too few to be worth hashing.
pub(crate) struct JobFields(Vec<(Vec<u8>, Vec<u8>)>);

impl<N: Into<Vec<u8>>> FromIterator<(N, Vec<u8>)> for JobFields {
    fn from_iter<T: IntoIterator<Item = (N, Vec<u8>)>>(fields: T) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl JobFields {
    /// Of a name that stands there twice the last value counts.
    fn get(&self, name: &str) -> Option<&[u8]> {
        let found = self.0.iter().rev().find(|(each, _)| each == name.as_bytes());
        found.map(|(_, value)| value.as_slice())
    }
}

impl Job {
    /// Reads a stream entry's fields. A bare `{url, id}` is due at the entry's own time.
    pub(crate) fn from_fields(entry: EntryId, fields: &JobFields) -> Result<Self, MalformedJob> {
        let monitor = required(fields, "id")?.parse().map_err(|_| MalformedJob("`id` is no UUID".to_owned()))?;
        let url = required(fields, "url")?;
        let own_time = (entry.ms / 1000) as i64;
        let given: Option<i64> = number(fields, "slot")?;
        let slot = given.unwrap_or(own_time);
        let until = number(fields, "until")?.unwrap_or(slot.saturating_add(LATE_AFTER));
        let attempt = number(fields, "attempt")?.unwrap_or(ATTEMPT_REQUEST);
        // The first revision is not written out: it is that of most jobs.
        let rev = number(fields, "rev")?.or(given.map(|_| 0));
        let work = work(url, text(fields, "spec")?);
        Ok(Self { monitor, slot, until, attempt, rev, work })
    }
}

fn work(url: &str, spec: Option<&str>) -> Result<Work, String> {
    let url: CheckUrl = url.parse().map_err(|why| format!("url {why}"))?;
    let spec = Spec::from_json(url.kind(), spec).map_err(|why| format!("spec: {why}"))?;
    Ok(Work { url, spec })
}

fn text<'a>(fields: &'a JobFields, name: &str) -> Result<Option<&'a str>, MalformedJob> {
    let text = fields.get(name).map(std::str::from_utf8).transpose();
    text.map_err(|_| MalformedJob(format!("`{name}` is not UTF-8")))
}

fn required<'a>(fields: &'a JobFields, name: &str) -> Result<&'a str, MalformedJob> {
    text(fields, name)?.ok_or_else(|| MalformedJob(format!("`{name}` is missing")))
}

fn number<N: std::str::FromStr>(fields: &JobFields, name: &str) -> Result<Option<N>, MalformedJob> {
    let number = text(fields, name)?.map(str::parse).transpose();
    number.map_err(|_| MalformedJob(format!("`{name}` is no number in range")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Kind;

    const AT: EntryId = EntryId { ms: 1_700_000_000_500, seq: 0 };
    const ID: &str = "7e57d004-2b97-4e7a-b45f-5387367791cd";

    fn job(fields: &[(&str, &str)]) -> Result<Job, MalformedJob> {
        let fields = fields.iter().map(|(k, v)| ((*k).to_owned(), v.as_bytes().to_vec())).collect();
        Job::from_fields(AT, &fields)
    }

    #[test]
    fn a_bare_entry_is_due_at_its_own_time() {
        let job = job(&[("url", "http://127.0.0.1:8080/"), ("id", ID)]).unwrap();
        assert_eq!((job.slot, job.until, job.attempt), (1_700_000_000, 1_700_000_060, 255));
        assert_eq!((job.rev, job.work.unwrap().spec), (None, Spec::usual(Kind::Http)));
    }

    #[test]
    fn a_job_of_the_schedule_names_its_revision() {
        let of = |more: &[(&str, &str)]| {
            let fields = [&[("url", "http://a.example/"), ("id", ID), ("slot", "60")][..], more].concat();
            job(&fields).map(|job| job.rev)
        };
        assert_eq!((of(&[]), of(&[("rev", "7")])), (Ok(Some(0)), Ok(Some(7))));
        assert!(of(&[("rev", "-1")]).is_err());
    }

    #[test]
    fn what_the_probe_cannot_do_keeps_its_slot() {
        let spec = r#"{"kind":"quantum"}"#;
        let job = job(&[("url", "http://a.example/"), ("id", ID), ("slot", "60"), ("attempt", "0"), ("spec", spec)]);
        let job = job.unwrap();
        assert_eq!((job.slot, job.until, job.attempt), (60, 120, 0));
        assert!(job.work.unwrap_err().contains("quantum"));
        let unknown = super::work("http://a.example/", Some(r#"{"later":1}"#)).unwrap_err();
        assert!(unknown.contains("later"), "{unknown}");
    }

    #[test]
    fn malformed() {
        assert!(job(&[("url", "http://a.example/")]).is_err());
        assert!(job(&[("id", ID)]).is_err());
        assert!(job(&[("id", "x"), ("url", "http://a.example/")]).is_err());
        assert!(job(&[("id", ID), ("url", "http://a.example/"), ("slot", "soon")]).is_err());
        assert!(job(&[("id", ID), ("url", "http://a.example/"), ("attempt", "256")]).is_err());
    }
}
