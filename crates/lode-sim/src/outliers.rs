//! The few that are far longer than the rest: prompts into which a whole file was pasted, answers that run on.
//!
//! Pure arithmetic on lengths; it knows no calls.

/// A length is out of the ordinary when it is more than so many times the median. Lode's own bound (2026-11): prompts
/// of one application that grow with a conversation or a document seldom differ so much.
const TIMES_MEDIAN: u64 = 8;

/// Lengths of an owner's prompts or answers, and those that are out of the ordinary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outliers {
    /// All there are.
    pub calls: u64,
    /// Tokens of all.
    pub tokens: u64,
    /// How many are more than eight times the median.
    pub outliers: u64,
    /// Tokens of these.
    pub outlier_tokens: u64,
    /// The longest that is no outlier: a limit that the others never reach.
    pub longest_ordinary: u64,
}

impl Outliers {
    /// Of these lengths, in any order.
    pub(crate) fn of(mut lengths: Vec<u64>) -> Self {
        lengths.sort_unstable();
        let Some(median) = lengths.get(lengths.len().saturating_sub(1) / 2).copied() else { return Self::default() };
        // Of nothing, everything is a multiple.
        let most = if median > 0 { median.saturating_mul(TIMES_MEDIAN) } else { u64::MAX };
        let ordinary = lengths.partition_point(|length| *length <= most);
        let sum = |lengths: &[u64]| lengths.iter().fold(0u64, |sum, length| sum.saturating_add(*length));
        let (usual, far) = lengths.split_at(ordinary);
        Self {
            calls: lengths.len() as u64,
            tokens: sum(&lengths),
            outliers: far.len() as u64,
            outlier_tokens: sum(far),
            longest_ordinary: usual.last().copied().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_eight_times_the_median_is_out_of_the_ordinary() {
        // Median 10; 80 is eight times, 81 is more.
        let found = Outliers::of(vec![81, 10, 10, 12, 80, 9, 10]);
        let expected = Outliers { calls: 7, tokens: 212, outliers: 1, outlier_tokens: 81, longest_ordinary: 80 };
        assert_eq!(found, expected);
        assert_eq!(Outliers::of(Vec::new()), Outliers::default());
        assert_eq!(Outliers::of(vec![5, 5]).outliers, 0);
        assert_eq!(Outliers::of(vec![0, 0, 5]).outliers, 0);
    }
}
