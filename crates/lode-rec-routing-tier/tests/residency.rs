//! What `lode.toml` keeps in its region is declined with that reason, and not silently absent.

use lode_engine::{Reason, Settings};
use lode_rec_routing_tier::RoutingTier;
use lode_testkit::Scenario;

#[test]
fn calls_that_must_stay_are_declined_with_the_reason() {
    let with = |entry: &str| {
        let settings = Settings { regional: vec![entry.into()], ..Settings::default() };
        Scenario::named("routing-tier-fires").run_with(&[&RoutingTier], settings).1
    };
    let global = "routing-tier.global-profile";
    assert!(with("eu-").recommendations.iter().any(|r| r.rule_id == global), "the calls are in us-east-1");
    for entry in ["us-", "us-east-1", "111111111111"] {
        let outcome = with(entry);
        assert!(outcome.recommendations.iter().all(|r| r.rule_id != global), "{entry}");
        let because =
            outcome.declined.iter().filter(|declined| declined.rule_id == global).find_map(|d| match &d.reason {
                Reason::Clause { clause, because, .. } if clause.signal == "residency.regional" => because.clone(),
                _ => None,
            });
        let expected = format!("lode.toml keeps calls in region: [residency] regional names {entry}");
        assert_eq!(because.as_deref(), Some(&*expected));
    }
}
