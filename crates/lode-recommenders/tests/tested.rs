//! What tests on the customer's own calls change: 200 calls a day ask Claude Sonnet 5.5 for labels; Haiku 5.5 would save
//! 58.08 a month (see the scenario), which waits for a test.

use std::collections::BTreeMap;

use jiff::civil::date;
use lode_engine::{Grade, Outcome, Reason, Settings, TestVerdict, Tested};
use lode_model::{Cohort, Ratio};
use lode_recommenders::ALL;
use lode_testkit::Scenario;

const ID: &str = "model-rightsizing.simple-tasks/111111111111/us-east-1/anthropic.claude-sonnet-5-5/role/triage";

/// The cohort of the calls, as tests name it: with a mark of how its prompts begin.
fn label() -> Cohort {
    let estate = Scenario::named("model-rightsizing-labels-fires").build();
    let owners = estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners);
    owners.filter_map(lode_sim::OwnerCalls::tested_as).next().expect("the calls are known")
}

fn test(verdict: TestVerdict) -> Tested {
    Tested {
        recommendation: ID.to_owned(),
        key: "anthropic.claude-haiku-5-5".into(),
        date: date(2026, 11, 3),
        cohorts: [(label(), verdict)].into(),
        others: None,
        given: BTreeMap::new(),
        one_off: None,
        prompt: None,
        output: None,
    }
}

fn outcome(tested: Vec<Tested>) -> Outcome {
    let settings = Settings { tested, ..Settings::default() };
    Scenario::named("model-rightsizing-labels-fires").run_with(ALL, settings).1
}

/// Ready and full savings a month, and grade and gate of the recommendation.
fn plans(outcome: &Outcome) -> (String, String, Option<(Grade, bool)>) {
    let two = |plan: &lode_engine::Plan| plan.savings().to_decimal(2);
    let r = outcome.recommendations.iter().find(|r| r.id == ID).map(|r| (r.grade, r.gate.is_some()));
    (two(&outcome.ready), two(&outcome.full), r)
}

#[test]
fn without_a_test_and_with_one_that_shows_nothing_the_gate_stays() {
    let waits = ("0.00".to_owned(), "58.08".to_owned(), Some((Grade::Modelled, true)));
    assert_eq!(plans(&outcome(Vec::new())), waits);
    assert_eq!(plans(&outcome(vec![test(TestVerdict::Undecided)])), waits);
    let elsewhere =
        Tested { cohorts: [(Cohort::from("label-2"), TestVerdict::Passed)].into(), ..test(TestVerdict::Passed) };
    assert_eq!(plans(&outcome(vec![elsewhere])), waits, "of other calls");
    let edited =
        Tested { cohorts: [(Cohort::from("label~00000000"), TestVerdict::Passed)].into(), ..test(TestVerdict::Passed) };
    assert_eq!(plans(&outcome(vec![edited])), waits, "of another prompt");
    let another = Tested { key: "amazon.nova-2-lite-v1:0".into(), ..test(TestVerdict::Passed) };
    assert_eq!(plans(&outcome(vec![another])), waits, "of another model");
}

#[test]
fn what_passed_is_ready_and_measured() {
    let passed = outcome(vec![test(TestVerdict::Passed)]);
    assert_eq!(plans(&passed), ("58.08".to_owned(), "58.08".to_owned(), Some((Grade::Measured, false))));
    let [r] = &passed.recommendations[..] else { panic!("one") };
    assert_eq!(r.test, Some((date(2026, 11, 3), TestVerdict::Passed)));
    assert!(r.savings.low > lode_model::Money::ZERO, "no gate makes it nothing");
}

#[test]
fn measured_lengths_stand_in_place_of_assumed_ones() {
    // Twice the answer tokens: 200 x 10 = 2,000 at 0.50 a million are 0.001. 2.01 - 0.10 - 0.001 = 1.909 a day.
    let longer = Tested { output: Some(Ratio::from_ppm(2_000_000)), ..test(TestVerdict::Passed) };
    let passed = outcome(vec![longer]);
    assert_eq!(plans(&passed).0, "58.07");
    assert!(passed.recommendations[0].rule.assumptions.is_empty(), "nothing is assumed of it any more");
}

#[test]
fn what_failed_is_withdrawn_with_its_reason() {
    let failed = outcome(vec![test(TestVerdict::Failed)]);
    assert_eq!(plans(&failed), ("0.00".to_owned(), "0.00".to_owned(), None));
    let reason = failed.declined.iter().find(|d| d.rule_id == "model-rightsizing.simple-tasks").map(|d| &d.reason);
    assert!(matches!(reason, Some(Reason::FailedTest { date: day, .. }) if *day == date(2026, 11, 3)), "{reason:?}");
}

