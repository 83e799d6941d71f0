//! The trace: requests without their text, as columns that any machine can sort, write, read and merge.
//!
//! Requests go into a [`Collection`], which is sealed into a [`Run`] when it holds enough: per group its requests in
//! order, as one [`Block`]. A block is written as [`Table`](lode_model::Table)s and read back from them, and any number
//! of blocks is merged into the tables of the final layout ([`Tables`]) or into requests again ([`requests`]).
//!
//! Everything that comes out is a function of the set of requests that went in: how they were split, in which order
//! they came and which of two equal ones came first leave no mark.
//!
//! This crate knows no files, no Parquet and no logs; and of requests only what [`Request`](lode_model::Request) says.

mod block;
mod builder;
mod collect;
mod counts;
mod decode;
mod encode;
mod fault;
mod guarded;
mod id;
mod index;
mod merge;
mod order;
mod requests;
mod schema;
mod tables;
#[cfg(test)]
mod tests;

use lode_model::{AccountId, ModelId, Region};

pub use block::Block;
pub use collect::{Collection, Run, Runs};
pub use fault::TraceFault;
pub use merge::{Counts, Merge, Source};
pub use requests::requests;
pub use schema::{Column, Type, VERSION};
pub use tables::{MonthTable, Tables};

/// What a trace is divided into; the key of [`Trace`](lode_model::Trace).
pub type Group = (AccountId, Region, ModelId);
