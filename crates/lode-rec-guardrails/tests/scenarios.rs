//! Every scenario through this recommender alone.

use lode_rec_guardrails::Guardrails;

#[test]
fn rule_outcomes_on_every_scenario() {
    insta::assert_snapshot!("outcomes", lode_testkit::rule_outcomes(&Guardrails));
}

#[test]
fn properties_hold_on_every_scenario() {
    lode_testkit::check_properties(&[&Guardrails]);
}
