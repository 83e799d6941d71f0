//! Figures for pictures, out of the estate and the outcome: counted, never estimated, and no saving.

mod cache_days;
mod curves;
mod demand;

pub(crate) use cache_days::cache_days;
pub(crate) use curves::curves;
pub(crate) use demand::demand;
