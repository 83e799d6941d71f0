//! Cases: habits and recommendations that belong together, and what they add up to. Pure; all sums exact.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use lode_model::Money;

use super::classes::Claims;
use super::read::{Habit, Recommendation, Report, Scope, Truth, Twin};

/// Per cent of the truth that must be found.
const RECALL: i128 = 90;
/// Per cent of what is recommended that may be false.
const FALSE: i128 = 2;
/// Per cent of the found truth by which the recommended may differ.
const ERROR: i128 = 5;
/// Per cent of what is recommended in a case that its truth must confirm.
const CONFIRMED: i128 = 90;

/// The sums of one lever or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) habits: usize,
    pub(super) truth: Money,
    pub(super) found: Money,
    pub(super) recommended: Money,
    pub(super) wrong: Money,
    /// Truth of the cases that also have a recommendation.
    pub(super) matched: Money,
    /// By how much the recommended differs from it, case by case.
    pub(super) off: Money,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.habits += other.habits;
        self.truth += other.truth;
        self.found += other.found;
        self.recommended += other.recommended;
        self.wrong += other.wrong;
        self.matched += other.matched;
        self.off += other.off;
    }
}

/// One estate and its trap.
#[derive(Clone, Debug)]
pub(super) struct Score {
    pub(super) seed: u64,
    /// Sums by lever.
    pub(super) levers: BTreeMap<String, Sums>,
    /// Cases a person should look at: missed, false, or far off.
    pub(super) remarks: Vec<String>,
    /// How many recommendations the trap estate got, and their dollars.
    pub(super) trap: (usize, Money),
    /// What the report says its cohorts are for, if it has cohorts.
    pub(super) claims: Option<Claims>,
}

impl Score {
    /// Compares a report with the truth, and takes what the trap estate's report recommends.
    pub(super) fn of(seed: u64, truth: &Truth, report: &Report, trap: &Report) -> Self {
        let mut score =
            Self { seed, levers: BTreeMap::new(), remarks: Vec::new(), trap: (0, Money::ZERO), claims: None };
        for case in cases(&truth.habits, &report.recommendations) {
            *score.levers.entry(case.lever().to_owned()).or_default() += case.sums();
            score.remarks.extend(case.remark(&truth.twins).map(|remark| format!("seed {seed}: {remark}")));
        }
        score.claims = report.cohorts.as_ref().map(|cohorts| Claims::of(&truth.apps, cohorts));
        let claims = score.claims.iter().flat_map(|claims| &claims.remarks);
        score.remarks.extend(claims.map(|remark| format!("seed {seed}: {remark}")));
        for found in &trap.recommendations {
            score.trap.0 += 1;
            score.trap.1 += dollars(found);
            score.remarks.push(format!("seed {seed}: trap: {} ${}", found.id, dollars(found)));
        }
        score
    }

    /// Sums over all levers.
    pub(super) fn total(&self) -> Sums {
        let mut total = Sums::default();
        self.levers.values().for_each(|sums| total += *sums);
        total
    }
}

/// Dollars a month that a recommendation promises by itself. One that saves only after others promises none.
fn dollars(recommendation: &Recommendation) -> Money {
    recommendation.savings.standalone.max(Money::ZERO)
}

/// Habits and recommendations that belong together, directly or through others. Never empty.
#[derive(Debug, Default)]
struct Case<'a> {
    habits: Vec<&'a Habit>,
    found: Vec<&'a Recommendation>,
}

/// Whether a recommendation is about a habit.
fn belongs(habit: &Habit, found: &Recommendation) -> bool {
    let scope = &found.scope;
    let same =
        |named: &Option<String>, of_habit: Option<&str>| named.as_deref().is_none_or(|name| Some(name) == of_habit);
    found.lever == habit.lever
        && scope.account == habit.account
        && same(&scope.region, Some(&habit.region))
        && match (named_resource(scope), &habit.resource) {
            (Some(named), Some(of_habit)) => named == of_habit,
            // A workload keeps its caller whatever model it is told to call; a pool has no caller.
            _ if scope.caller.is_some() => same(&scope.caller, habit.caller.as_deref()),
            _ => same(&scope.model, habit.model.as_deref()),
        }
}

/// The one resource that a recommendation names. Where the bill names none, its owner is all of a kind.
fn named_resource(scope: &Scope) -> Option<&str> {
    scope.resource.as_deref().filter(|resource| resource.starts_with("arn:"))
}

