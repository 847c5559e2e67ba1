//! Where alerts go: one file per kind of channel, each with its settings and a pure `render` from a notification to a request.
//!
//! A new kind is one file with a [`Form`], and its line in [`kinds!`]. Nothing here knows rows, incidents' rules or when
//! something is sent; only [`sender`] and what is below it touch the network.

use std::{fmt, str::FromStr};

use domain::{
    fields::{self, Problem},
    message::Notification,
};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

mod answer;
mod body;
mod channel;
mod discord;
mod email;
mod hidden;
pub mod invite;
pub mod live;
mod mail;
mod ntfy;
mod outbound;
mod pagerduty;
mod read;
mod seal;
pub mod sender;
mod sent;
mod slack;
mod telegram;
mod text;
pub mod tried;
mod webhook;

#[cfg(test)]
mod tests;

use answer::{Answer, Meaning};

pub use body::{Body, ChannelBody};
pub use channel::Channel;
pub use domain::channel::Readers;
pub use hidden::Hidden;
pub use seal::{Unsealed, Vault};
pub use sender::Sender;
pub use sent::Sent;
pub use text::html;
pub use webhook::{Webhook, fresh_secret};

/// What a kind of channel is: its settings, as a body has them and as they are stored, and how a notification looks there.
trait Form: fields::Body + Serialize {
    /// Settings nobody is shown.
    const SECRETS: &'static [&'static str];
    /// Whether many messages may go as one.
    const DIGESTS: bool = true;

    /// What is wrong with settings whose fields are right one by one, and those that no body may have.
    fn judge(&self) -> Result<(), Problem> {
        Ok(())
    }

    /// The settings as a body has them, secrets included.
    fn body(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Takes over what no body holds from the settings it replaces.
    fn succeed(self, _old: Self) -> Self {
        self
    }

    /// The setting that says whose server is sent the secrets, and the vendor's own server, which it is where none is named.
    const SERVER: Option<(&'static str, &'static str)> = None;

    /// What is sent.
    fn render(&self, notification: &Notification, links: &Links) -> Draft;

    /// How the receiver says that it has the message, for people.
    const YES: &'static str = "a status of 2xx";

    /// What an answer means. Endpoints that people built themselves have no words of their own: any 2xx is their yes, 410
    /// says that they are gone, and the rest may be mended while we keep trying.
    fn hear(answer: &Answer) -> Meaning {
        answer.means(true, answer.status == StatusCode::GONE)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal $form:ty,)*) => {
        /// A kind of channel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Kind { $($(#[$doc])* $variant,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word, the same in SQL, API and metrics.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Names of the settings nobody is shown.
            pub fn secrets(self) -> &'static [&'static str] {
                match self { $(Self::$variant => <$form>::SECRETS,)* }
            }

            /// The setting that says who is sent the secrets; none where they stay here or say it themselves.
            pub fn destination(self) -> Option<&'static str> {
                match self { $(Self::$variant => <$form>::SERVER.map(|(name, _)| name),)* }
            }
        }

        /// How a channel of each kind is reached: valid by construction.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Settings { $($(#[$doc])* $variant($form),)* }

        impl Settings {
            /// Which kind they are of.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant,)* }
            }

            /// Reads the settings of a body. The error names every bad field.
            fn read(kind: Kind, settings: &Map<String, Value>) -> Result<Self, Vec<Problem>> {
                match kind { $(Kind::$variant => {
                    let mut settings = settings.clone();
                    if let Some((name, official)) = <$form>::SERVER && settings.get(name).is_none_or(Value::is_null) {
                        settings.insert(name.to_owned(), official.into());
                    }
                    let form: $form = fields::read_object(&settings)?;
                    form.judge().map_err(|problem| vec![problem])?;
                    Ok(Self::$variant(form))
                })* }
            }

            /// What a body says, secrets included: it never leaves.
            fn body(&self) -> Value {
                match self { $(Self::$variant(form) => form.body(),)* }
            }

            /// Everything there is to store.
            fn whole(&self) -> Value {
                match self { $(Self::$variant(form) => serde_json::to_value(form).unwrap_or_default(),)* }
            }

            /// Out of what was stored.
            fn from_whole(kind: Kind, whole: Value) -> Result<Self, serde_json::Error> {
                match kind { $(Kind::$variant => serde_json::from_value(whole).map(Self::$variant),)* }
            }

            /// Takes over what no body holds from the settings these replace.
            fn succeed(self, old: Self) -> Self {
                match (self, old) {
                    $((Self::$variant(new), Self::$variant(old)) => Self::$variant(new.succeed(old)),)*
                    (new, _) => new,
                }
            }
        }

        /// What is sent to a channel with these settings to tell it `notification`.
        pub fn render(settings: &Settings, notification: &Notification, links: &Links) -> Draft {
            match settings { $(Settings::$variant(form) => form.render(notification, links),)* }
        }

        /// What an answer of a receiver of this kind means.
        fn hear(kind: Kind, answer: &Answer) -> Meaning {
            match kind { $(Kind::$variant => <$form>::hear(answer),)* }
        }

        /// How a receiver of this kind says that it has a message.
        fn yes(kind: Kind) -> &'static str {
            match kind { $(Kind::$variant => <$form>::YES,)* }
        }

        /// Whether channels of this kind take many messages as one. What pairs openings with resolves by itself does not.
        pub fn digests(kind: Kind) -> bool {
            match kind { $(Kind::$variant => <$form>::DIGESTS,)* }
        }
    };
}

