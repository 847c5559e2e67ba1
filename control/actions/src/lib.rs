//! What people and programs do, whoever asks: the API, the command line or a seed. Each locks, has `domain` decide, stores and
//! commits, and then tells who has to hear of it. It knows no HTTP.

pub mod account;
pub mod channel;
pub mod operator;
pub mod password;
pub mod seed;
