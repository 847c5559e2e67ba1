//! How single fields of a body are read, for `#[serde(deserialize_with = "…")]`: each says what is wrong, reading on from the
//! field's name.

use std::{fmt, fmt::Display, marker::PhantomData, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::in_words;

/// For `#[serde(default = "…")]`: what is on where nobody says so.
pub fn yes() -> bool {
    true
}

/// A text that parses itself.
pub fn text<'de, T: FromStr<Err: Display + 'static>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Text::deserialize(from).map(|text| text.0)
}

/// A text that is judged as a `T` and kept as something plainer, where there is one.
pub fn some_text_as<'de, T, U, D>(from: D) -> Result<Option<U>, D::Error>
where
    T: FromStr<Err: Display + 'static>,
    U: From<T>,
    D: Deserializer<'de>,
{
    some_text::<T, D>(from).map(|found| found.map(U::from))
}

/// A text that parses itself, where there is one.
pub fn some_text<'de, T: FromStr<Err: Display + 'static>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    Option::<Text<T>>::deserialize(from).map(|found| found.map(|text| text.0))
}

/// At most `MAX` texts that parse themselves.
pub fn list<'de, const MAX: usize, T, D>(from: D) -> Result<Vec<T>, D::Error>
where
    T: FromStr<Err: Display + 'static>,
    D: Deserializer<'de>,
{
    let given = Vec::<Text<T>>::deserialize(from)?;
    if given.len() > MAX {
        return Err(D::Error::custom(format!("must have at most {MAX} entries, not {}", given.len())));
    }
    Ok(given.into_iter().map(|text| text.0).collect())
}

/// At most `MAX` texts that parse themselves, each once.
pub fn texts<'de, const MAX: usize, T, D>(from: D) -> Result<Vec<T>, D::Error>
where
    T: FromStr<Err: Display + 'static> + PartialEq,
    D: Deserializer<'de>,
{
    let mut kept = Vec::new();
    for value in list::<MAX, T, D>(from)? {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    Ok(kept)
}

/// A text that is judged as a `T` and kept as something plainer.
pub fn text_as<'de, T, U, D>(from: D) -> Result<U, D::Error>
where
    T: FromStr<Err: Display + 'static>,
    U: From<T>,
    D: Deserializer<'de>,
{
    text::<T, D>(from).map(U::from)
}

/// At most `MAX` texts that are judged as `T`s and kept as something plainer, each once.
pub fn texts_as<'de, const MAX: usize, T, U, D>(from: D) -> Result<Vec<U>, D::Error>
where
    T: FromStr<Err: Display + 'static> + PartialEq,
    U: From<T>,
    D: Deserializer<'de>,
{
    texts::<MAX, T, D>(from).map(|values| values.into_iter().map(U::from).collect())
}

/// A title: a [`line`](super::line) of 1 to `MAX` characters.
pub fn title<'de, const MAX: usize, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    text_as::<Title<MAX>, String, D>(from)
}

/// At most `MAX` titles of 1 to `LONG` characters, each once.
pub fn titles<'de, const MAX: usize, const LONG: usize, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<String>, D::Error> {
    texts_as::<MAX, Title<LONG>, String, D>(from)
}

/// A whole number from `MIN` to `MAX`.
pub fn number<'de, const MIN: u64, const MAX: u64, T, D>(from: D) -> Result<T, D::Error>
where
    T: TryFrom<u64, Error: Display>,
    D: Deserializer<'de>,
{
    within::<MIN, MAX, T, D>(u64::deserialize(from)?)
}

/// The same, where there is one.
pub fn some_number<'de, const MIN: u64, const MAX: u64, T, D>(from: D) -> Result<Option<T>, D::Error>
where
    T: TryFrom<u64, Error: Display>,
    D: Deserializer<'de>,
{
    Option::<u64>::deserialize(from)?.map(within::<MIN, MAX, T, D>).transpose()
}

fn within<'de, const MIN: u64, const MAX: u64, T, D>(number: u64) -> Result<T, D::Error>
where
    T: TryFrom<u64, Error: Display>,
    D: Deserializer<'de>,
{
    if !(MIN..=MAX).contains(&number) {
        return Err(D::Error::custom(format!("must be from {MIN} to {MAX}, not {number}")));
    }
    T::try_from(number).map_err(D::Error::custom)
}

#[derive(PartialEq)]
struct Title<const MAX: usize>(String);

impl<const MAX: usize> FromStr for Title<MAX> {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        super::line(s, MAX).map(Self)
    }
}

impl<const MAX: usize> From<Title<MAX>> for String {
    fn from(title: Title<MAX>) -> Self {
        title.0
    }
}

/// A value that is written as a text.
struct Text<T>(T);

impl<'de, T: FromStr<Err: Display + 'static>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(OfText(PhantomData))
    }
}

struct OfText<T>(PhantomData<T>);

impl<T: FromStr<Err: Display + 'static>> Visitor<'_> for OfText<T> {
    type Value = Text<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<T>, E> {
        text.parse().map(Text).map_err(|why| E::custom(in_words(&why, text)))
    }
}
