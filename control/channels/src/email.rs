//! A mail, in text and HTML, threaded by incident.

use std::str::FromStr;

use domain::{
    fields::{self, Problem, values},
    message::{Message, Notification, Severity},
};
use email_address::EmailAddress;
use serde::{Deserialize, Serialize};

use super::{
    Draft, Form, Links, Mail,
    text::{colour, cut, html},
};

/// The most addresses of one channel, owners aside.
const MAX_TO: usize = 20;
/// A subject longer than this is read by nobody.
const MAX_SUBJECT: usize = 200;

/// Who is mailed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    #[serde(default)]
    owners: bool,
    #[serde(default, deserialize_with = "values::texts_as::<MAX_TO, Address, _, _>")]
    to: Vec<String>,
}

impl fields::Body for Email {
    const REQUIRED: &'static [&'static str] = &[];
}

#[derive(PartialEq)]
struct Address(EmailAddress);

impl FromStr for Address {
    type Err = email_address::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0.email()
    }
}

impl Form for Email {
    const SECRETS: &'static [&'static str] = &[];

    fn judge(&self) -> Result<(), Problem> {
        if self.to.is_empty() && !self.owners {
            return Err(Problem::of("to", "must name somebody, unless `owners` is true"));
        }
        Ok(())
    }

    fn render(&self, notification: &Notification, links: &Links) -> Draft {
        let subject = cut(&notification.subject(), MAX_SUBJECT);
        let link = links.of(notification);
        Draft::Mail(Mail {
            to: self.to.clone(),
            owners: self.owners,
            text: format!("{subject}\n\n{}\n\n{link}\n", notification.lines().join("\n")),
            html: page(notification, &subject, &link),
            subject,
            id: notification.key().replace(':', "."),
            thread: thread(notification),
        })
    }
}

fn thread(notification: &Notification) -> Option<String> {
    match notification {
        Notification::One(message) => Some(format!("incident.{}", message.about.id)),
        Notification::Digest { .. } | Notification::Test { .. } => None,
    }
}

/// Tables and inline styles alone: mail programs know little else.
fn page(notification: &Notification, subject: &str, link: &str) -> String {
    let rows = match notification {
        Notification::One(message) => facts(message),
        Notification::Digest { messages, .. } => messages.iter().map(digest_row).collect(),
        Notification::Test { .. } => {
            let row = |line: &String| format!("<tr><td>{}</td></tr>\n", html(line));
            notification.lines().iter().map(row).collect()
        }
    };
    format!(
        "<!doctype html>\n<html><body style=\"margin:0;padding:24px;font:15px/1.5 sans-serif;color:#1c1f23\">\n\
         <p style=\"margin:0 0 16px;padding-left:12px;border-left:4px solid {colour};font-size:18px;font-weight:bold\">{subject}</p>\n\
         <table style=\"border-collapse:collapse\">\n{rows}</table>\n\
         <p style=\"margin:16px 0 0\"><a href=\"{link}\">Open in UpGuard</a></p>\n</body></html>\n",
        colour = css(notification.severity()),
        subject = html(subject),
        link = html(link),
    )
}

fn facts(message: &Message) -> String {
    let row = |(name, value): (&str, String)| {
        format!(
            "<tr><td style=\"padding:2px 16px 2px 0;color:#6a7178;vertical-align:top\">{name}</td><td>{}</td></tr>\n",
            html(&value)
        )
    };
    message.facts().into_iter().map(row).collect()
}

fn digest_row(message: &Message) -> String {
    let style = format!("padding:2px 0 2px 10px;border-left:4px solid {}", css(message.severity()));
    format!("<tr><td style=\"{style}\">{}</td></tr>\n", html(&message.subject()))
}

fn css(severity: Severity) -> String {
    format!("#{:06x}", colour(severity))
}
