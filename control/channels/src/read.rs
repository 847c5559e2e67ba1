//! What settings of several kinds are made of.

use std::str::FromStr;

use url::Url;

use super::Hidden;

/// The longest URL of a receiver.
const MAX_URL: usize = 2_048;

/// Where a request can be sent: http or https, a host, no user or password (they would be shown), no fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target(pub(super) Url);

impl FromStr for Target {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let url: Url = s.trim().parse().map_err(wire::no_url)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err("must begin with https:// (or http://) and a host".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not carry a user or password".to_owned());
        }
        if url.fragment().is_some() {
            return Err("must not have a fragment (`#…`): it is never sent".to_owned());
        }
        if url.as_str().len() > MAX_URL {
            return Err(format!("is longer than {MAX_URL} bytes"));
        }
        Ok(Self(url))
    }
}

impl From<Target> for Url {
    fn from(target: Target) -> Self {
        target.0
    }
}

impl From<Target> for Hidden<Url> {
    fn from(target: Target) -> Self {
        target.0.into()
    }
}

/// The root of a server: a [`Target`] without query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server(pub(super) Url);

impl FromStr for Server {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let Target(mut url) = s.parse()?;
        if url.query().is_some() {
            return Err("must not have a query (`?…`)".to_owned());
        }
        // So that paths are appended, not put in the last one's place.
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self(url))
    }
}

impl From<Server> for Url {
    fn from(server: Server) -> Self {
        server.0
    }
}

/// A token: printable ASCII without blanks, at most 1,000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token(pub(super) Hidden<String>);

impl FromStr for Token {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let token = s.trim();
        match token.len() {
            1..=1_000 if token.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Self(token.to_owned().into())),
            1..=1_000 => Err("must have neither blanks nor characters beyond ASCII".to_owned()),
            n => Err(format!("must have 1 to 1000 characters, not {n}")),
        }
    }
}

impl From<Token> for Hidden<String> {
    fn from(token: Token) -> Self {
        token.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_show_no_password_and_can_be_sent_to() {
        for good in ["https://a.example/x?y=1", "http://127.0.0.1:8080", " https://a.example/ "] {
            assert!(good.parse::<Target>().is_ok(), "{good}");
        }
        for bad in [
            "a.example",
            "ftp://a.example/",
            "https://u:p@a.example/",
            "https://u@a.example/",
            "https://a.example/#x",
            "https://",
            "",
        ] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
        assert!(format!("https://a.example/{}", "x".repeat(2_048)).parse::<Target>().is_err());
        let said = "a.example".parse::<Target>().unwrap_err();
        assert_eq!(said, "is no absolute URL: begin it with https:// or http://, such as https://example.com/path");
    }

    #[test]
    fn servers_end_in_a_slash() {
        assert_eq!("https://a.example/ntfy".parse::<Server>().unwrap().0.as_str(), "https://a.example/ntfy/");
        assert!("https://a.example/?x".parse::<Server>().is_err());
    }

    #[test]
    fn tokens_are_one_word() {
        assert!("123:AA-bb_cc".parse::<Token>().is_ok());
        for bad in ["", "a b", "ä", "a\nb"] {
            assert!(bad.parse::<Token>().is_err(), "{bad:?}");
        }
    }
}
