//! Demand by time, where no single call is known.

/// What was asked for at one time, as a table of demand tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DemandRow {
    /// Start of the period, in seconds since 1970, UTC.
    pub second: i64,
    /// Prompt tokens.
    pub input: u64,
    /// Generated tokens.
    pub output: u64,
    /// Calls, where the table counts them; else 0.
    pub requests: u64,
}
