//! What a series of minutes looks like: its mean and its ranks, idle minutes included.

/// Tokens a minute (or a bin of another length), idle ones included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Bins, idle ones included.
    pub bins: u64,
    /// Tokens of all bins.
    pub tokens: u128,
    /// Percentiles are nearest ranks: the smallest value that so many percent of the bins do not exceed. So each is the
    /// value of a bin, a whole number.
    pub p50: u64,
    /// 90 % of the bins ask for no more.
    pub p90: u64,
    /// 95 % of the bins ask for no more.
    pub p95: u64,
    /// 99 % of the bins ask for no more.
    pub p99: u64,
    /// The busiest bin.
    pub max: u64,
}

impl Series {
    /// Of the tokens of each bin, in any order; bins that are not given are idle. Fewer `bins` than tokens given are
    /// taken as that many.
    #[must_use]
    pub fn of(tokens: impl IntoIterator<Item = u64>, bins: u64) -> Self {
        let mut sorted: Vec<u64> = tokens.into_iter().collect();
        sorted.sort_unstable();
        let given = sorted.len() as u64;
        let bins = bins.max(given);
        let at = |percent: u64| {
            let rank = u128::from(bins) * u128::from(percent);
            let rank = u64::try_from(rank.div_ceil(100)).unwrap_or(u64::MAX);
            let place = rank.checked_sub(bins - given).and_then(|busy| busy.checked_sub(1));
            place.and_then(|place| sorted.get(usize::try_from(place).ok()?)).copied().unwrap_or_default()
        };
        Self {
            bins,
            tokens: sorted.iter().map(|tokens| u128::from(*tokens)).sum(),
            p50: at(50),
            p90: at(90),
            p95: at(95),
            p99: at(99),
            max: at(100),
        }
    }

    /// Tokens of a bin on average, idle ones included, rounded down; 0 without bins.
    #[must_use]
    pub fn mean(&self) -> u64 {
        u64::try_from(self.tokens.checked_div(u128::from(self.bins)).unwrap_or_default()).unwrap_or(u64::MAX)
    }
}
