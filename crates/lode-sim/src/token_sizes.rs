//! How many bytes of a prompt are a token, by kind of content: JSON takes fewer than prose. A log counts the tokens of a
//! whole prompt only, so the sizes are fitted to all prompts of a model; each prompt's own count stays exact, and is shared
//! out over its blocks in proportion to bytes over bytes a token.
//!
//! A kind has a size of its own only where the calls tell it; kinds that they cannot tell apart share one. Unless the
//! sizes miss the counts by at least a tenth less than one size for all kinds, a block has its share of the bytes.
//!
//! It knows requests, and no prices, caches or edits. The sums are of whole numbers: the order of calls does not matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{ModelId, Request, SegmentKind};
use lode_stats::{NormalEquations, nonnegative_least_squares};

/// Kinds whose bytes tell tokens. Those of media do not.
const KINDS: [SegmentKind; 6] = [
    SegmentKind::Tool,
    SegmentKind::System,
    SegmentKind::User,
    SegmentKind::Assistant,
    SegmentKind::ToolResult,
    SegmentKind::Retrieved,
];

/// Different prompts that a kind must stand in. Equal ones tell the same again.
const LEAST_PROMPTS: usize = 50;
/// Above this inflation of variance, a kind is as good as a sum of the others (Marquardt, Generalized inverses, ridge
/// regression, biased linear estimation, and nonlinear estimation, Technometrics 12, 1970).
const MOST_INFLATION: f64 = 10.0;
/// Largest standard error of a kind's tokens a byte, as a part of those of the whole model.
const MOST_ERROR: f64 = 0.05;
/// Variance of a count that is rounded to a whole token.
pub(crate) const ROUNDING: f64 = 1.0 / 12.0;
/// Sizes are multiples of a twentieth of a byte, so that a call more or less seldom moves a figure.
const STEPS: u32 = 20;
/// Sizes that text has, in steps: from a byte a token (numbers, encoded data) to twelve.
const PLAUSIBLE: (u32, u32) = (STEPS, 12 * STEPS);
/// Parts of a token.
const ONE: u64 = 1 << 24;
/// Prompts of more bytes or tokens are no prompts, and would not fit the sums.
const LARGEST: u64 = 1 << 32;

/// What stands in a prompt, byte by kind.
type Bytes = [u64; KINDS.len()];

/// How prompts of one model are shared out over their blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenSizes {
    /// Calls with a body, no media and no error.
    pub calls: u64,
    /// Their prompt tokens.
    pub prompt_tokens: u64,
    /// Bytes a token of each kind that the calls hold, in twentieths of a byte; empty where a block has its share of the
    /// bytes. Kinds that the calls cannot tell apart have the same; a kind in fewer than 50 different prompts has that of
    /// all bytes.
    pub twentieths: BTreeMap<SegmentKind, u32>,
    /// Tokens by which the sizes miss the counts, over all calls; 0 without sizes.
    pub tokens_off: u64,
    /// Tokens by which one size for all kinds misses them; 0 without sizes.
    pub tokens_off_plain: u64,
    /// What a byte weighs.
    pub(crate) weights: Weights,
}

/// What a byte weighs, by kind, against a byte of another; the unit means nothing. All weigh 1 where a block has its share
/// of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weights([u64; KINDS.len() + 1]);

/// The place of a kind in [`KINDS`]; that of media is behind them.
const fn place_of(kind: SegmentKind) -> usize {
    match kind {
        SegmentKind::Tool => 0,
        SegmentKind::System => 1,
        SegmentKind::User => 2,
        SegmentKind::Assistant => 3,
        SegmentKind::ToolResult => 4,
        SegmentKind::Retrieved => 5,
        SegmentKind::Media => 6,
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self([1; KINDS.len() + 1])
    }
}

impl Weights {
    /// Of a byte of this kind.
    pub(crate) const fn of(&self, kind: SegmentKind) -> u64 {
        self.0[place_of(kind)]
    }

    /// What so many bytes of a kind weigh.
    pub(crate) const fn weigh(&self, kind: SegmentKind, bytes: u64) -> u64 {
        bytes.saturating_mul(self.of(kind))
    }
}

