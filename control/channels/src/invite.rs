//! Mails to people who have not agreed to any yet. They say who asks and nothing else that a tenant wrote: no name in them
//! can be read as a link.

use super::{Mail, text::html};

/// The longest name of an organisation in such a mail.
const MAX_NAME: usize = 40;

/// Asks the reader of `address` whether `organisation` may mail them; `id` is a new one each time.
pub fn confirmation(address: &str, organisation: &str, link: &str, id: &str) -> Mail {
    let name = harmless(organisation);
    let lines = [
        format!("Somebody at {name} wants alerts about its websites to be sent to {address}."),
        "If you want them, open this page and confirm. It works once, within three days:".to_owned(),
        "If not, do nothing: you will get no alerts.".to_owned(),
    ];
    notification(address, "Confirm your address for alerts", &lines, link, id)
}

/// Asks whoever signed up with `address` to finish.
pub fn sign_up(address: &str, link: &str, id: &str) -> Mail {
    let lines = [
        "Somebody signed up here with this address.".to_owned(),
        "If it was you, open this page to finish. It works once, within a day:".to_owned(),
        "If not, do nothing: there will be no account.".to_owned(),
    ];
    notification(address, "Finish your sign-up", &lines, link, id)
}

/// Tells whoever has an account that somebody tried to make another one.
pub fn has_account(address: &str, link: &str, id: &str) -> Mail {
    let lines = [
        "Somebody signed up here with this address, which has an account already.".to_owned(),
        "If it was you, sign in instead:".to_owned(),
        "If not, do nothing: your account is as it was.".to_owned(),
    ];
    notification(address, "You have an account already", &lines, link, id)
}

fn notification(address: &str, subject: &str, [what, how, otherwise]: &[String; 3], link: &str, id: &str) -> Mail {
    let part = |text: &str| format!("<p>{}</p>\n", html(text));
    Mail {
        to: vec![address.to_owned()],
        owners: false,
        subject: subject.to_owned(),
        text: format!("{what}\n\n{how}\n\n{link}\n\n{otherwise}\n"),
        html: format!(
            "<!doctype html>\n<html><body style=\"font:15px/1.5 sans-serif\">\n{}{}<p><a href=\"{link}\">{link}</a></p>\n{}</body></html>\n",
            part(what),
            part(how),
            part(otherwise),
            link = html(link),
        ),
        id: format!("invite.{id}"),
        thread: None,
    }
}

/// Letters, digits and blanks alone, so that nothing in it is a link or a sentence of its own.
fn harmless(name: &str) -> String {
    let kept: String = name.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-')).take(MAX_NAME).collect();
    if kept.trim().is_empty() { "an organisation".to_owned() } else { kept.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_link() {
        assert_eq!(harmless("Acme-Shop ü 7"), "Acme-Shop ü 7");
        assert_eq!(harmless("WIN! https://evil.example/x?y <b>"), "WIN httpsevilexamplexy b");
        assert_eq!(harmless("…!"), "an organisation");
        assert_eq!(harmless(&"x".repeat(99)).len(), 40);
        let mail = confirmation("a@b.example", "<Evil> http://x.example", "http://up.example/t", "7");
        assert!(!mail.text.contains("x.example") && !mail.html.contains("<Evil>"), "{}", mail.html);
        assert_eq!(mail.subject, "Confirm your address for alerts");
    }
}
