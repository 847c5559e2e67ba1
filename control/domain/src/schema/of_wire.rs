//! Stand-ins for what `wire` sends, for the document alone.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::one_of;

macro_rules! stand_ins {
    ($($name:ident)*) => {$(
        #[doc = concat!("The schema of `wire::", stringify!($name), "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
    )*};
}

stand_ins! { Verdict Reason Diagnosis CheckKind }

schemas! {
    Verdict as "Verdict" of wire::Verdict::ALL.iter().map(|it| it.as_str()),
        "What a check found; `missed` means that nobody looked.";
    Reason as "Reason" of wire::Reason::ALL.iter().map(|it| it.as_str()), "Why a check is not plainly up.";
    Diagnosis as "Diagnosis" of wire::Diagnosis::ALL.iter().map(|it| it.as_str()),
        "Why a probe doubts what it saw: its own network failed, or its clock is off.";
    CheckKind as "CheckKind" of wire::Kind::ALL.iter().map(|it| it.as_str()),
        "What is asked of the target: as the scheme of its URL says.";
}

/// The schema of [`wire::Evidence`]: the exchange that failed, as far as it got. Secrets read `[hidden]`.
#[derive(Debug, ToSchema)]
pub struct Evidence {
    /// Request line and headers as sent.
    pub request: String,
    /// Status line and headers.
    #[schema(required)]
    pub response_head: Option<String>,
    /// The body's beginning.
    #[schema(required)]
    pub body: Option<String>,
    /// Whether there was more of the body.
    pub body_cut: bool,
    /// What the server presented.
    #[schema(required)]
    pub certificate: Option<Presented>,
}

/// A certificate's facts.
#[derive(Debug, ToSchema)]
pub struct Presented {
    /// Distinguished name.
    pub subject: String,
    /// Distinguished name of who signed it.
    pub issuer: String,
    /// Its start, unix seconds.
    pub not_before: i64,
    /// Its end, unix seconds.
    pub not_after: i64,
    /// Names it is for.
    pub names: Vec<String>,
}
