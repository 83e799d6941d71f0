//! Reports of an estate made by hand: its requests, its hostile names, its arithmetic.

mod bill;
mod block_tokens;
mod cache_counters;
mod caching;
mod demand;
mod fixture;
mod habits;
mod hostile;
mod pictures;
mod plans;
mod requests;
mod scope;
