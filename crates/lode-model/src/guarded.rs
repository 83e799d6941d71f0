//! What a guardrail evaluated of one call, as the trace in its record tells. No text of either side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::GuardrailPolicy;

/// One side of a call, as evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GuardedSide {
    /// Text units, or images, by policy. A unit is up to a thousand characters, rounded up per evaluation (AWS, guardrails
    /// pricing, copy of 2026-10).
    pub units: BTreeMap<GuardrailPolicy, u64>,
    /// Characters evaluated, where the trace tells.
    pub characters: Option<u64>,
    /// Policies that found something: blocked, masked or only detected it.
    pub found: BTreeSet<GuardrailPolicy>,
}

/// What a guardrail did with one call.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guarded {
    /// Id of the guardrail, without ARN and version, where the record names it.
    pub guardrail: Option<Arc<str>>,
    /// The prompt's side.
    pub input: GuardedSide,
    /// The answer's side.
    pub output: GuardedSide,
    /// Whether it took something out or blocked the call.
    pub intervened: bool,
    /// Whether parts of the prompt are marked, so that only these are evaluated: `guardContent` blocks, or tags.
    pub selective: bool,
}

impl Guarded {
    /// Units of a policy on both sides.
    #[must_use]
    pub fn units(&self, policy: GuardrailPolicy) -> u64 {
        let of = |side: &GuardedSide| side.units.get(&policy).copied().unwrap_or_default();
        of(&self.input).saturating_add(of(&self.output))
    }
}
