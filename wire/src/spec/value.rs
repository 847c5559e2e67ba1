//! How values of a spec are read: each type judges itself and says what is wrong.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// A parsed value with a text form: serde goes through `FromStr` and `Display`. What is expected is said where it is no text.
macro_rules! through_text {
    ($name:ty) => {
        through_text!($name, "a text");
    };
    ($name:ty, $expected:literal) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

/// A whole number with bounds, and a default where it has one.
macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident: $repr:ty, $min:literal..=$max:literal, default $default:literal, $unit:literal) => {
        bounded! { $(#[$doc])* $name: $repr, $min..=$max, $unit }

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }
    };
    ($(#[$doc:meta])* $name:ident: $repr:ty, $min:literal..=$max:literal, $unit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name($repr);

        impl $name {
            /// The number.
            pub fn get(self) -> $repr {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = String;
            fn try_from(n: u64) -> Result<Self, String> {
                match n {
                    $min..=$max => Ok(Self(n as $repr)),
                    _ => Err(format!(concat!("must be from ", $min, " to ", $max, $unit, ", not {}"), n)),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                u64::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
            }
        }
    };
}

bounded! {
    /// The one deadline of a check, in seconds.
    Timeout: u8, 1..=30, default 10, " seconds"
}

bounded! {
    /// How many redirects are followed.
    MaxRedirects: u8, 0..=20, default 10, ""
}

bounded! {
    /// Milliseconds a check may take.
    MaxLatency: u32, 1..=60_000, ""
}

bounded! {
    /// Days a certificate must still be good for.
    CertDays: u16, 1..=3_650, ""
}

/// Text to send or to look for: 1 byte to 16 KiB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyText(String);

impl BodyText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BodyText {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s.len() {
            1..=16_384 => Ok(Self(s.to_owned())),
            n => Err(format!("must have 1 to 16384 bytes, not {n}")),
        }
    }
}

impl fmt::Display for BodyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

through_text!(BodyText);
pub(super) use through_text;
