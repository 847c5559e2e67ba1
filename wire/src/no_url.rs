//! Why a text is no URL, for whoever wrote it: the parser has only words for programmers.

use url::ParseError;

/// What is wrong and the mend, reading on from the name of what holds the text.
pub fn no_url(why: ParseError) -> &'static str {
    match why {
        ParseError::RelativeUrlWithoutBase => {
            "is no absolute URL: begin it with https:// or http://, such as https://example.com/path"
        }
        ParseError::EmptyHost => "has no host: write one after the //, such as https://example.com/path",
        ParseError::InvalidPort => {
            "has a port that is no number from 1 to 65535: correct it, as in https://example.com:8443/path, or leave it out"
        }
        ParseError::InvalidIpv4Address => {
            "has a host that is all numbers but no IPv4 address: write four of them from 0 to 255, as in https://192.0.2.7/path"
        }
        ParseError::InvalidIpv6Address => {
            "has a host in brackets that is no IPv6 address: write it as in https://[2001:db8::7]/path"
        }
        ParseError::InvalidDomainCharacter | ParseError::IdnaError => {
            "has a host that can be no name: leave out blanks and signs, as in https://example.com/path"
        }
        _ => "is no URL: write one such as https://example.com/path",
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn every_mistake_has_its_sentence() {
        for (text, wanted) in [
            ("", "is no absolute URL"),
            ("example.com", "is no absolute URL"),
            ("/path", "is no absolute URL"),
            ("https://", "has no host"),
            ("https://:443/", "has no host"),
            ("https://a.example:port/", "has a port"),
            ("https://a.example:65536/", "has a port"),
            ("https://1.2.3.400/", "has a host that is all numbers"),
            ("https://[::1/", "has a host in brackets"),
            ("https://a b.example/", "has a host that can be no name"),
            ("https://a%00.example/", "has a host that can be no name"),
            ("https://xn--a.example/", "has a host that can be no name"),
        ] {
            let said = no_url(Url::parse(text).unwrap_err());
            assert!(said.starts_with(wanted) && said.contains("https://"), "{text}: {said}");
        }
    }
}
