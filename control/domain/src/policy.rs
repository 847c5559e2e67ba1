//! Alert policies: which levels are sent, to which channels, how soon and how often again. Pure: the body of the API,
//! valid by construction; whether the channels are there is asked elsewhere.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::{
    fields::{self, Problem, merge_patch, values},
    ids::ChannelId,
    incident::Level,
};

/// What a policy sends that says nothing else: what has to be mended by somebody.
const SENDS: [Level; 4] = [Level::Certificate, Level::Region, Level::Lane, Level::Down];

/// Whom to tell of what. What is left out takes its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PolicyBody))]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// What people call it.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100, example = "Night"))]
    #[serde(deserialize_with = "values::title::<100, _>")]
    pub name: String,
    /// Who is told.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<uuid::Uuid>, max_items = 50, example = json!([])))]
    #[serde(default, deserialize_with = "values::texts::<50, _, _>")]
    pub channels: Vec<ChannelId>,
    /// Levels that are sent; all others are shown and not sent.
    #[cfg_attr(feature = "openapi", schema(default = json!(SENDS), example = json!(["down"])))]
    #[serde(default = "usual", deserialize_with = "sends")]
    pub sends: Vec<Level>,
    /// Seconds an opening is held back; what is over before is not sent.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 86400, default = 0, example = 60))]
    #[serde(default, deserialize_with = "values::number::<0, 86_400, _, _>")]
    pub delay: i32,
    /// Seconds between reminders of what nobody acknowledged; null for none.
    #[cfg_attr(feature = "openapi", schema(minimum = 60, maximum = 604_800, example = 3600))]
    #[serde(default, deserialize_with = "values::some_number::<60, 604_800, _, _>")]
    pub reminder: Option<i32>,
    /// Whether monitors without `alert_policy` go by it; making another policy the default moves it.
    #[cfg_attr(feature = "openapi", schema(default = false, example = false))]
    #[serde(default)]
    pub default: bool,
}

impl fields::Body for Body {
    const REQUIRED: &'static [&'static str] = &["name"];
    const READ_ONLY: &'static [&'static str] = &["id", "tells", "warning"];
}

impl Body {
    /// Reads a body. The error names every bad field.
    pub fn parse(body: &Value) -> Result<Self, Vec<Problem>> {
        fields::read(body)
    }

    /// The policy with `patch` applied to its body as a JSON Merge Patch (RFC 7396). The default stays the default until
    /// another one is.
    pub fn merge(&self, patch: &Value) -> Result<Self, Vec<Problem>> {
        let mut body = self.to_body();
        merge_patch(&mut body, patch.clone());
        let new = Self::parse(&body)?;
        if self.default && !new.default {
            let detail = "there must be a default: make another policy the default instead".to_owned();
            return Err(vec![Problem { pointer: "/default".to_owned(), detail }]);
        }
        Ok(new)
    }

    /// The body with every field.
    pub fn to_body(&self) -> Value {
        json!(self)
    }

    /// What to say of channels that are not among `known`.
    pub fn unknown_channels(&self, known: &[ChannelId]) -> Vec<Problem> {
        let unknown = self.channels.iter().enumerate().filter(|(_, channel)| !known.contains(channel));
        let problem = |(place, channel): (usize, &ChannelId)| Problem {
            pointer: format!("/channels/{place}"),
            detail: format!("`channels/{place}` names no channel of this organisation: {channel}"),
        };
        unknown.map(problem).collect()
    }
}

/// An absent list is the usual one; an empty one sends nothing.
fn usual() -> Vec<Level> {
    SENDS.to_vec()
}

fn sends<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Level>, D::Error> {
    let mut sends = values::texts::<{ 2 * Level::ALL.len() }, Level, D>(from)?;
    sends.sort_unstable();
    Ok(sends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(body: &Value) -> Vec<String> {
        Body::parse(body).unwrap_err().into_iter().map(|problem| problem.pointer).collect()
    }

    #[test]
    fn what_is_left_out_is_the_usual() {
        let body = Body::parse(&json!({"name": "Night"})).unwrap();
        assert_eq!((body.sends, body.delay, body.reminder, body.default), (SENDS.to_vec(), 0, None, false));
        assert_eq!(Body::parse(&json!({"name": "a", "sends": []})).unwrap().sends, []);
    }

    #[test]
    fn every_bad_field_is_named() {
        let body = json!({"name": " ", "channels": ["x"], "sends": ["loud"], "delay": -1, "reminder": 5, "quiet": 1});
        let all = ["/channels/0", "/delay", "/name", "/quiet", "/reminder", "/sends/0"];
        assert_eq!(pointers(&body), all);
        assert_eq!(pointers(&json!([])), [""]);
    }

    #[test]
    fn a_patch_changes_what_it_names_and_never_leaves_no_default() {
        let id = ChannelId::new();
        let body = json!({"name": "a", "default": true, "channels": [id, id], "reminder": 600});
        let old = Body::parse(&body).unwrap();
        assert_eq!(old.channels, [id]);
        let new = old.merge(&json!({"reminder": null, "sends": ["regional", "down", "down"]})).unwrap();
        assert_eq!(new, Body { reminder: None, sends: vec![Level::Regional, Level::Down], ..old.clone() });
        assert_eq!(old.merge(&json!({"default": false})).unwrap_err()[0].pointer, "/default");
        assert_eq!(Body::parse(&new.to_body()).unwrap(), new);
    }

    #[test]
    fn channels_of_others_are_named_by_their_place() {
        let (mine, theirs) = (ChannelId::new(), ChannelId::new());
        let body = Body::parse(&json!({"name": "a", "channels": [mine, theirs]})).unwrap();
        assert_eq!(body.unknown_channels(&[mine])[0].pointer, "/channels/1");
        assert!(body.unknown_channels(&[mine, theirs]).is_empty());
    }
}
