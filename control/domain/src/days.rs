//! Uptime day by day, and what incidents cost. Pure: hours and incidents come in, days and periods come out.

use chrono::DateTime;
use serde::Serialize;

use crate::uptime::Counts;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// An availability incident.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    /// Unix seconds.
    pub from: i64,
    /// Unix seconds; now while it is open.
    pub to: i64,
    /// Whether it ever was level `down`.
    pub is_down: bool,
}

/// A period: its checks and its incidents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = UptimeWindow))]
pub struct Period {
    /// Its checks.
    #[serde(flatten)]
    pub counts: Counts,
    /// Availability incidents that began in it.
    pub incidents: i64,
    /// Seconds of incidents that were at level `down`, all of them together.
    pub down_seconds: i64,
}

/// A UTC day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = UptimeDate))]
pub struct Day {
    /// `YYYY-MM-DD`.
    #[cfg_attr(feature = "openapi", schema(format = Date))]
    pub day: String,
    /// What became of it.
    #[serde(flatten)]
    pub period: Period,
}

/// Periods that end now. They begin with an hour, as what is counted does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = UptimeWindows))]
pub struct Windows {
    /// The last 24 hours.
    #[serde(rename = "24h")]
    pub day: Period,
    /// The last 7 days.
    #[serde(rename = "7d")]
    pub week: Period,
    /// The last 30 days.
    #[serde(rename = "30d")]
    pub month: Period,
    /// The last 90 days.
    #[serde(rename = "90d")]
    pub quarter: Period,
    /// The last 365 days.
    #[serde(rename = "1y")]
    pub year: Period,
}

/// Uptime by days and by periods.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UptimeDays {
    /// Oldest first, today last; a day without data has zeros.
    pub days: Vec<Day>,
    /// Periods that end now.
    pub windows: Windows,
}

/// The first second anything can count from that ends at `now`, unix seconds: 366 days, today included.
pub fn earliest(now: i64) -> i64 {
    now - now.rem_euclid(DAY) - 365 * DAY
}

/// The last `days` days up to `now`, unix seconds. An hour's counts come with its first second.
pub fn uptime(hours: &[(i64, Counts)], outages: &[Outage], days: i64, now: i64) -> UptimeDays {
    let today = now - now.rem_euclid(DAY);
    let day = |back: i64| {
        let from = today - back * DAY;
        let date = DateTime::from_timestamp(from, 0).unwrap_or_default();
        let period = period(hours, outages, from, (from + DAY).min(now + 1));
        Day { day: date.format("%Y-%m-%d").to_string(), period }
    };
    let last = |days: i64| {
        let from = now - days * DAY;
        period(hours, outages, from - from.rem_euclid(HOUR), now + 1)
    };
    let windows = Windows { day: last(1), week: last(7), month: last(30), quarter: last(90), year: last(365) };
    UptimeDays { days: (0..days).rev().map(day).collect(), windows }
}

/// From `from` to before `to`. `hours` are in order.
fn period(hours: &[(i64, Counts)], outages: &[Outage], from: i64, to: i64) -> Period {
    let begin = hours.partition_point(|(hour, _)| *hour < from);
    let mut period = Period::default();
    for (_, counts) in hours[begin..].iter().take_while(|(hour, _)| *hour < to) {
        period.counts.good += counts.good;
        period.counts.total += counts.total;
        period.counts.expected += counts.expected;
    }
    for outage in outages {
        period.incidents += i64::from((from..to).contains(&outage.from));
        if outage.is_down {
            period.down_seconds += (outage.to.min(to) - outage.from.max(from)).max(0);
        }
    }
    period
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2023-11-14T22:13:20Z.
    const NOW: i64 = 1_700_000_000;

    #[test]
    fn hours_become_days_and_periods() {
        let today = NOW - NOW % DAY;
        let hour = |at: i64| (at, Counts { good: 9, total: 10, expected: 12 });
        let hours = [hour(today - 40 * DAY), hour(today - HOUR), hour(today), hour(today + HOUR)];
        let uptime = uptime(&hours, &[], 3, NOW);
        let good: Vec<_> = uptime.days.iter().map(|day| (day.day.as_str(), day.period.counts.good)).collect();
        assert_eq!(good, [("2023-11-12", 0), ("2023-11-13", 9), ("2023-11-14", 18)]);
        let Windows { day, week, month, quarter, year } = uptime.windows;
        let expected = [day, week, month, quarter, year].map(|period| period.counts.expected);
        assert_eq!(expected, [36, 36, 36, 48, 48]);
        assert_eq!(earliest(NOW), today - 365 * DAY);
    }

    #[test]
    fn incidents_cost_what_lies_in_the_period() {
        let today = NOW - NOW % DAY;
        let outages = [
            Outage { from: today - 100, to: today + 50, is_down: true },
            Outage { from: today + 10, to: NOW, is_down: false },
            Outage { from: today - 3 * DAY, to: today - 3 * DAY + 7, is_down: true },
        ];
        let uptime = uptime(&[], &outages, 2, NOW);
        let costs: Vec<_> = uptime.days.iter().map(|day| (day.period.incidents, day.period.down_seconds)).collect();
        assert_eq!(costs, [(1, 100), (1, 50)]);
        assert_eq!((uptime.windows.week.incidents, uptime.windows.week.down_seconds), (3, 157));
        let shown = serde_json::to_value(&uptime.days[1]).unwrap();
        assert_eq!(
            (&shown["day"], &shown["good"], &shown["down_seconds"]),
            (&"2023-11-14".into(), &0.into(), &50.into())
        );
    }
}
