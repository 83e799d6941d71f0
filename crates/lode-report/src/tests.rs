//! Reports of an estate made by hand: its requests, its hostile names, its arithmetic.

mod bill;
mod fixture;
mod hostile;
mod requests;
mod scope;
