//! For tests only: scenario folders become estates through the real join, and every recommender gets the same
//! checks for free. Its functions panic with what is wrong: they run in tests.
//!
//! It knows `testdata/scenarios/`; it must not know billing files, Parquet or the command line.
#![expect(clippy::expect_used, clippy::panic, reason = "a test helper says what is wrong by panicking")]

mod estate_file;
mod inventory;
mod metrics;
mod outcomes;
mod properties;
#[cfg(feature = "report")]
mod report;
mod requests;
mod scenario;

pub use estate_file::EstateFile;
pub use outcomes::rule_outcomes;
pub use properties::check_properties;
pub use requests::{RequestRow, trace};
pub use scenario::{Scenario, scenarios};
