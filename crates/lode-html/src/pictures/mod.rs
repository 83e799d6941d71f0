//! The drawings, one a file, each a pure function of the contract's structs.

mod days;
mod waterfall;

pub(crate) use days::days;
pub(crate) use waterfall::waterfall;