fn cases<'a>(habits: &'a [Habit], found: &'a [Recommendation]) -> Vec<Case<'a>> {
    let mut cases: Vec<Case<'a>> = habits.iter().map(|habit| Case { habits: vec![habit], found: Vec::new() }).collect();
    for recommendation in found {
        let (about, others): (Vec<_>, Vec<_>) =
            cases.into_iter().partition(|case| case.habits.iter().any(|habit| belongs(habit, recommendation)));
        // A recommendation about two habits makes them one case.
        let mut joined = Case::default();
        for case in about {
            joined.habits.extend(case.habits);
            joined.found.extend(case.found);
        }
        joined.found.push(recommendation);
        cases = others;
        cases.push(joined);
    }
    cases
}

impl Case<'_> {
    fn lever(&self) -> &str {
        let planted = self.habits.first().map(|habit| habit.lever.as_str());
        planted.or(self.found.first().map(|found| found.lever.as_str())).unwrap_or_default()
    }

    fn sums(&self) -> Sums {
        let truth: Money = self.habits.iter().map(|habit| habit.monthly).sum();
        let recommended: Money = self.found.iter().copied().map(dollars).sum();
        let both = truth > Money::ZERO && recommended > Money::ZERO;
        let only = |when: bool, money: Money| if when { money } else { Money::ZERO };
        Sums {
            habits: self.habits.len(),
            truth,
            found: truth.min(recommended),
            recommended,
            wrong: only(truth.pico() * 100 < recommended.pico() * CONFIRMED, recommended),
            matched: only(both, truth),
            off: only(both, (truth - recommended).max(recommended - truth)),
        }
    }

    /// A line for a person, unless truth and recommended agree.
    fn remark(&self, twins: &[Twin]) -> Option<String> {
        let sums = self.sums();
        let planted: Vec<&str> = self.habits.iter().map(|habit| habit.id.as_str()).collect();
        let found: BTreeSet<&str> = self.found.iter().map(|found| found.id.as_str()).collect();
        let found = found.into_iter().collect::<Vec<_>>().join(", ");
        let (planted, truth, recommended) = (planted.join(", "), sums.truth, sums.recommended);
        if self.habits.is_empty() {
            let twin = twins.iter().find(|twin| self.found.iter().any(|found| is_twin(twin, found)));
            let twin = twin.map(|twin| format!(", the twin {}", twin.id)).unwrap_or_default();
            Some(format!("false: {found}{twin}: ${recommended}, no habit"))
        } else if self.found.is_empty() {
            Some(format!("missed: {planted} ({}): ${truth}", self.lever()))
        } else if sums.off.pico() * 100 > truth.pico() * ERROR {
            let what = if sums.wrong > Money::ZERO { "false" } else { "off" };
            Some(format!("{what}: {planted} (${truth}): {found} ${recommended}"))
        } else {
            None
        }
    }
}

fn is_twin(twin: &Twin, found: &Recommendation) -> bool {
    let is = |named: Option<&str>, of_twin: &Option<String>| named.is_some() && named == of_twin.as_deref();
    twin.lever == found.lever
        && (is(found.scope.caller.as_deref(), &twin.caller) || is(named_resource(&found.scope), &twin.resource))
}

/// Why the scores are not good enough.
pub(super) fn problems(scores: &[Score]) -> Vec<String> {
    let mut all = Sums::default();
    scores.iter().for_each(|score| all += score.total());
    let mut problems = Vec::new();
    let mut hold = |holds: bool, text: String| {
        if !holds {
            problems.push(text);
        }
    };
    hold(all.habits > 0, "no habit was planted: nothing is shown".to_owned());
    hold(all.found.pico() * 100 >= all.truth.pico() * RECALL, format!("recall is under {RECALL} %"));
    hold(all.wrong.pico() * 100 <= all.recommended.pico() * FALSE, format!("false dollars are over {FALSE} %"));
    hold(all.off.pico() * 100 <= all.matched.pico() * ERROR, format!("the error is over {ERROR} %"));
    for score in scores {
        let (count, dollars) = score.trap;
        hold(count == 0, format!("seed {}: the trap estate got {count} recommendations, ${dollars}", score.seed));
    }
    problems
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
