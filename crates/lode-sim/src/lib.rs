//! The simulator: an estate plus an ordered list of edits in, charges out. Every saving Lode reports is
//! the difference of two of its answers.
//!
//! It answers exactly what it can answer from what it was given and says [`NotSimulated`] otherwise; it
//! never interpolates. Without requests only token-linear edits are possible: another model, pricing
//! mode or routing, caching switched off, a standing resource replaced.
//!
//! This crate knows no files, no rules, no thresholds and no recommender. Prices come from
//! [`lode_prices::PriceBook`].

mod apply;
mod bill_view;
mod estate;
mod profile;
mod project;
mod state;

pub use apply::{NotSimulated, Simulator};
pub use bill_view::{BillView, Slice};
pub use estate::{Adjustment, Basis, Charge, Estate, Window};
pub use profile::{CacheBalance, Profile, Use};
pub use project::{Daily, Projection};
pub use state::{SimCharge, State};
