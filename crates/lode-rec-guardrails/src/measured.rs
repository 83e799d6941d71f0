//! What is known of the units of a subject, against those on the bill at this point of the walk.

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_engine::{Context, Input, Subject};
use lode_model::{Class, Edit, GuardrailPolicy, Money, Ratio, ResourceChange, Unit};
use lode_sim::{GuardrailUse, PolicyCounts, PolicyUse};

/// What tells of evaluations: traces of calls, else CloudWatch.
pub(crate) enum Measured {
    /// Traces, and the units of each policy that are left at this point of the walk.
    Traced(Arc<GuardrailUse>, BTreeMap<GuardrailPolicy, u64>),
    /// Counts of CloudWatch by policy.
    Counted(BTreeMap<GuardrailPolicy, PolicyCounts>),
    /// Nothing.
    Unknown,
}

/// Policies that found nothing.
#[derive(Default)]
pub(crate) struct Silent {
    /// Which: those that cost something.
    pub(crate) policies: Vec<GuardrailPolicy>,
    /// What they cost a month.
    pub(crate) monthly: Money,
    /// Evaluations of the one that has the fewest.
    pub(crate) evaluations: u64,
    /// Of their units on the bill, the part whose findings are known.
    pub(crate) seen_share: f64,
}

/// The classes of some policies.
pub(crate) fn classes(policies: &[GuardrailPolicy]) -> Vec<Class> {
    policies.iter().map(|policy| Class::GuardrailUnit(*policy)).collect()
}

impl Measured {
    pub(crate) fn of(cx: &Context<'_>, subject: &Subject) -> Self {
        if let Some(used) = cx.guardrail_use(subject).filter(|used| used.calls > 0) {
            return Self::Traced(used, left(cx, subject));
        }
        let counts = cx.guardrail_counts(subject);
        if counts.is_empty() { Self::Unknown } else { Self::Counted(counts) }
    }

    /// What is known of a policy that shows nothing, in words.
    pub(crate) const fn nothing(&self) -> &'static str {
        match self {
            Self::Traced(..) | Self::Unknown => "nothing was found",
            Self::Counted(..) => "it did not intervene",
        }
    }

    /// The traces, where there are any.
    pub(crate) fn traced(&self) -> Option<&GuardrailUse> {
        match self {
            Self::Traced(used, _) => Some(used),
            Self::Counted(..) | Self::Unknown => None,
        }
    }

    /// Units of some policies in traces, as a share of those billed.
    pub(crate) fn logged_share(&self, cx: &Context<'_>, subject: &Subject, policies: &[GuardrailPolicy]) -> f64 {
        let Self::Traced(used, _) = self else { return 0.0 };
        let billed = billed(cx, subject);
        let of_billed = policies.iter().filter(|policy| billed.contains_key(policy));
        let traced = of_billed.filter_map(|policy| used.policies.get(policy)).map(PolicyUse::units).sum();
        let all = policies.iter().filter_map(|policy| billed.get(policy)).sum();
        crate::share(traced, all)
    }

    /// Less of each policy by so many of its units as traces tell. What the traces do not hold stays as it is; where they hold
    /// more than is left on the bill, they are scaled down to it.
    pub(crate) fn less(&self, reason: &str, saved: impl Fn(GuardrailPolicy, &PolicyUse) -> u64) -> Vec<Edit> {
        let Self::Traced(used, left) = self else { return Vec::new() };
        let edit = |(policy, used): (&GuardrailPolicy, &PolicyUse)| {
            let left = left.get(policy).copied().filter(|left| *left > 0)?;
            let saved = saved(*policy, used);
            let keep = 1.0 - crate::share(saved, left.max(used.units()));
            let change = ResourceChange::Reduce {
                reason: reason.into(),
                classes: classes(&[*policy]),
                keep: Ratio::from_f64(keep),
            };
            (saved > 0).then_some(Edit::Resource(change))
        };
        used.policies.iter().filter_map(edit).collect()
    }

    /// Policies that found nothing on either side; `None` where there is none.
    ///
    /// # Errors
    /// What must be known first. CloudWatch counts interventions alone: a policy that only reports finds without one.
    pub(crate) fn silent(&self, cx: &Context<'_>, subject: &Subject) -> Result<Option<Silent>, Input> {
        let monthly = |class: &Class| cx.monthly_of(subject, |charge| charge.key.class == *class);
        let nothing: Vec<(GuardrailPolicy, u64, u64)> = match self {
            Self::Traced(used, _) => {
                let nothing = used.policies.iter().filter(|(_, used)| used.found() == 0 && used.evaluations() > 0);
                nothing.map(|(policy, used)| (*policy, used.evaluations(), used.units())).collect()
            }
            Self::Counted(counts) => {
                let nothing = counts.iter().filter(|(policy, counts)| {
                    let costs = monthly(&Class::GuardrailUnit(**policy)) > Money::ZERO;
                    counts.intervened == 0 && counts.invocations > 0 && costs
                });
                let nothing = nothing.map(|(policy, counts)| (*policy, counts.invocations, counts.units));
                let all: Vec<_> = nothing.collect();
                let acting = if all.is_empty() { None } else { crate::entities::acting(cx, subject) };
                match acting {
                    None if all.is_empty() => Vec::new(),
                    None => return Err(Input::GuardrailConfig),
                    Some(acting) if all.iter().all(|(policy, ..)| !acting.contains(policy)) => {
                        return Err(Input::GuardrailTrace);
                    }
                    Some(acting) => all.into_iter().filter(|(policy, ..)| acting.contains(policy)).collect(),
                }
            }
            Self::Unknown => return Err(Input::GuardrailTrace),
        };
        Ok(silent_of(cx, subject, nothing, monthly))
    }

    /// Policies that found something in prompts and nothing in answers; `None` where there is none.
    pub(crate) fn silent_answers(&self, cx: &Context<'_>, subject: &Subject) -> Option<Silent> {
        let Self::Traced(used, left) = self else { return None };
        let nothing = used
            .policies
            .iter()
            .filter(|(_, used)| used.prompts.found > 0 && used.answers.found == 0 && used.answers.evaluations > 0);
        let nothing = nothing.map(|(policy, used)| (*policy, used.answers.evaluations, used.units())).collect();
        // What the answers cost: their part of what is left.
        let monthly = |class: &Class| {
            let Class::GuardrailUnit(policy) = class else { return Money::ZERO };
            let left = left.get(policy).copied().unwrap_or_default();
            let answers = used.policies.get(policy).map_or(0, |used| used.answers.units);
            let all = cx.monthly_of(subject, |charge| charge.key.class == *class);
            Money::from_f64(all.to_f64() * crate::share(answers.min(left), left)).unwrap_or_default()
        };
        silent_of(cx, subject, nothing, monthly)
    }
}

