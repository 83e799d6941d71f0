//! The minutes in which an owner calls.

/// Calls and tokens of one owner by minute, UTC. Not a sum: a minute may lie in two parts of its calls, and the busiest
/// minutes of two owners may not be the same. What calls of a pool come to by minute, [`crate::PoolDemand`] tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MinuteDemand {
    /// Minutes with any call.
    pub minutes: u64,
    /// Calls in them; failed ones are not counted.
    pub calls: u64,
    /// Tokens in them, prompt and answer.
    pub tokens: u64,
    /// Most calls of any minute.
    pub most_calls: u64,
    /// Most tokens of any minute, which may be another.
    pub most_tokens: u64,
}

impl MinuteDemand {
    /// Calls of a minute with any, on average, rounded down.
    #[must_use]
    pub fn mean_calls(&self) -> Option<u64> {
        self.calls.checked_div(self.minutes)
    }

    /// Tokens of a minute with any call, on average, rounded down.
    #[must_use]
    pub fn mean_tokens(&self) -> Option<u64> {
        self.tokens.checked_div(self.minutes)
    }
}

/// The same so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Minutes {
    demand: MinuteDemand,
    /// The minute that is being counted, with its calls and tokens.
    now: Option<(i64, u64, u64)>,
}

impl Minutes {
    /// Takes the next call, in time order.
    pub(crate) fn push(&mut self, second: i64, tokens: u64) {
        let minute = second.div_euclid(60);
        let (calls, sum) = match self.now.filter(|(now, ..)| *now == minute) {
            Some((_, calls, sum)) => (calls + 1, sum.saturating_add(tokens)),
            None => {
                self.demand.minutes += 1;
                (1, tokens)
            }
        };
        self.now = Some((minute, calls, sum));
        let demand = &mut self.demand;
        demand.calls += 1;
        demand.tokens = demand.tokens.saturating_add(tokens);
        demand.most_calls = demand.most_calls.max(calls);
        demand.most_tokens = demand.most_tokens.max(sum);
    }

    /// What came of them.
    pub(crate) const fn finish(self) -> MinuteDemand {
        self.demand
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_by_hand() {
        let mut minutes = Minutes::default();
        // Two calls in one minute, three in the next, one of the largest an hour later.
        for (second, tokens) in [(0, 10), (59, 20), (60, 1), (61, 1), (119, 1), (3660, 500)] {
            minutes.push(second, tokens);
        }
        let found = minutes.finish();
        assert_eq!(found, MinuteDemand { minutes: 3, calls: 6, tokens: 533, most_calls: 3, most_tokens: 500 });
        assert_eq!((found.mean_calls(), found.mean_tokens()), (Some(2), Some(177)));
        assert_eq!(MinuteDemand::default().mean_calls(), None);
    }
}
