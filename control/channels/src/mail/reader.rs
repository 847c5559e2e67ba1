//! One mail to one reader, and what the server's replies mean for all of them.

use std::error::Error as _;

use lettre::{
    Address,
    transport::smtp::{
        Error,
        client::AsyncSmtpConnection,
        commands::{Data, Mail as From, Rcpt, Rset},
        extension::{Extension, MailParameter},
        response::Response,
    },
};

use crate::sent::Sent;

/// Enhanced codes (RFC 3463, RFC 7505) of an address that is none. Any other 5xx may be the server's trouble with us, such as 530
/// before a sign-in, and is mended while we keep trying.
const NO_MAILBOX: [&str; 4] = ["5.1.1", "5.1.3", "5.1.6", "5.1.10"];

/// The code and the words a mail was taken with.
pub(super) type Taken = (u16, String);

/// Why a reader has not got it.
#[derive(Debug)]
pub(super) struct Refusal {
    status: Option<u16>,
    why: String,
    is_final: bool,
}

impl Refusal {
    /// No reply; trying again may help.
    pub(super) fn passing(why: impl Into<String>) -> Self {
        Self { status: None, why: why.into(), is_final: false }
    }

    /// The server's reply to the reader's name.
    fn of_reader(why: &Error) -> Self {
        let is_no_mailbox = why.source().is_some_and(|text| {
            text.to_string().split_whitespace().next().is_some_and(|code| NO_MAILBOX.contains(&code))
        });
        Self { is_final: why.is_permanent() && is_no_mailbox, ..why.into() }
    }
}

impl std::convert::From<&Error> for Refusal {
    fn from(why: &Error) -> Self {
        Self { status: why.status().map(u16::from), ..Self::passing(why.to_string()) }
    }
}

/// One transaction (RFC 5321, section 3.3); after one that was refused, the next begins anew. The server's last words on success.
pub(super) async fn deliver(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    reader: &Address,
    message: &[u8],
) -> Result<Taken, Refusal> {
    if let Err(refusal) = envelope(connection, from, reader).await {
        let _ = connection.command(Rset).await;
        return Err(refusal);
    }
    let reply = connection.message(message).await.map_err(|why| Refusal::from(&why))?;
    Ok((reply.code().into(), words(&reply)))
}

async fn envelope(connection: &mut AsyncSmtpConnection, from: &Address, reader: &Address) -> Result<(), Refusal> {
    let refused = |why: Error| Refusal::from(&why);
    let mut parameters = Vec::new();
    if [from, reader].iter().any(|address| !address.to_string().is_ascii()) {
        // What stands before the `@` has no other way to be written (RFC 6531).
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(Refusal::passing("the mail server does not offer SMTPUTF8, which this address needs"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    connection.command(From::new(Some(from.clone()), parameters)).await.map_err(refused)?;
    connection.command(Rcpt::new(reader.clone(), Vec::new())).await.map_err(|why| Refusal::of_reader(&why))?;
    connection.command(Data).await.map_err(refused).map(drop)
}

fn words(reply: &Response) -> String {
    reply.message().collect::<Vec<_>>().join(" ")
}

/// What came of all of them.
pub(super) fn outcome(tried: &[(Address, Result<Taken, Refusal>)]) -> Option<Sent> {
    let refusals: Vec<_> = tried.iter().filter_map(|(reader, said)| Some((reader, said.as_ref().err()?))).collect();
    if let Some((code, words)) = tried.iter().find_map(|(_, said)| said.as_ref().ok()) {
        let refused: Vec<_> = refusals.iter().map(|(reader, refusal)| format!("{reader}: {}", refusal.why)).collect();
        let report = if refused.is_empty() { words.clone() } else { format!("{words}; not to {}", refused.join(", ")) };
        return Some(Sent::accepted(*code, report));
    }
    // As long as one of them may be accepted later, all are tried again.
    let worst = refusals.iter().find(|(_, refusal)| !refusal.is_final).or(refusals.first());
    worst.map(|(_, Refusal { status, why, is_final })| match status {
        Some(status) => Sent::refused(*status, *is_final, why.clone()),
        None => Sent::failed(why.clone()),
    })
}
