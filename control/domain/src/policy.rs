//! Alert policies: which levels are sent, to which channels, how soon and how often again. Pure: the body of the API,
//! valid by construction; whether the channels are there is asked elsewhere.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::{
    fields::{Fields, Problem, Title, merge_patch, read_body},
    ids::ChannelId,
    incident::Level,
};

/// The most channels of one policy.
const MAX_CHANNELS: usize = 50;
const DAY: u64 = 24 * 60 * 60;
/// What a policy sends that says nothing else: what has to be mended by somebody.
const SENDS: [Level; 4] = [Level::Certificate, Level::Region, Level::Lane, Level::Down];

/// A policy as people describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// What people call it.
    pub name: String,
    /// Who is told.
    pub channels: Vec<ChannelId>,
    /// Of which levels; all others are shown and not sent.
    pub sends: Vec<Level>,
    /// Seconds an opening is held back, for what mends itself.
    pub delay: i32,
    /// Seconds between reminders of what nobody has taken; none where it is absent.
    pub reminder: Option<i32>,
    /// Whether monitors that name no policy go by this one.
    pub default: bool,
}

impl Body {
    /// Reads a body. The error names every bad field.
    pub fn parse(body: &Value) -> Result<Self, Vec<Problem>> {
        read_body(body, read)
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
        let Self { name, channels, sends, delay, reminder, default } = self;
        json!({
            "name": name, "channels": channels, "sends": sends, "delay": delay, "reminder": reminder, "default": default,
        })
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

fn read(mut fields: Fields<'_, '_>) -> Option<Body> {
    fields.require("name");
    let name = fields.parsed::<Title>("name");
    let mut channels = fields.parsed_list::<ChannelId>("channels", MAX_CHANNELS);
    let mut seen = HashSet::new();
    channels.retain(|channel| seen.insert(*channel));
    let sends = sends(&mut fields);
    let delay = fields.number_within("delay", 0, DAY).unwrap_or(0) as i32;
    let reminder = fields.number_within("reminder", 60, 7 * DAY).map(|seconds| seconds as i32);
    let default = fields.flag("default").unwrap_or(false);
    fields.refuse_others(|name| match name {
        "id" | "tells" | "warning" => Some("is set by UpGuard: leave it out"),
        _ => None,
    });
    Some(Body { name: name?.0, channels, sends, delay, reminder, default })
}

/// An empty list sends nothing; an absent one is the usual.
fn sends(fields: &mut Fields<'_, '_>) -> Vec<Level> {
    let given = fields.has("sends");
    let mut sends = fields.parsed_list::<Level>("sends", 2 * Level::ALL.len());
    sends.sort_unstable();
    sends.dedup();
    if given { sends } else { SENDS.to_vec() }
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
        let all = ["/name", "/channels/0", "/sends/0", "/delay", "/reminder", "/quiet"];
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
