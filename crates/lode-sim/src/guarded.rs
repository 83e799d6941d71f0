//! What guardrails evaluated: the units of each policy by side, what they found, and how many units of the prompts would be
//! left if only what is new in them were evaluated. From traces of calls; or, of what was found, from CloudWatch. No prices.
//!
//! Without marks a guardrail evaluates every text of the messages in every turn again, but no tool results, tool definitions
//! and arguments, and no system prompt (AWS User Guide, guardrails-use-converse-api, copy of 2026-10).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::Offset;
use lode_model::{Caller, Guarded, GuardrailPolicy, Metrics, Owner, Request, ResourceId, Segment, Series};

use crate::Estate;

use held::Held;

mod held;

/// Characters of a text unit (AWS, guardrails pricing, copy of 2026-10).
const UNIT: u64 = 1_000;
/// Where CloudWatch keeps what guardrails count.
const NAMESPACE: &str = "AWS/Bedrock/Guardrails";
/// Policies as CloudWatch names them (AWS User Guide, monitoring-guardrails-cw-metrics, copy of 2026-10). It does not tell
/// entities from regular expressions, nor images from text.
const TYPES: [(&str, GuardrailPolicy); 5] = [
    ("ContentPolicy", GuardrailPolicy::Content),
    ("TopicPolicy", GuardrailPolicy::Topic),
    ("WordPolicy", GuardrailPolicy::Word),
    ("SensitiveInformationPolicy", GuardrailPolicy::SensitiveEntities),
    ("ContextualGroundingPolicy", GuardrailPolicy::Grounding),
];

/// Calls with a guardrail, by caller and guardrail.
type GuardedCalls<'a> = BTreeMap<(&'a Caller, Option<&'a str>), Vec<(&'a Request, &'a Guarded)>>;

/// One policy on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideUse {
    /// Calls of which it evaluated something.
    pub evaluations: u64,
    /// Units.
    pub units: u64,
    /// Calls in which it found something.
    pub found: u64,
}

/// One policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyUse {
    /// On prompts.
    pub prompts: SideUse,
    /// On answers.
    pub answers: SideUse,
    /// Units on prompts if only what is new were evaluated; those of prompts of which nothing more is known stay.
    pub newest: u64,
}

impl PolicyUse {
    /// Units of both sides.
    #[must_use]
    pub const fn units(&self) -> u64 {
        self.prompts.units + self.answers.units
    }

    /// Evaluations of both sides.
    #[must_use]
    pub const fn evaluations(&self) -> u64 {
        self.prompts.evaluations + self.answers.evaluations
    }

    /// Calls in which it found something, on either side.
    #[must_use]
    pub const fn found(&self) -> u64 {
        self.prompts.found + self.answers.found
    }
}

/// What the guardrails of one resource of the bill evaluated, as the traces of calls tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardrailUse {
    /// Calls whose record tells units.
    pub calls: u64,
    /// Calls with a guardrail whose record tells no unit.
    pub untold: u64,
    /// Of the calls that tell, those whose prompt marks what to evaluate.
    pub marked: u64,
    /// Characters of prompts that were evaluated without marks, where prompt and count are known.
    pub characters: u64,
    /// Of these, those that are new: of the newest turn, and of what no earlier call had evaluated.
    pub newest: u64,
    /// By policy.
    pub policies: BTreeMap<GuardrailPolicy, PolicyUse>,
}

impl GuardrailUse {
    /// Policies whose units on prompts follow from how much of them is evaluated. Words may see all of a prompt whatever is
    /// marked, grounding needs its source, and reasoning reads answers (AWS User Guide, copy of 2026-10).
    pub const BY_TURN: [GuardrailPolicy; 3] =
        [GuardrailPolicy::Content, GuardrailPolicy::Topic, GuardrailPolicy::SensitiveEntities];

    /// Of the calls to the guardrails that a resource of the bill stands for: the one that it names, else all of its account
    /// and region. `None` where no call is known there.
    #[must_use]
    pub fn of(estate: &Estate, owner: &Owner) -> Option<Arc<Self>> {
        let Owner::Resource(account, region, resource) = owner else { return None };
        let cluster = estate.demand.cluster(account, region)?;
        Some(cluster.memo.guarded(resource, || {
            let id = guardrail_id(resource);
            let mut calls = GuardedCalls::new();
            for call in cluster.owners.iter().flat_map(|own| &own.calls) {
                let guarded = call.guarded.as_deref();
                if let Some(guarded) = guarded.filter(|own| id.is_none() || own.guardrail.as_deref() == id) {
                    calls.entry((&call.caller, guarded.guardrail.as_deref())).or_default().push((call, guarded));
                }
            }
            let mut all = Self::default();
            calls.into_values().for_each(|calls| all.see_calls(calls));
            all
        }))
    }

