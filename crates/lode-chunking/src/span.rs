//! Stretches of a document's tokens, and sums over them. Nothing here knows text.

/// Tokens of one document, from `start` on and before `end`; counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first token.
    pub start: u32,
    /// The token after the last.
    pub end: u32,
}

impl Span {
    /// From `start` on and before `end`; empty where that is not after `start`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end: if end > start { end } else { start } }
    }

    /// Tokens in it.
    #[must_use]
    pub const fn len(self) -> u64 {
        (self.end - self.start) as u64
    }

    /// Whether it holds no token.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end == self.start
    }

    /// Tokens that both have.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// The same tokens as stretches in order that neither overlap nor touch, each token once.
pub(crate) fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| !span.is_empty());
    spans.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// Tokens of several stretches; a token in two of them counts twice.
pub(crate) fn total(spans: &[Span]) -> u64 {
    spans.iter().map(|span| span.len()).sum()
}

/// Tokens that lie in both, each once.
pub(crate) fn common(left: &[Span], right: &[Span]) -> u64 {
    let both = left.iter().flat_map(|left| right.iter().map(|right| left.common(*right))).collect();
    total(&union(both))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_two_stretches_counts_once_in_their_union() {
        let spans = vec![Span::new(5, 9), Span::new(0, 3), Span::new(2, 4), Span::new(4, 5), Span::new(7, 7)];
        assert_eq!(union(spans.clone()), [Span::new(0, 9)]);
        assert_eq!(total(&spans), 10);
        // 2..4 and 3..6 are 2..6; of it 0..3 and 5..9 have token 2 and token 5.
        assert_eq!(common(&[Span::new(2, 4), Span::new(3, 6)], &[Span::new(0, 3), Span::new(5, 9)]), 2);
        assert_eq!(Span::new(4, 2).len(), 0);
    }
}
