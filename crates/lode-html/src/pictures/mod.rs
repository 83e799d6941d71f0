//! The drawings, one a file, each a pure function of the contract's structs.

mod cache_days;
mod curve;
mod days;
mod demand;
mod frontier;
mod measure;
mod waterfall;

pub(crate) use cache_days::cache_days;
pub(crate) use curve::curves;
pub(crate) use days::days;
pub(crate) use demand::demand;
pub(crate) use frontier::frontiers;
pub(crate) use waterfall::waterfall;