    /// Calls of one caller to one guardrail. Those of one second do not know of each other: the log has no finer order.
    fn see_calls(&mut self, mut calls: Vec<(&Request, &Guarded)>) {
        calls.sort_by(|(a, _), (b, _)| (a.time, &a.id).cmp(&(b.time, &b.id)));
        let mut held = Held::default();
        for second in calls.chunk_by(|(a, _), (b, _)| a.time == b.time) {
            second.iter().for_each(|(call, guarded)| self.see(&held, &call.segments, guarded));
            second.iter().for_each(|(call, guarded)| held.take(&call.segments, guarded));
        }
    }

    fn see(&mut self, held: &Held, prompt: &[Arc<Segment>], guarded: &Guarded) {
        if guarded.input.units.is_empty() && guarded.output.units.is_empty() {
            self.untold += 1;
            return;
        }
        self.calls += 1;
        self.marked += u64::from(guarded.selective);
        let newest = if guarded.selective { None } else { held.newest(prompt, guarded.input.characters) };
        if let (Some(newest), Some(all)) = (newest, guarded.input.characters) {
            self.characters = self.characters.saturating_add(all);
            self.newest = self.newest.saturating_add(newest);
        }
        for policy in GuardrailPolicy::ALL {
            let units = |side: &lode_model::GuardedSide| side.units.get(policy).copied().unwrap_or_default();
            let (prompt, answer) = (units(&guarded.input), units(&guarded.output));
            let found = [&guarded.input, &guarded.output].map(|side| side.found.contains(policy));
            if prompt + answer == 0 && found == [false; 2] {
                continue;
            }
            let own = self.policies.entry(*policy).or_default();
            for (side, units, found) in [(&mut own.prompts, prompt, found[0]), (&mut own.answers, answer, found[1])] {
                side.evaluations += u64::from(units > 0);
                side.units = side.units.saturating_add(units);
                side.found += u64::from(found);
            }
            let left = newest.filter(|_| Self::BY_TURN.contains(policy)).map(|newest| newest.div_ceil(UNIT).max(1));
            own.newest = own.newest.saturating_add(left.map_or(prompt, |left| left.min(prompt)));
        }
    }
}

/// The id of the guardrail that a resource names by its ARN; `None` where the bill names none.
#[must_use]
pub fn guardrail_id(resource: &ResourceId) -> Option<&str> {
    let (_, id) = resource.as_str().rsplit_once("guardrail/")?;
    Some(id.split_once(':').map_or(id, |(id, _)| id))
}

/// What CloudWatch counted of one policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyCounts {
    /// Evaluations, as CloudWatch counts invocations by policy.
    pub invocations: u64,
    /// Of them, those in which the guardrail intervened.
    pub intervened: u64,
    /// Text units.
    pub units: u64,
}

/// What CloudWatch counted of the guardrails that a resource of the bill stands for, in the days of the estate: of every policy
/// with its invocations and its interventions.
#[must_use]
pub fn guardrail_counts(estate: &Estate, owner: &Owner) -> BTreeMap<GuardrailPolicy, PolicyCounts> {
    let Owner::Resource(account, region, resource) = owner else { return BTreeMap::new() };
    let id = guardrail_id(resource);
    let is_of = |series: &&Series| {
        let named = series.dimensions.get("GuardrailArn").map(|arn| ResourceId::from(&**arn));
        series.account.as_ref().is_none_or(|own| own == account)
            && series.region.as_ref().is_none_or(|own| own == region)
            && id.is_none_or(|id| named.as_ref().and_then(guardrail_id) == Some(id))
    };
    let sum = |metric: &str, kind: &str| most(estate, &estate.metrics, metric, kind, &is_of);
    TYPES
        .iter()
        .filter_map(|(kind, policy)| {
            let counts = PolicyCounts {
                invocations: sum("Invocations", kind)?,
                intervened: sum("InvocationsIntervened", kind)?,
                units: sum("TextUnitCount", kind).unwrap_or_default(),
            };
            Some((*policy, counts))
        })
        .collect()
}

/// The sum of a metric of one policy. CloudWatch counts a call again under every set of dimensions, and a point again at
/// every length of period: sets are never added, the largest counts.
fn most(estate: &Estate, metrics: &Metrics, metric: &str, kind: &str, is_of: &dyn Fn(&&Series) -> bool) -> Option<u64> {
    let wanted = |series: &&Series| {
        let is_kind = series.dimensions.get("GuardrailPolicyType").is_some_and(|own| **own == *kind);
        is_kind && *series.namespace == *NAMESPACE && *series.metric == *metric && *series.stat == *"Sum"
    };
    let mut sums: BTreeMap<(Vec<&Arc<str>>, u32), u64> = BTreeMap::new();
    for (series, points) in metrics.series.iter().filter(|(series, _)| wanted(series) && is_of(series)) {
        let sum = sums.entry((series.dimensions.keys().collect(), series.period)).or_default();
        for (time, value) in points {
            let day = Offset::UTC.to_datetime(*time).date();
            if estate.window.first <= day && day <= estate.window.last {
                *sum = sum.saturating_add(value.floor());
            }
        }
    }
    sums.into_values().max()
}

#[cfg(test)]
mod tests;
