//! Dollars of the tokens: at rates that somebody else has looked up, with one rounding each.

use lode_model::{Money, Rate};

use crate::answer::Totals;

/// What so many queries pay for the tokens of so many results of average length, at the rate of an input token.
#[must_use]
pub fn context_cost(totals: &Totals, results: u32, queries: u64, input: Rate) -> Money {
    if totals.results == 0 {
        return Money::ZERO;
    }
    let found = i128::from(queries) * i128::from(totals.found(results));
    input.cost(found * i128::from(totals.result_tokens), i128::from(totals.results))
}

/// What embedding every chunk once costs, at the rate of an input token of the embedding model.
#[must_use]
pub fn embedding_cost(totals: &Totals, input: Rate) -> Money {
    input.cost(i128::from(totals.embedded_tokens), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_tokens_times_the_rate() {
        // 12 chunks of 3,600 tokens in all, 300 each. 1,000 queries × 5 × 300 = 1.5 million tokens at $3 a million: $4.50.
        let totals = Totals { chunks: 12, embedded_tokens: 3_600, results: 12, result_tokens: 3_600 };
        let rate = |usd: &str| Rate::new(Money::parse(usd).expect("money"), 1_000_000).expect("a rate");
        assert_eq!(context_cost(&totals, 5, 1_000, rate("3")), Money::parse("4.5").expect("money"));
        assert_eq!(context_cost(&totals, 50, 1_000, rate("3")), Money::parse("10.8").expect("money"));
        assert_eq!(embedding_cost(&totals, rate("0.02")), Money::parse("0.000072").expect("money"));
        assert_eq!(context_cost(&Totals::default(), 5, 1_000, rate("3")), Money::ZERO);
    }
}
