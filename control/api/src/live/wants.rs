//! What one listener wants to hear. Pure: a notice comes in, what is to be said of it comes out.

use std::{borrow::Cow, collections::HashSet, str::FromStr};

use channels::live::{BEAT, RESYNC, TRIED};
use domain::ids::OrgId;
use serde_json::Value;
use wire::{LiveNotice, MonitorId};

/// Monitors a listener may name; whoever wants more takes all.
const NAMED: usize = 200;

/// All monitors, or these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Monitors {
    /// `all`.
    #[default]
    All,
    /// `id,id`.
    Named(HashSet<MonitorId>),
}

impl FromStr for Monitors {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let id = |text: &str| {
            text.parse().map_err(|_| format!("`{text}` is no monitor's id: use `all` or ids, with commas between"))
        };
        let named: HashSet<MonitorId> = text.split(',').map(id).collect::<Result<_, _>>()?;
        if named.len() > NAMED {
            return Err(format!("at most {NAMED} ids; for more, use `all`"));
        }
        Ok(Self::Named(named))
    }
}

impl Monitors {
    fn has(&self, monitor: &Value) -> bool {
        match self {
            Self::All => true,
            Self::Named(named) => monitor.as_str().and_then(|id| id.parse().ok()).is_some_and(|id| named.contains(&id)),
        }
    }
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Changes: of statuses, monitors, incidents and regions.
    pub status: bool,
    /// Single checks.
    pub beat: bool,
}

impl Default for Levels {
    fn default() -> Self {
        Self { status: true, beat: true }
    }
}

impl FromStr for Levels {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut levels = Self { status: false, beat: false };
        for word in text.split(',') {
            match word {
                "status" => levels.status = true,
                "beat" => levels.beat = true,
                other => return Err(format!("`{other}` is none of status, beat")),
            }
        }
        Ok(levels)
    }
}

/// Whose events, and which.
#[derive(Clone, Debug)]
pub struct Wants {
    /// Nobody hears of others' monitors.
    pub organisation: OrgId,
    /// Whose events a listener wants; what concerns no monitor is for all.
    pub monitors: Monitors,
    /// How much of them.
    pub levels: Levels,
}

impl Wants {
    /// The data of `notice` for this listener; nothing where it is not for them.
    pub fn pick<'n>(&self, notice: &'n LiveNotice) -> Option<Cow<'n, str>> {
        let ours = notice.organisation.is_none_or(|whose| whose == self.organisation.0);
        let level = match notice.event.as_str() {
            RESYNC => true,
            // Whoever waits for one listens elsewhere; a probe that lies must not find other ears.
            TRIED => false,
            BEAT => self.levels.beat,
            _ => self.levels.status,
        };
        if !ours || !level {
            return None;
        }
        if self.monitors == Monitors::All || notice.event == RESYNC {
            return Some(Cow::Borrowed(&notice.data));
        }
        let data: Value = serde_json::from_str(&notice.data).ok()?;
        if notice.event == BEAT {
            return self.beats(data).map(Cow::Owned);
        }
        let concerns = data.get("monitor").filter(|monitor| !monitor.is_null());
        concerns.is_none_or(|monitor| self.monitors.has(monitor)).then_some(Cow::Borrowed(&notice.data))
    }

    fn beats(&self, mut data: Value) -> Option<String> {
        let beats = data.get_mut("beats")?.as_array_mut()?;
        beats.retain(|beat| beat.get("monitor").is_some_and(|monitor| self.monitors.has(monitor)));
        if beats.is_empty() { None } else { Some(data.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn monitor(number: u128) -> MonitorId {
        MonitorId(Uuid::from_u128(number))
    }

    fn wants(monitors: &str, levels: &str) -> Wants {
        let organisation = OrgId(Uuid::from_u128(1));
        Wants { organisation, monitors: monitors.parse().unwrap(), levels: levels.parse().unwrap() }
    }

    fn notice(organisation: Option<u128>, event: &str, data: &Value) -> LiveNotice {
        LiveNotice { organisation: organisation.map(Uuid::from_u128), event: event.to_owned(), data: data.to_string() }
    }

    #[test]
    fn nobody_hears_of_others() {
        let status = json!({"monitor": monitor(7)});
        let all = wants("all", "status,beat");
        assert!(all.pick(&notice(Some(1), "status", &status)).is_some());
        assert!(all.pick(&notice(None, "status", &status)).is_some());
        assert!(all.pick(&notice(Some(2), "status", &status)).is_none());
        assert!(all.pick(&notice(Some(2), "resync", &json!({}))).is_none());
        assert!(all.pick(&notice(Some(1), "tried", &json!({}))).is_none());
    }

    #[test]
    fn levels_and_monitors_narrow_it() {
        let ids = format!("{},{}", monitor(7), monitor(8));
        let (few, quiet, checks) = (wants(&ids, "status,beat"), wants("all", "status"), wants("all", "beat"));
        let beats = json!({"beats": [{"monitor": monitor(7), "ms": 1}, {"monitor": monitor(9), "ms": 2}]});
        let beats = notice(Some(1), "beat", &beats);
        assert_eq!(few.pick(&beats).unwrap(), json!({"beats": [{"monitor": monitor(7), "ms": 1}]}).to_string());
        assert!(quiet.pick(&beats).is_none() && checks.pick(&beats).is_some());
        let other = notice(Some(1), "beat", &json!({"beats": [{"monitor": monitor(9)}]}));
        assert!(few.pick(&other).is_none());
        let status = |number| notice(Some(1), "status", &json!({"monitor": monitor(number)}));
        assert!(few.pick(&status(8)).is_some() && few.pick(&status(9)).is_none());
        assert!(checks.pick(&status(8)).is_none() && quiet.pick(&status(8)).is_some());
        let region = notice(Some(1), "incident.opened", &json!({"incident": "x", "monitor": null}));
        assert!(few.pick(&region).is_some());
        for all in [&few, &quiet, &checks] {
            assert!(all.pick(&notice(None, "resync", &json!({}))).is_some());
        }
        assert!(few.pick(&LiveNotice { data: "nonsense".to_owned(), ..status(8) }).is_none());
    }

    #[test]
    fn words() {
        assert_eq!("all".parse(), Ok(Monitors::All));
        assert!("x".parse::<Monitors>().unwrap_err().contains("`x` is no monitor's id"));
        let many: Vec<_> = (0..201).map(|number| monitor(number).to_string()).collect();
        assert!(many.join(",").parse::<Monitors>().unwrap_err().contains("at most 200"));
        assert!("status,loud".parse::<Levels>().unwrap_err().contains("`loud`"));
    }
}
