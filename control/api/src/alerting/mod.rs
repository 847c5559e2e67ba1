//! Where alerts go, by whose rules, and what became of them.

pub(crate) mod channel_body;
pub(crate) mod channels;
pub(crate) mod confirmations;
pub(crate) mod deliveries;
pub(crate) mod policies;
pub(crate) mod policy_body;
pub(crate) mod public_page;