/// Of policies with their evaluations and the units seen, those that cost something.
fn silent_of(
    cx: &Context<'_>,
    subject: &Subject,
    nothing: Vec<(GuardrailPolicy, u64, u64)>,
    monthly: impl Fn(&Class) -> Money,
) -> Option<Silent> {
    let billed = billed(cx, subject);
    let mut silent = Silent { evaluations: u64::MAX, ..Silent::default() };
    let (mut seen, mut all) = (0u64, 0u64);
    for (policy, evaluations, units) in nothing {
        let cost = monthly(&Class::GuardrailUnit(policy));
        if cost > Money::ZERO {
            silent.policies.push(policy);
            silent.monthly += cost;
            silent.evaluations = silent.evaluations.min(evaluations);
            seen = seen.saturating_add(units);
            all = all.saturating_add(billed.get(&policy).copied().unwrap_or_default());
        }
    }
    silent.seen_share = crate::share(seen, all);
    (!silent.policies.is_empty()).then_some(silent)
}

/// Units by policy that were billed, at the start of the walk.
fn billed(cx: &Context<'_>, subject: &Subject) -> BTreeMap<GuardrailPolicy, u64> {
    units(cx.billed_quantities(subject))
}

/// Units by policy that are left at this point of the walk.
fn left(cx: &Context<'_>, subject: &Subject) -> BTreeMap<GuardrailPolicy, u64> {
    units(cx.charges(subject).iter().filter_map(|charge| Some((&charge.key.class, charge.quantity?))))
}

fn units<'c>(quantities: impl Iterator<Item = (&'c Class, lode_model::Quantity)>) -> BTreeMap<GuardrailPolicy, u64> {
    let mut units: BTreeMap<GuardrailPolicy, i128> = BTreeMap::new();
    for (class, quantity) in quantities {
        if let (Class::GuardrailUnit(policy), Unit::Micro) = (class, quantity.unit) {
            *units.entry(*policy).or_default() += quantity.steps;
        }
    }
    let whole = |steps: i128| u64::try_from(steps / Unit::Micro.steps()).unwrap_or_default();
    units.into_iter().map(|(policy, steps)| (policy, whole(steps))).collect()
}
