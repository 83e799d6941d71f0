//! How long things are, over many calls: tokens, milliseconds, seconds, steps. Counts only; what is long is for rules.

use std::ops::RangeInclusive;

/// Below this, each length has a bucket of its own.
const EXACT: u64 = 16;
/// Buckets of each power of two above.
const PARTS: u64 = 8;
/// The power of two where [`EXACT`] ends.
const EXACT_BITS: u32 = EXACT.trailing_zeros();

/// A histogram of lengths: each below 16 exactly, above that eight buckets to each power of two, so that a bucket is
/// never wider than an eighth of its lower end. At most 496 buckets, whatever is measured.
///
/// [`Lengths::merge`] is a sum: measuring the parts of anything and merging them, in any order and grouping, is
/// measuring the whole. Counts and sums stop at `u64::MAX`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// By bucket; the last one is not zero.
    counts: Vec<u64>,
    count: u64,
    sum: u64,
    /// Shortest and longest.
    ends: Option<(u64, u64)>,
}

impl Lengths {
    /// Counts one length.
    pub fn add(&mut self, length: u64) {
        let bucket = bucket_of(length);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.saturating_add(length);
        self.widen(length, length);
    }

    /// Adds what was measured elsewhere.
    pub fn merge(&mut self, other: &Self) {
        add_each(&mut self.counts, &other.counts);
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        if let Some((shortest, longest)) = other.ends {
            self.widen(shortest, longest);
        }
    }

    fn widen(&mut self, shortest: u64, longest: u64) {
        let (low, high) = self.ends.unwrap_or((shortest, longest));
        self.ends = Some((low.min(shortest), high.max(longest)));
    }

    /// How many were measured.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their sum.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// Their mean, rounded down.
    #[must_use]
    pub fn mean(&self) -> Option<u64> {
        self.sum.checked_div(self.count)
    }

    /// The shortest, exactly.
    #[must_use]
    pub fn shortest(&self) -> Option<u64> {
        self.ends.map(|(shortest, _)| shortest)
    }

    /// The longest, exactly.
    #[must_use]
    pub fn longest(&self) -> Option<u64> {
        self.ends.map(|(_, longest)| longest)
    }

    /// The median: see [`Self::percentile`].
    #[must_use]
    pub fn median(&self) -> Option<RangeInclusive<u64>> {
        self.percentile(50)
    }

    /// Between which lengths, both included, the nearest-rank percentile lies: the smallest length that at least
    /// `percent` in a hundred do not exceed. The upper end exceeds the lower by less than an eighth of it.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<RangeInclusive<u64>> {
        let (shortest, longest) = self.ends?;
        let rank = (u128::from(self.count) * u128::from(percent.min(100))).div_ceil(100).max(1);
        let mut seen = 0u128;
        let bucket = self.counts.iter().position(|count| {
            seen += u128::from(*count);
            seen >= rank
        });
        let bucket = bounds(bucket.unwrap_or(self.counts.len().saturating_sub(1)));
        Some((*bucket.start()).max(shortest)..=(*bucket.end()).min(longest))
    }
}

/// The bucket of a length.
fn bucket_of(length: u64) -> usize {
    let Some(bits) = length.checked_ilog2().filter(|bits| *bits >= EXACT_BITS) else {
        return usize::try_from(length).unwrap_or_default();
    };
    // The leading bit and the three behind it: 8 to 15.
    let part = (length >> (bits - PARTS.trailing_zeros())) - PARTS;
    let bucket = EXACT + u64::from(bits - EXACT_BITS) * PARTS + part;
    usize::try_from(bucket).unwrap_or_default()
}

/// The lengths of a bucket.
fn bounds(bucket: usize) -> RangeInclusive<u64> {
    let bucket = bucket as u64;
    let Some(above) = bucket.checked_sub(EXACT) else { return bucket..=bucket };
    let shift = above / PARTS + u64::from(EXACT_BITS - PARTS.trailing_zeros());
    let low = (PARTS + above % PARTS) << shift;
    low..=low + ((1 << shift) - 1)
}

/// Adds counts by place.
pub(crate) fn add_each(counts: &mut Vec<u64>, more: &[u64]) {
    if counts.len() < more.len() {
        counts.resize(more.len(), 0);
    }
    for (count, more) in counts.iter_mut().zip(more) {
        *count = count.saturating_add(*more);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn measured(lengths: &[u64]) -> Lengths {
        let mut all = Lengths::default();
        lengths.iter().for_each(|length| all.add(*length));
        all
    }

    #[test]
    fn buckets_by_hand() {
        let of = |length| bounds(bucket_of(length));
        assert_eq!([of(0), of(7), of(15)], [0..=0, 7..=7, 15..=15], "exact below 16");
        assert_eq!([of(16), of(17), of(18), of(31)], [16..=17, 16..=17, 18..=19, 30..=31]);
        assert_eq!([of(1000), of(1024), of(8191)], [960..=1023, 1024..=1151, 7680..=8191]);
        assert_eq!((bucket_of(u64::MAX), of(u64::MAX)), (495, 15 << 60..=u64::MAX));
    }

    #[test]
    fn percentiles_by_hand() {
        assert_eq!((Lengths::default().median(), Lengths::default().mean()), (None, None));
        let all = measured(&[3, 3, 4, 1000]);
        assert_eq!(
            (all.median(), all.percentile(75), all.percentile(76)),
            (Some(3..=3), Some(4..=4), Some(960..=1000))
        );
        assert_eq!((all.count(), all.sum(), all.mean()), (4, 1010, Some(252)));
        assert_eq!((all.shortest(), all.longest()), (Some(3), Some(1000)));
        assert_eq!(measured(&[2000; 9]).percentile(95), Some(2000..=2000), "one length is known exactly");
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole(a: Vec<u64>, b: Vec<u64>, c: Vec<u64>) {
            let whole = measured(&[a.clone(), b.clone(), c.clone()].concat());
            let [a, b, c] = [a, b, c].map(|part| measured(&part));
            let merged = |one: &Lengths, other: &Lengths| {
                let mut sum = one.clone();
                sum.merge(other);
                sum
            };
            prop_assert_eq!(&merged(&merged(&a, &b), &c), &whole);
            prop_assert_eq!(&merged(&a, &merged(&b, &c)), &whole);
            prop_assert_eq!(&merged(&merged(&c, &a), &b), &whole);
        }

        #[test]
        fn a_percentile_lies_within_its_bounds(
            mut lengths in proptest::collection::vec((0u32..64, any::<u64>()).prop_map(|(less, bits)| bits >> less), 1..80),
            percent in 0u64..=100,
        ) {
            let found = measured(&lengths).percentile(percent).expect("not empty");
            lengths.sort_unstable();
            let rank = (lengths.len() * usize::try_from(percent).expect("small")).div_ceil(100).max(1);
            prop_assert!(found.contains(&lengths[rank - 1]), "{:?} {}", found, lengths[rank - 1]);
            prop_assert!(found.end() - found.start() <= found.start() / 8, "{:?}", found);
        }
    }
}
