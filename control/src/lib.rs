//! UpGuard's control plane: it keeps users, monitors and history, decides when a check is due, and what its outcome means.
//!
//! Pure core (`monitor`, `status`, `ledger`) ← `store` (SQL) ← the loops (`lane`, `housekeeping`) beside `http` ← this
//! page ← `main`. Arrows point one way, and siblings do not import each other.

pub mod account;
pub mod actor;
pub mod api_key;
pub mod app;
pub mod budget;
pub mod channel;
pub mod clocks;
pub mod config;
pub mod connections;
pub mod days;
pub mod exposition;
pub mod fields;
pub mod health;
pub mod housekeeping;
pub mod http;
pub mod ids;
pub mod incident;
pub mod ingester;
pub mod keys;
pub mod lane;
pub mod lane_watch;
pub mod ledger;
pub mod lifecycle;
pub mod live;
pub mod measure;
pub mod message;
pub mod metrics;
pub mod migrate;
pub mod monitor;
pub mod notifier;
pub mod operator;
pub mod password;
pub mod policy;
pub mod pusher;
pub mod quota;
pub mod rate;
pub mod schema;
pub mod seed;
pub mod series;
pub mod serve;
pub mod stale;
pub mod status;
pub mod store;
pub mod token;
pub mod tried;
pub mod uptime;
pub mod verdict;
pub mod watchdog;

pub use app::App;
pub use config::Config;
pub use serve::serve;
