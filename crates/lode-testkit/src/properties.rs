//! What must always hold, checked on every scenario.

use std::num::NonZeroUsize;

use lode_engine::{Engine, Outcome, Plan, Reason, Recommender, Settings, Value, Verdict};
use lode_model::{ChargeKind, Money};
use lode_sim::{BillView, State};

use crate::{Scenario, scenarios};

/// Runs every property on every scenario:
/// marginals add up exactly and none is negative; the full plan never leaves a larger bill than the ready one; a bill in any order and any number of threads give
/// the same conclusions; cuts of the bill
/// add up to it and nothing is dropped; a rule asks only for signals
/// that are measured; a gated saving is not in the ready plan and has a low of 0; what was carried out is not recommended
/// again.
pub fn check_properties(recommenders: &[&dyn Recommender]) {
    for scenario in scenarios() {
        let (estate, outcome) = scenario.run(recommenders);
        let name = &scenario.name;
        for plan in [&outcome.ready, &outcome.full] {
            adds_up(name, plan);
        }
        assert!(outcome.full.remaining <= outcome.ready.remaining, "{name}: the full plan leaves a larger bill");
        gates_are_shut(name, &outcome);
        assert_eq!(outcome, shuffled(&scenario, recommenders), "{name}: the order of the bill changed the outcome");
        let view = BillView::of(&estate);
        for (cut, slices) in [
            ("layer", &view.by_layer),
            ("source", &view.by_source),
            ("model", &view.by_model),
            ("caller", &view.by_caller),
            ("class", &view.by_class),
            ("account", &view.by_account),
        ] {
            let sum: Money = slices.iter().map(|slice| slice.billed).sum();
            assert_eq!(sum, view.billed, "{name}: the cut by {cut} does not add up to the bill");
            let monthly: Money = slices.iter().map(|slice| slice.monthly).sum();
            assert_eq!(monthly, view.monthly, "{name}: the monthly cut by {cut} does not add up");
        }
        let billed: Money = scenario
            .bill()
            .lines
            .iter()
            .filter(|line| !matches!(line.kind, ChargeKind::Tax | ChargeKind::Credit | ChargeKind::Refund))
            .map(|line| line.unblended)
            .sum();
        assert_eq!(estate.billed(), billed, "{name}: dollars were lost between bill and estate");
        assert_eq!(
            State::baseline(&estate).daily(&estate.window).total(),
            billed,
            "{name}: the baseline is not the bill"
        );
        signals_are_measured(name, &outcome);
        let engine = Engine::new(recommenders, Settings::default()).expect("built-in rules are valid");
        let again = engine.made_again(&estate, scenario.as_of);
        assert!(again.is_empty(), "{name}: recommended again after the plan was carried out: {again:?}");
    }
}

fn adds_up(name: &str, plan: &Plan) {
    let sum: Money = plan.steps.iter().map(lode_engine::Step::marginal).sum();
    assert_eq!(sum, plan.baseline - plan.remaining, "{name}: the {} plan does not add up", plan.name);
    let mut before = plan.baseline;
    for step in &plan.steps {
        assert_eq!(step.before, before, "{name}: {} does not start where the step before it ended", step.id);
        assert!(step.marginal() >= Money::ZERO, "{name}: {} costs money in the {} plan", step.id, plan.name);
        before = step.after;
    }
    assert_eq!(before, plan.remaining, "{name}: the {} plan does not end where it says", plan.name);
    assert!(plan.low <= plan.savings() && plan.savings() <= plan.high, "{name}: savings outside their interval");
}

fn gates_are_shut(name: &str, outcome: &Outcome) {
    for recommendation in &outcome.recommendations {
        let in_ready = outcome.ready.steps.iter().any(|step| step.id == recommendation.id);
        if recommendation.gate.is_some() {
            assert!(!in_ready, "{name}: {} is gated and ready", recommendation.id);
            assert_eq!(recommendation.savings.low, Money::ZERO, "{name}: {} is gated and has a low", recommendation.id);
        }
        assert!(
            recommendation.savings.low <= recommendation.savings.expected
                && recommendation.savings.expected <= recommendation.savings.high,
            "{name}: {} lies outside its own interval",
            recommendation.id
        );
    }
}

/// The same scenario with its bill upside down and interleaved.
fn shuffled(scenario: &Scenario, recommenders: &[&dyn Recommender]) -> Outcome {
    let mut bill = scenario.bill();
    let half = bill.lines.len() / 2;
    bill.lines.reverse();
    bill.lines.rotate_left(half);
    let (even, odd): (Vec<_>, Vec<_>) = bill.lines.into_iter().enumerate().partition(|(index, _)| index % 2 == 0);
    bill.lines = even.into_iter().chain(odd).map(|(_, line)| line).collect();
    let estate = scenario.estate.build_with(&bill, &scenario.estate.options(scenario.as_of));
    let engine = Engine::new(recommenders, Settings::default()).expect("built-in rules are valid");
    // And on more threads than there are owners.
    engine.on_threads(NonZeroUsize::new(7).unwrap_or(NonZeroUsize::MIN)).run(&estate, scenario.as_of)
}

/// No clause may compare a signal that its recommender does not measure on that subject.
fn signals_are_measured(name: &str, outcome: &Outcome) {
    for evaluation in &outcome.evaluations {
        if let Verdict::Declined(Reason::Clause { clause, value, .. }) = &evaluation.verdict {
            let unmeasured = *value == Value::Text("not measured".to_owned());
            assert!(!unmeasured, "{name}: {} compares {}, which nobody measured", evaluation.rule_id, clause.signal);
        }
    }
}