#[test]
fn of_two_tests_the_later_counts() {
    let earlier = Tested { date: date(2026, 11, 1), ..test(TestVerdict::Failed) };
    let ready = |tested| plans(&outcome(tested)).0;
    assert_eq!(ready(vec![earlier.clone(), test(TestVerdict::Passed)]), "58.08");
    assert_eq!(ready(vec![test(TestVerdict::Passed), earlier]), "58.08");
    assert_eq!(ready(vec![test(TestVerdict::Passed), test(TestVerdict::Failed)]), "0.00", "of one day the stricter");
}

/// Two prompts of one caller: what passed for one says nothing of the other.
#[test]
fn each_kind_of_calls_waits_for_its_own_test() {
    let scenario = Scenario::named("model-rightsizing-two-prompts");
    let id = "model-rightsizing.simple-tasks/111111111111/us-east-1/anthropic.claude-sonnet-5-5/role/app";
    let estate = scenario.build();
    let mut owners: Vec<_> = estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners).collect();
    owners.sort_by_key(|own| std::cmp::Reverse(own.calls.len()));
    let names: Vec<Cohort> = owners.iter().filter_map(|own| own.tested_as()).collect();
    let [large, small] = &names[..] else { panic!("{names:?}") };
    let with = |verdicts: &[(&Cohort, TestVerdict)]| {
        let cohorts = verdicts.iter().map(|(cohort, verdict)| ((*cohort).clone(), *verdict)).collect();
        let tested = vec![Tested { recommendation: id.to_owned(), cohorts, ..test(TestVerdict::Passed) }];
        scenario.run_with(ALL, Settings { tested, ..Settings::default() }).1
    };
    let money = |outcome: &Outcome| [&outcome.ready, &outcome.full].map(|plan| plan.savings().to_decimal(2));
    let one = with(&[(large, TestVerdict::Passed)]);
    assert_eq!(money(&one), ["58.08", "87.12"]);
    assert_eq!(one.recommendations[0].waiting, [Cohort::from("label-2")].into());
    let both = with(&[(large, TestVerdict::Passed), (small, TestVerdict::Passed)]);
    assert_eq!(money(&both), ["87.12", "87.12"]);
    assert!(both.recommendations[0].waiting.is_empty());
    let failed = with(&[(large, TestVerdict::Passed), (small, TestVerdict::Failed)]);
    assert_eq!(money(&failed), ["58.08", "58.08"]);
    assert!(failed.declined.iter().any(|d| matches!(d.reason, Reason::FailedTest { .. })), "and it is said");
}

#[test]
fn a_test_of_retrieval_passes_the_gate_with_what_it_measured() {
    // 100 calls of 20 passages of 300 tokens at 2 a million: five in place of twenty save 27.38, eight 21.90.
    let scenario = Scenario::named("chunk-size-passages-fires");
    let with = |tested: Vec<Tested>| scenario.run_with(ALL, Settings { tested, ..Settings::default() }).1;
    let is_it = |r: &&lode_engine::Recommendation| r.rule_id == "chunk-size.too-many-passages";
    let before = with(Vec::new());
    let found = before.recommendations.iter().find(is_it).expect("it fires");
    assert_eq!([&before.ready, &before.full].map(|plan| plan.savings().to_decimal(2)), ["0.00", "27.38"]);
    let tested = Tested {
        recommendation: found.id.clone(),
        key: "too-many-passages".into(),
        cohorts: BTreeMap::new(),
        others: Some(TestVerdict::Passed),
        given: [("passages-kept".to_owned(), 8.0)].into(),
        ..test(TestVerdict::Passed)
    };
    let after = with(vec![tested.clone()]);
    let found = after.recommendations.iter().find(is_it).expect("it fires");
    assert_eq!([&after.ready, &after.full].map(|plan| plan.savings().to_decimal(2)), ["21.90", "21.90"]);
    assert!(found.gate.is_none() && found.action.starts_with("Put 8 passages in place of 20"), "{}", found.action);
    let lost = with(vec![Tested { others: Some(TestVerdict::Failed), ..tested }]);
    assert!(lost.declined.iter().any(|d| matches!(d.reason, Reason::FailedTest { .. })), "and it is said");
}
