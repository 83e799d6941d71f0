//! Every scenario through this recommender alone.

use lode_rec_agents::Agents;

#[test]
fn rule_outcomes_on_every_scenario() {
    insta::assert_snapshot!("outcomes", lode_testkit::rule_outcomes(&Agents));
}

#[test]
fn properties_hold_on_every_scenario() {
    lode_testkit::check_properties(&[&Agents]);
}
