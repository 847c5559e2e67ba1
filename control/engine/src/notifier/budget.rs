//! How much may be sent to whom at once, and how fast: on this replica, by its own clock. Pure: the time is passed in.
//!
//! It is asked before anything is claimed, so that what has to wait is in nobody's hands meanwhile.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use channels::Kind;
use domain::ids::ChannelId;
use store::outbox::Room;

/// Messages on their way, over all channels.
const ALL: usize = 64;
/// Of these, to channels whose last try failed: those that hang must not take every place.
const TROUBLED: usize = 24;
/// Of these, mails: they all wait for one server, and it may take minutes.
const MAILS: usize = 24;
/// To one channel at once.
pub(super) const EACH: usize = 4;
/// A channel in trouble that nobody needs is forgotten after this.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// How fast a kind of channel is told: so many at once, and so many a minute.
#[derive(Clone, Copy, Debug)]
struct Pace {
    burst: f64,
    per_minute: f64,
}

/// Below what the services themselves allow (Discord 30 a minute for a webhook, Telegram 20 for a group, `PagerDuty`
/// 120 for a service, Slack one a second); a mailbox is for people, a webhook for machines.
fn pace(kind: Kind) -> Pace {
    let (burst, per_minute) = match kind {
        Kind::Webhook => (200.0, 3_000.0),
        Kind::Pagerduty => (60.0, 100.0),
        Kind::Slack | Kind::Ntfy => (30.0, 60.0),
        Kind::Discord => (15.0, 25.0),
        Kind::Telegram => (15.0, 18.0),
        Kind::Email => (20.0, 30.0),
    };
    Pace { burst, per_minute }
}

/// What one channel has used.
#[derive(Debug)]
struct Account {
    kind: Kind,
    pace: Pace,
    tokens: f64,
    filled: Instant,
    in_flight: usize,
    troubled: bool,
    paused_until: Instant,
}

impl Account {
    fn fill(&mut self, now: Instant) {
        let waited = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + waited * self.pace.per_minute / 60.0).min(self.pace.burst);
        self.filled = now;
    }

    fn places(&self, now: Instant) -> usize {
        let most = if self.troubled { 1 } else { EACH };
        if now < self.paused_until { 0 } else { most.saturating_sub(self.in_flight).min(self.tokens.max(0.0) as usize) }
    }

    /// Whether a new account would be the same.
    fn is_fresh(&self, now: Instant) -> bool {
        let quiet = self.in_flight == 0 && now >= self.paused_until;
        let forgotten = !self.troubled || now.saturating_duration_since(self.paused_until) > FORGOTTEN;
        quiet && forgotten && self.tokens >= self.pace.burst
    }
}

/// What is on its way, and to whom.
#[derive(Debug, Default)]
pub(super) struct Budget {
    channels: HashMap<ChannelId, Account>,
}

impl Budget {
    /// How many messages more may be on their way.
    pub(super) fn places(&self) -> usize {
        ALL.saturating_sub(self.channels.values().map(|account| account.in_flight).sum())
    }

    /// How many mails more may be.
    pub(super) fn mails(&self) -> usize {
        let mailed = self.channels.values().filter(|account| account.kind == Kind::Email);
        MAILS.saturating_sub(mailed.map(|account| account.in_flight).sum())
    }

    /// The room of every channel that was told something lately; all others have [`EACH`].
    pub(super) fn rooms(&mut self, now: Instant) -> Vec<Room> {
        self.channels.values_mut().for_each(|account| account.fill(now));
        self.channels.retain(|_, account| !account.is_fresh(now));
        let troubled = self.channels.values().filter(|account| account.troubled);
        let crowded = troubled.map(|account| account.in_flight).sum::<usize>() >= TROUBLED;
        let places = |account: &Account| if account.troubled && crowded { 0 } else { account.places(now) };
        self.channels.iter().map(|(channel, account)| Room { channel: *channel, places: places(account) }).collect()
    }

    /// A message to this channel is on its way.
    pub(super) fn began(&mut self, channel: ChannelId, kind: Kind, now: Instant) {
        let pace = pace(kind);
        let new =
            Account { kind, pace, tokens: pace.burst, filled: now, in_flight: 0, troubled: false, paused_until: now };
        let account = self.channels.entry(channel).or_insert(new);
        account.in_flight += 1;
        account.tokens -= 1.0;
    }