kinds! {
    /// A signed JSON request to any server.
    Webhook = "webhook" webhook::Webhook,
    /// A mail.
    Email = "email" email::Email,
    /// Slack, or what takes the same requests.
    Slack = "slack" slack::Slack,
    /// Discord.
    Discord = "discord" discord::Discord,
    /// A Telegram bot.
    Telegram = "telegram" telegram::Telegram,
    /// `PagerDuty`'s Events API v2, or what takes the same requests.
    Pagerduty = "pagerduty" pagerduty::Pagerduty,
    /// ntfy.
    Ntfy = "ntfy" ntfy::Ntfy,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Kind {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        domain::schema::one_of(Self::ALL.iter().map(|kind| kind.as_str()), "What a channel speaks.")
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Kind {
    fn name() -> std::borrow::Cow<'static, str> {
        "ChannelKind".into()
    }
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|kind| kind.as_str() == s).copied();
        let list = || Self::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        known.ok_or_else(|| format!("must be one of {}, not `{s}`", list()))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Settings {
    /// What everybody may see, and what is sealed before it is stored (none where there is no secret).
    pub fn parts(&self) -> (Value, Option<Value>) {
        let Value::Object(whole) = self.whole() else { return (Value::Object(Map::new()), None) };
        let is_secret = |name: &str| self.kind().secrets().contains(&name);
        let (secrets, shown): (Map<_, _>, Map<_, _>) =
            whole.into_iter().filter(|(_, value)| !value.is_null()).partition(|(name, _)| is_secret(name));
        (Value::Object(shown), (!secrets.is_empty()).then_some(Value::Object(secrets)))
    }

    /// The two parts, together again.
    pub fn join(kind: Kind, shown: Value, secrets: Option<Value>) -> Result<Self, String> {
        let (Value::Object(mut whole), secrets) = (shown, secrets.unwrap_or_default()) else {
            return Err("settings are no object".to_owned());
        };
        if let Value::Object(secrets) = secrets {
            whole.extend(secrets);
        }
        Self::from_whole(kind, Value::Object(whole)).map_err(|why| why.to_string())
    }
}

/// Where links in messages lead.
#[derive(Clone, Debug)]
pub struct Links {
    /// `public_url` of the configuration.
    pub public_url: Url,
}

impl Links {
    /// An incident's page.
    pub fn incident(&self, id: Uuid) -> String {
        format!("{}/incidents/{id}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// Where a notification leads: its incident's page, the list of a digest, the front page of a test.
    pub fn of(&self, notification: &Notification) -> String {
        let base = self.public_url.as_str().trim_end_matches('/');
        match notification {
            Notification::One(message) => self.incident(message.about.id),
            Notification::Digest { .. } => format!("{base}/incidents"),
            Notification::Test { .. } => base.to_owned(),
        }
    }
}

/// Something ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Draft {
    /// A POST.
    Http(Post),
    /// A mail.
    Mail(Mail),
}

/// A POST of JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Whose answers it will get.
    pub kind: Kind,
    /// To where; vendors put their secret into it.
    pub url: Hidden<Url>,
    /// `Authorization`, where one is asked for.
    pub authorization: Option<Hidden<String>>,
    /// JSON.
    pub body: Hidden<String>,
    /// How it is signed at the moment it is sent.
    pub signing: Option<Signing>,
}

/// Standard Webhooks: what the signature of a request is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Signing {
    /// `webhook-id`.
    pub id: String,
    /// Secrets (`whsec_…`), and the unix second each is used to; each makes one signature.
    pub secrets: Vec<(Hidden<String>, Option<i64>)>,
}

/// A mail to each of its readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Addresses, confirmed or not.
    pub to: Vec<String>,
    /// Whether the organisation's owners get it too.
    pub owners: bool,
    /// One line.
    pub subject: String,
    /// For people who read text.
    pub text: String,
    /// The same for those who do not.
    pub html: String,
    /// What is left of the `@` of its Message-ID: the notification's key.
    pub id: String,
    /// What is left of the `@` of the thread's first Message-ID: the incident's.
    pub thread: Option<String>,
}
