//! A TCP port: what is said to it, and what it must answer.

use std::{fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use url::Url;

use super::{
    Kind, KindWord, Limits, OfKind, Timeout, TlsSpec,
    value::{BodyText, through_text},
};

/// How a TCP port is checked and what counts as up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TcpSpec {
    /// Its kind, as the URL says it.
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub kind: KindWord<{ Kind::Tcp as usize }>,
    /// Seconds for the whole check.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, minimum = 1, maximum = 30, default = 10, example = 10))]
    pub timeout: Timeout,
    /// What is said on the connection.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub tcp: Tcp,
    /// Whom to trust, where the connection is encrypted.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub tls: TlsSpec,
    /// What degrades it.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub expect: Limits,
}

impl OfKind for TcpSpec {
    /// A host and a port, and nothing else.
    fn target(mut url: Url) -> Result<Url, String> {
        if url.port().is_none() {
            return Err("has no port: write the one to connect to, as in tcp://example.com:25".to_owned());
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err("has more than a host and a port: write it as in tcp://example.com:25".to_owned());
        }
        url.set_path("");
        Ok(url)
    }

    fn tls(&self) -> Option<&TlsSpec> {
        Some(&self.tls)
    }
}

/// What is said on a TCP connection. Up is a connection, and an answer as expected where one is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Tcp {
    /// Whether to begin with a TLS handshake; the certificate is judged as that of a website.
    #[cfg_attr(feature = "openapi", schema(default = false, example = true))]
    pub tls: bool,
    /// Sent once the connection stands.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub send: Option<Octets>,
    /// The first 64 KiB of the answer must have this.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub expect: Option<Octets>,
    /// The answer must begin with this.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub starts_with: Option<Octets>,
}

/// What is sent or looked for, 1 byte to 16 KiB: a text, or bytes as `{"hex": "0d 0a"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Octets {
    /// As it stands, in UTF-8.
    Text(BodyText),
    /// Written in hexadecimal digits.
    Hex(Hex),
}

impl Octets {
    /// The bytes themselves.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_str().as_bytes(),
            Self::Hex(Hex(bytes)) => bytes,
        }
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct InHex {
            hex: Hex,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Octets;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or {\"hex\": …}")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Octets, E> {
                text.parse().map(Octets::Text).map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Octets, A::Error> {
                InHex::deserialize(MapAccessDeserializer::new(map)).map(|InHex { hex }| Octets::Hex(hex))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Hex(hex) => serializer.collect_map([("hex", hex)]),
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Octets {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
        let text = || ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
        let digits = text().description(Some("Pairs of hexadecimal digits; blanks between them do not count."));
        let hex = ObjectBuilder::new().property("hex", digits).required("hex");
        let either = OneOfBuilder::new().item(text().max_length(Some(16_384))).item(hex);
        either.description(Some("A text, or bytes: 1 to 16384.")).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Octets {}

/// 1 byte to 16 KiB, written as pairs of hexadecimal digits. Blanks between them do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hex(Vec<u8>);

impl FromStr for Hex {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let digits: Option<Vec<u8>> =
            s.chars().filter(|c| *c != ' ').map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
        let pairs = digits.filter(|digits| digits.len().is_multiple_of(2));
        let digits = pairs.ok_or("must be pairs of hexadecimal digits, such as `0d 0a`")?;
        match digits.len() / 2 {
            1..=16_384 => Ok(Self(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())),
            n => Err(format!("must have 1 to 16384 bytes, not {n}")),
        }
    }
}

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

through_text!(Hex);

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The bytes, and how they are written again.
    fn read(value: &Value) -> Result<(Vec<u8>, Value), String> {
        let read: Result<Octets, _> = serde_json::from_value(value.clone());
        read.map(|octets| (octets.bytes().to_vec(), json!(octets))).map_err(|why| why.to_string())
    }

    #[test]
    fn a_text_or_hexadecimal_digits() {
        assert_eq!(read(&json!("é\r\n")), Ok(("é\r\n".as_bytes().to_vec(), json!("é\r\n"))));
        assert_eq!(
            read(&json!({"hex": "50 49 4E47 0d0A"})),
            Ok((b"PING\r\n".to_vec(), json!({"hex": "50494e470d0a"})))
        );
        for (value, why) in [
            (json!(""), "must have 1 to 16384 bytes, not 0"),
            (json!("x".repeat(16_385)), "must have 1 to 16384 bytes, not 16385"),
            (json!({"hex": ""}), "must have 1 to 16384 bytes, not 0"),
            (json!({"hex": "abc"}), "must be pairs of hexadecimal digits"),
            (json!({"hex": "0x"}), "must be pairs of hexadecimal digits"),
            (json!({"hex": "00", "text": ""}), "unknown field `text`"),
            (json!(7), "expected a text or {\"hex\": …}"),
        ] {
            let found = read(&value).unwrap_err();
            assert!(found.contains(why), "{value}: {found}");
        }
    }
}
