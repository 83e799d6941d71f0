//! Token counts of a row in half the bytes: there are many rows.

use lode_model::TokenCounts;

use crate::TraceFault;
use crate::block::Block;
use crate::fault::number;

/// Six counts of four bytes each, as in [`TokenCounts`]; or, where one needs more, which of the block's large ones they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed([u32; 6]);

/// Stands last where the counts are large: the first is their number then.
const LARGE: u32 = u32::MAX;

impl Block {
    /// Packs counts.
    ///
    /// # Errors
    /// When there are more large ones than four bytes can number.
    pub(crate) fn pack(&mut self, tokens: TokenCounts) -> Result<Packed, TraceFault> {
        let TokenCounts { input, output, cache_read, cache_write_5m, cache_write_30m, cache_write_1h } = tokens;
        let counts = [input, output, cache_read, cache_write_5m, cache_write_30m, cache_write_1h];
        let small = counts.map(|count| u32::try_from(count).unwrap_or(LARGE));
        if !small.contains(&LARGE) {
            return Ok(Packed(small));
        }
        let place = number(self.large.len(), "large counts of a group in memory")?;
        self.large.push(tokens);
        Ok(Packed([place, 0, 0, 0, 0, LARGE]))
    }

    /// The counts that were packed in this block.
    pub(crate) fn unpack(&self, Packed(counts): Packed) -> TokenCounts {
        let [first, .., last] = counts;
        if last == LARGE {
            return self.large.get(first as usize).copied().unwrap_or_default();
        }
        let [input, output, cache_read, cache_write_5m, cache_write_30m, cache_write_1h] = counts.map(u64::from);
        TokenCounts { input, output, cache_read, cache_write_5m, cache_write_30m, cache_write_1h }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_any_size_come_back() {
        let mut block = Block::empty(("1".into(), "r".into(), "m".into()));
        let most = u64::from(u32::MAX);
        let mut kept = Vec::new();
        for count in [0, 1, most - 1, most, most + 1, u64::MAX] {
            let tokens = TokenCounts { input: count, cache_write_1h: count, ..TokenCounts::default() };
            let last = TokenCounts { cache_write_1h: count, ..TokenCounts::default() };
            for tokens in [tokens, last] {
                kept.push((block.pack(tokens).expect("packed"), tokens));
            }
        }
        assert!(kept.iter().all(|(packed, tokens)| block.unpack(*packed) == *tokens));
        assert_eq!(block.large.len(), 6, "only those that need it");
    }
}
