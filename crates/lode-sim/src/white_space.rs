//! What white space in JSON takes of a prompt's tokens. A tokenizer makes one token of a long run of spaces, so a byte of
//! indentation may weigh far less than another; the calls of an owner tell it where their share of it differs.
//!
//! Least squares of a prompt's tokens over its other bytes and its bytes of white space. It knows no prices and no edits.

use lode_model::Request;
use lode_stats::{NormalEquations, nonnegative_least_squares};

use crate::calls::has_media;
use crate::token_sizes::{ROUNDING, float};

/// Fewest calls with white space that tell something.
const LEAST_CALLS: u64 = 50;
/// Largest standard error of what white space weighs, as a part of what another byte does.
const MOST_ERROR: f64 = 0.05;

/// Sums over calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct WhiteSpace {
    calls: u64,
    with: u64,
    /// Other bytes by other bytes, other by white, white by white.
    products: [u128; 3],
    /// Either by tokens.
    moments: [u128; 2],
    squares: u128,
}

impl WhiteSpace {
    /// Takes a call; one without a body, with media or that failed tells nothing.
    pub(crate) fn add(&mut self, call: &Request) {
        let media = has_media(call.segments.iter().map(|segment| segment.kind));
        if call.segments.is_empty() || media || call.error.is_some() {
            return;
        }
        let bytes: u128 = call.segments.iter().map(|segment| u128::from(segment.bytes)).sum();
        let white: u128 = call.segments.iter().map(|segment| u128::from(segment.traits.white_space)).sum();
        let (tokens, other) = (u128::from(call.tokens.prompt()), bytes.saturating_sub(white));
        self.calls += 1;
        self.with += u64::from(white > 0);
        let add = |sum: &mut u128, a: u128, b: u128| *sum = sum.saturating_add(a.saturating_mul(b));
        let [other_other, other_white, white_white] = &mut self.products;
        add(other_other, other, other);
        add(other_white, other, white);
        add(white_white, white, white);
        let [other_tokens, white_tokens] = &mut self.moments;
        add(other_tokens, other, tokens);
        add(white_tokens, white, tokens);
        add(&mut self.squares, tokens, tokens);
    }

    /// What a byte of white space weighs, against another byte of the prompt: 1 where it takes as many tokens, 0 where it
    /// takes none. `None` where the calls do not tell it to a twentieth.
    pub(crate) fn weight(&self) -> Option<f64> {
        if self.with < LEAST_CALLS {
            return None;
        }
        let [other_other, other_white, white_white] = self.products.map(float);
        let equations = NormalEquations {
            products: vec![vec![other_other, other_white], vec![other_white, white_white]],
            moments: self.moments.map(float).to_vec(),
            squares: float(self.squares),
            count: self.calls,
        };
        let found = nonnegative_least_squares(&equations, ROUNDING)?;
        let [other, white] = &found[..] else { return None };
        (other.value > 0.0 && white.error <= MOST_ERROR * other.value).then(|| (white.value / other.value).min(1.0))
    }
}