    /// A message to this channel arrived or did not; `pause` is how long the receiver asks to be left alone.
    pub(super) fn ended(&mut self, channel: ChannelId, ok: bool, pause: Option<Duration>, now: Instant) {
        let Some(account) = self.channels.get_mut(&channel) else { return };
        account.in_flight = account.in_flight.saturating_sub(1);
        account.troubled = !ok;
        account.paused_until = now + pause.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(budget: &mut Budget, channel: ChannelId, now: Instant) -> usize {
        let rooms = budget.rooms(now);
        rooms.iter().find(|room| room.channel == channel).map_or(EACH, |room| room.places)
    }

    #[test]
    fn a_channel_has_four_at_once_and_its_pace() {
        let (mut budget, channel, start) = (Budget::default(), ChannelId::new(), Instant::now());
        for sent in 0..30 {
            assert!(room(&mut budget, channel, start) > 0, "{sent}");
            budget.began(channel, Kind::Slack, start);
            budget.ended(channel, true, None, start);
        }
        assert_eq!(room(&mut budget, channel, start), 0, "its burst is used up");
        assert_eq!(room(&mut budget, channel, start + Duration::from_secs(2)), 2, "one a second");
        let later = start + Duration::from_mins(1);
        assert_eq!(room(&mut budget, channel, later), 4);
        for _ in 0..3 {
            budget.began(channel, Kind::Slack, later);
        }
        assert_eq!(room(&mut budget, channel, later), 1);
        assert_eq!(budget.places(), ALL - 3);
    }

    #[test]
    fn who_asks_for_a_pause_or_fails_is_left_more_alone() {
        let (mut budget, channel, now) = (Budget::default(), ChannelId::new(), Instant::now());
        budget.began(channel, Kind::Webhook, now);
        budget.ended(channel, false, None, now);
        assert_eq!(room(&mut budget, channel, now), 1);
        budget.began(channel, Kind::Webhook, now);
        budget.ended(channel, false, Some(Duration::from_secs(9)), now);
        assert_eq!(room(&mut budget, channel, now + Duration::from_secs(8)), 0);
        assert_eq!(room(&mut budget, channel, now + Duration::from_secs(9)), 1);
        budget.began(channel, Kind::Webhook, now);
        budget.ended(channel, true, None, now);
        assert_eq!(room(&mut budget, channel, now), 4);
    }

    #[test]
    fn those_in_trouble_leave_places_to_others() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        let channels: Vec<_> = (0..ALL).map(|_| ChannelId::new()).collect();
        for channel in &channels {
            budget.began(*channel, Kind::Webhook, now);
            budget.ended(*channel, false, None, now);
        }
        for channel in &channels[..TROUBLED] {
            assert_eq!(room(&mut budget, *channel, now), 1);
            budget.began(*channel, Kind::Webhook, now);
        }
        assert_eq!(room(&mut budget, channels[TROUBLED], now), 0);
        assert_eq!(budget.places(), ALL - TROUBLED);
    }

    #[test]
    fn a_mail_server_that_hangs_leaves_places_to_others() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        for _ in 0..MAILS {
            budget.began(ChannelId::new(), Kind::Email, now);
        }
        budget.began(ChannelId::new(), Kind::Slack, now);
        assert_eq!((budget.mails(), budget.places()), (0, ALL - MAILS - 1));
    }

    #[test]
    fn who_is_quiet_is_forgotten() {
        let (mut budget, channel, now) = (Budget::default(), ChannelId::new(), Instant::now());
        budget.began(channel, Kind::Email, now);
        budget.ended(channel, true, None, now);
        assert_eq!(budget.rooms(now).len(), 1);
        assert_eq!(budget.rooms(now + Duration::from_secs(2)).len(), 0);
        budget.began(channel, Kind::Email, now);
        budget.ended(channel, false, None, now);
        assert_eq!(budget.rooms(now + FORGOTTEN).len(), 1);
        assert_eq!(budget.rooms(now + FORGOTTEN * 2).len(), 0);
    }
}