/// The sizes of every model called.
pub(crate) fn by_model<'a>(calls: impl Iterator<Item = &'a Request> + Clone) -> BTreeMap<ModelId, Arc<TokenSizes>> {
    let mut sums: BTreeMap<&ModelId, Sums> = BTreeMap::new();
    for (call, bytes, tokens) in calls.clone().filter_map(readable) {
        sums.entry(&call.model).or_default().add(&bytes, tokens);
    }
    let mut tried: BTreeMap<&ModelId, Trial> =
        sums.iter().filter_map(|(model, sums)| Some((*model, Trial::of(sums)?))).collect();
    if !tried.is_empty() {
        for (call, bytes, tokens) in calls.filter_map(readable) {
            if let Some(trial) = tried.get_mut(&call.model) {
                trial.judge(&bytes, tokens);
            }
        }
    }
    sums.iter().map(|(model, sums)| ((*model).clone(), Arc::new(sums.sizes(tried.get(model))))).collect()
}

/// Bytes by kind and prompt tokens of a call that tells something.
fn readable(call: &Request) -> Option<(&Request, Bytes, u64)> {
    let tokens = call.tokens.prompt();
    if call.error.is_some() || call.segments.is_empty() || !(1..=LARGEST).contains(&tokens) {
        return None;
    }
    let mut bytes = Bytes::default();
    for segment in &call.segments {
        let size = bytes.get_mut(place_of(segment.kind))?;
        *size = size.saturating_add(segment.bytes);
    }
    let all = bytes.iter().fold(0u64, |all, bytes| all.saturating_add(*bytes));
    (1..=LARGEST).contains(&all).then_some((call, bytes, tokens))
}

/// Sums over the calls of a model.
#[derive(Clone, Debug, Default)]
struct Sums {
    calls: u64,
    tokens: u64,
    /// Of tokens by tokens.
    squares: u128,
    /// Of bytes by bytes.
    products: [[u128; KINDS.len()]; KINDS.len()],
    /// Of bytes by tokens.
    moments: [u128; KINDS.len()],
    /// Up to so many different prompts that hold a kind, as shapes.
    seen: [BTreeSet<Bytes>; KINDS.len()],
}

impl Sums {
    fn add(&mut self, bytes: &Bytes, tokens: u64) {
        self.calls += 1;
        self.tokens += tokens;
        self.squares += u128::from(tokens) * u128::from(tokens);
        for (place, size) in bytes.iter().enumerate().filter(|(_, size)| **size > 0) {
            for (product, other) in self.products[place].iter_mut().zip(bytes) {
                *product += u128::from(*size) * u128::from(*other);
            }
            self.moments[place] += u128::from(*size) * u128::from(tokens);
            if self.seen[place].len() < LEAST_PROMPTS {
                self.seen[place].insert(*bytes);
            }
        }
    }

    /// Tokens a byte, one for all kinds: the least squares of one column.
    fn plain(&self) -> f64 {
        let all: u128 = self.products.iter().flatten().sum();
        float(self.moments.iter().sum()) / float(all).max(1.0)
    }

    fn sizes(&self, trial: Option<&Trial>) -> TokenSizes {
        let plain = TokenSizes { calls: self.calls, prompt_tokens: self.tokens, ..TokenSizes::default() };
        let Some(trial) = trial.filter(|trial| trial.is_better()) else { return plain };
        let tokens = |parts: u128| u64::try_from(parts / u128::from(ONE)).unwrap_or(u64::MAX);
        let held = KINDS.iter().zip(trial.steps).zip(&self.moments).filter(|(_, moment)| **moment > 0);
        TokenSizes {
            twentieths: held.map(|((kind, steps), _)| (*kind, steps)).collect(),
            tokens_off: tokens(trial.off),
            tokens_off_plain: tokens(trial.off_plain),
            weights: trial.weights,
            ..plain
        }
    }
}

/// Sizes fitted to the sums, before the calls have judged them.
#[derive(Clone, Debug)]
struct Trial {
    steps: [u32; KINDS.len()],
    /// Parts of a token that a byte is.
    weights: Weights,
    /// The same with one size for all kinds, as fitted.
    plain: u64,
    /// Parts of tokens by which either misses the counts.
    off: u128,
    off_plain: u128,
}

impl Trial {
    /// `None` where all kinds have the same size, or the calls do not tell.
    fn of(sums: &Sums) -> Option<Self> {
        let plain = sums.plain();
        let common = steps(plain);
        let mut found = [common; KINDS.len()];
        for (group, value) in fit(sums, plain)? {
            group.into_iter().for_each(|kind| found[kind] = steps(value));
        }
        let mut held = found.iter().zip(&sums.moments).filter(|(_, moment)| **moment > 0).map(|(steps, _)| *steps);
        let first = held.next()?;
        if held.all(|steps| steps == first) {
            return None;
        }
        let part = |steps: u32| ONE * u64::from(STEPS) / u64::from(steps);
        let mut weights = [part(common); KINDS.len() + 1];
        weights.iter_mut().zip(found).for_each(|(weight, steps)| *weight = part(steps));
        let plain = whole(plain * float(ONE.into()));
        Some(Self { steps: found, weights: Weights(weights), plain, off: 0, off_plain: 0 })
    }

