//! Bill and logs together: which tokens are whose, what kinds of call there are, and that nothing is lost.

mod cohorts;
mod common;
mod conservation;
mod tokens;
