//! Every scenario through all recommenders together: what must fire fires, nothing else does, and what must always
//! hold holds.

use std::collections::BTreeSet;

use lode_recommenders::ALL;
use lode_testkit::{check_properties, rule_outcomes, scenarios};

#[test]
fn properties_hold_on_every_scenario() {
    check_properties(ALL);
}

#[test]
fn a_scenario_fires_what_it_says_and_nothing_else() {
    for scenario in scenarios() {
        let (_, outcome) = scenario.run(ALL);
        let fired: BTreeSet<&str> = outcome.recommendations.iter().map(|r| r.rule_id.as_str()).collect();
        let expected: BTreeSet<&str> = scenario.fires.iter().map(String::as_str).collect();
        assert_eq!(fired, expected, "{}: {}", scenario.name, scenario.title);
    }
}

#[test]
fn rule_outcomes_of_every_recommender_on_every_scenario() {
    for recommender in ALL {
        insta::assert_snapshot!(recommender.meta().id, rule_outcomes(*recommender));
    }
}
