//! What `UpGuard` is tried with: benchmarks with their yardstick from the same run, a chaos run that ends in an audit, and a
//! region that turns hostile. Scenarios only; what they stand on is `testbed`'s.

pub mod bench;
pub mod chaos;
pub mod decode;
pub mod fuzz;
pub mod hostile;
mod monitors;
pub mod unchecked;