    fn judge(&mut self, bytes: &Bytes, tokens: u64) {
        let counted = u128::from(tokens) * u128::from(ONE);
        let weighed = bytes.iter().zip(self.weights.0).map(|(size, weight)| u128::from(*size) * u128::from(weight));
        let all: u128 = bytes.iter().map(|size| u128::from(*size)).sum();
        self.off += counted.abs_diff(weighed.sum());
        self.off_plain += counted.abs_diff(all * u128::from(self.plain));
    }

    /// Better by a tenth of the mean absolute error at least.
    const fn is_better(&self) -> bool {
        self.off < self.off_plain && self.off * 10 <= self.off_plain * 9
    }
}

/// Tokens a byte by groups of kinds, each told by the calls; `None` where there are not two such groups. `plain` is for
/// the kinds that too few prompts hold.
fn fit(sums: &Sums, plain: f64) -> Option<Vec<(Vec<usize>, f64)>> {
    let (held, rare): (Vec<usize>, Vec<usize>) =
        (0..KINDS.len()).partition(|kind| sums.seen[*kind].len() >= LEAST_PROMPTS);
    let mut groups: Vec<Vec<usize>> = held.into_iter().map(|kind| vec![kind]).collect();
    while groups.len() > 1 {
        let equations = equations(sums, &groups, &rare, plain);
        let similar = |a: usize, b: usize| {
            let products = &equations.products;
            products[a][b] / (products[a][a] * products[b][b]).sqrt()
        };
        let found = nonnegative_least_squares(&equations, ROUNDING);
        let worst = match &found {
            Some(found) => {
                let doubt =
                    |at: usize| (found[at].inflation / MOST_INFLATION).max(found[at].error / (MOST_ERROR * plain));
                let worst = (0..groups.len()).max_by(|a, b| doubt(*a).total_cmp(&doubt(*b)))?;
                if doubt(worst) <= 1.0 {
                    return Some(groups.into_iter().zip(found).map(|(group, c)| (group, c.value)).collect());
                }
                worst
            }
            // Columns that are one another's sums: of the two most alike, one.
            None => {
                let likest =
                    |a: usize| (0..groups.len()).filter(|b| *b != a).map(|b| similar(a, b)).fold(0.0, f64::max);
                (0..groups.len()).max_by(|a, b| likest(*a).total_cmp(&likest(*b)))?
            }
        };
        let near = (0..groups.len()).filter(|other| *other != worst);
        let near = near.max_by(|a, b| similar(worst, *a).total_cmp(&similar(worst, *b)))?;
        let joins = groups[worst].clone();
        groups[near].extend(joins);
        groups.remove(worst);
    }
    None
}

/// The equations of groups of kinds, after what the rare kinds take at the size of the whole model.
fn equations(sums: &Sums, groups: &[Vec<usize>], rare: &[usize], plain: f64) -> NormalEquations {
    let product = |a: &[usize], b: &[usize]| -> f64 {
        float(a.iter().flat_map(|a| b.iter().map(|b| sums.products[*a][*b])).sum())
    };
    let moment = |of: &[usize]| float(of.iter().map(|kind| sums.moments[*kind]).sum());
    NormalEquations {
        products: groups.iter().map(|a| groups.iter().map(|b| product(a, b)).collect()).collect(),
        moments: groups.iter().map(|group| moment(group) - plain * product(group, rare)).collect(),
        squares: float(sums.squares) - 2.0 * plain * moment(rare) + plain * plain * product(rare, rare),
        count: sums.calls,
    }
}

/// Bytes a token in steps, within what text has.
fn steps(tokens_a_byte: f64) -> u32 {
    let (least, most) = PLAUSIBLE;
    let size = whole(f64::from(STEPS) / tokens_a_byte.max(1.0 / f64::from(most)));
    u32::try_from(size).unwrap_or(most).clamp(least, most)
}

#[expect(clippy::cast_precision_loss, reason = "least squares are floats; their sums were exact")]
pub(crate) const fn float(sum: u128) -> f64 {
    sum as f64
}

/// The nearest whole number; 0 of less.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and what is rounded is small")]
fn whole(number: f64) -> u64 {
    number.max(0.0).round() as u64
}

#[cfg(test)]
mod tests;
