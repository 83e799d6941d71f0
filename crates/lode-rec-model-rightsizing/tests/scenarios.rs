//! Every scenario through this recommender alone.

use lode_engine::{Outcome, Reason, Recommendation, Value};
use lode_model::Money;
use lode_rec_model_rightsizing::ModelRightsizing;
use lode_testkit::Scenario;

#[test]
fn rule_outcomes_on_every_scenario() {
    insta::assert_snapshot!("outcomes", lode_testkit::rule_outcomes(&ModelRightsizing));
}

#[test]
fn properties_hold_on_every_scenario() {
    lode_testkit::check_properties(&[&ModelRightsizing]);
}

fn outcome(scenario: &str) -> Outcome {
    Scenario::named(&format!("model-rightsizing-{scenario}")).run(&[&ModelRightsizing]).1
}

fn only(outcome: &Outcome) -> &Recommendation {
    let [one] = &outcome.recommendations[..] else { panic!("{:?}", outcome.recommendations) };
    one
}

fn evidence<'r>(recommendation: &'r Recommendation, signal: &str) -> Option<&'r Value> {
    recommendation.evidence.iter().find(|e| e.signal == signal).map(|e| &e.value)
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

fn dollars(text: &str) -> Money {
    Money::parse(text).expect("money")
}

/// The figures are worked out in the scenario.
#[test]
fn another_makers_model_is_listed_with_its_range_and_never_chosen() {
    let outcome = outcome("cross-provider");
    let made = only(&outcome);
    assert_eq!(made.rule_id, "model-rightsizing.newer-for-less");
    assert_eq!(made.action, "Move all calls of role/app in us-east-1 from Claude Haiku 4.5 to Claude Haiku 5.5");
    assert_eq!(made.savings.expected, dollars("44.165"));
    let lite = made.alternatives.iter().find(|a| a.title.ends_with("to Nova Lite")).expect("listed");
    assert_eq!(lite.costs_more, dollars("-3.4675"), "it would leave a smaller bill");
    assert_eq!(lite.never_chosen, Some((dollars("-4.3362"), dollars("-1.8615"))));
    let told = outcome.declined.iter().filter(|d| matches!(d.reason, Reason::OnlyAlternative { .. }));
    assert_eq!(told.count(), 3, "Nova Lite, Nova Pro and Nova 2 Lite");
}

#[test]
fn what_is_left_out_says_why() {
    let outcome = outcome("context-too-long");
    let made = only(&outcome);
    assert_eq!(made.savings.expected, dollars("41.984125"));
    let why = "Claude Haiku 4.5: longest prompt 230,000 tokens above its context of 200,000; Claude Haiku 5.5: longest \
               prompt 310,500 tokens above 100,000, where its price jumps";
    assert_eq!(evidence(made, "candidates.left_out").cloned(), text(why));
    assert_eq!(
        evidence(made, "target.loses").cloned(),
        text("batch; Reserved"),
        "of Claude Sonnet 5.5 against Claude Sonnet 4.6"
    );
}

#[test]
fn a_target_needs_a_price_for_the_profile_that_the_calls_use() {
    let outcome = outcome("global-profile");
    let made = only(&outcome);
    assert_eq!(made.savings.expected, dollars("48.18"));
    let no_price = |model: &str| format!("{model} does not offer a price through a global. inference profile");
    let (lite, pro) = (no_price("amazon.nova-lite-v1:0"), no_price("amazon.nova-pro-v1:0"));
    let left_out = format!("Nova Lite: {lite}; Nova Pro: {pro}");
    assert_eq!(evidence(made, "candidates.left_out").cloned(), text(&left_out));
    let [nova_2] = &made.alternatives[..] else { panic!("{:?}", made.alternatives) };
    assert_eq!(nova_2.costs_more, dollars("13.505"));
}

#[test]
fn a_model_that_ends_says_when_and_what_is_not_known() {
    let outcome = outcome("end-of-life");
    let made = only(&outcome);
    assert!(made.action.ends_with("from Claude Sonnet 4.5 to Claude Sonnet 5.5 before 2027-04-08"), "{}", made.action);
    assert_eq!(made.savings.expected, dollars("8.2125"));
    // November has 25 days left, then 31 + 31 + 28 + 31 + 8.
    assert_eq!(evidence(made, "lifecycle.days_to_end"), Some(&Value::Number(154.0)));
    let unknown = "the surcharge of extended access is not known; calls may then cost more than what was billed";
    assert_eq!(evidence(made, "lifecycle.extended_access_price").cloned(), text(unknown));
    assert!(made.alternatives.is_empty(), "the same change under newer-for-less is no other way");
}

/// The one thing that is told though nothing is saved.
fn told(outcome: &Outcome) -> &Reason {
    let told: Vec<_> = outcome.declined.iter().filter(|declined| declined.told).collect();
    let [declined] = &told[..] else { panic!("{told:?}") };
    &declined.reason
}

const SUCCESSOR: &str =
    "Move all calls of role/app in us-east-1 from Claude Sonnet 4.5 to Claude Sonnet 5.5 before 2027-04-08";

#[test]
fn a_dearer_successor_is_told_with_its_date() {
    let outcome = outcome("ends-dearer");
    assert!(outcome.recommendations.is_empty());
    let Reason::NoSaving { title, saves, .. } = told(&outcome) else { panic!("{:?}", told(&outcome)) };
    assert_eq!((title.as_str(), saves.round_micro()), (SUCCESSOR, dollars("-12.31875")));
}

#[test]
fn that_a_model_ends_is_told_where_another_rule_moves_a_share() {
    let outcome = outcome("ends-outbid");
    let made = only(&outcome);
    assert_eq!(made.savings.expected, dollars("18.88875"));
    let Reason::Alternative { title, winner } = told(&outcome) else { panic!("{:?}", told(&outcome)) };
    assert_eq!((title.as_str(), winner), (SUCCESSOR, &made.id));
}

#[test]
fn the_share_that_must_be_able_to_move() {
    let summaries = outcome("break-even");
    let made = only(&summaries);
    assert_eq!(made.savings.expected, dollars("100.375"));
    let even = made.break_even.expect("calls move");
    // Of 28 days.
    assert_eq!((even.there, even.today), (dollars("61.6"), dollars("154")));
    assert_eq!(even.share(), Some(0.4));
    // A share of unknown calls: 0.3 × 28 × 2.25 today, 0.3 × 28 × 0.18 on Haiku 5.5.
    let even = only(&outcome("ends-outbid")).break_even.expect("calls move");
    assert_eq!((even.there, even.today), (dollars("1.512"), dollars("18.9")));
}

#[test]
fn labels_may_go_two_tiers_lower_and_one_tier_is_listed_beside_it() {
    let labels = outcome("two-tiers");
    let made = only(&labels);
    assert_eq!(made.savings.expected.round_micro(), dollars("149.786875"));
    assert!(made.action.ends_with("to Claude Haiku 5.5"), "{}", made.action);
    let other = made.alternatives.iter().any(|other| other.title.ends_with("to Claude Sonnet 5.5"));
    assert!(other, "{:?}", made.alternatives);
}
