//! What caching could come to in scenarios whose titles do the sums, and that the bill changes by as much.

use lode_model::{Action, CachePolicy, Edit, Money, Owner, Placement, Ratio, Selector, Ttl};
use lode_prices::NewRates;
use lode_sim::{Caching, Estate, Projection, Simulator, State};
use lode_testkit::Scenario;

fn scenario(name: &str) -> (Estate, Owner, Caching) {
    let estate = Scenario::named(name).build();
    let state = State::baseline(&estate);
    let owner = state.owners().find(|owner| matches!(owner, Owner::Workload(_))).cloned().expect("a workload");
    let caching = Caching::of(&estate, &state, &owner).expect("bodies");
    (estate, owner, caching)
}

fn close(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-4, "{left} {right}");
}

fn places(caching: &Caching) -> Vec<(Placement, Ttl)> {
    caching.markers().iter().map(|marker| (marker.place, marker.ttl)).collect()
}

#[test]
fn one_prompt_for_all_calls() {
    let (_, _, caching) = scenario("prompt-caching-never-enabled");
    assert_eq!(places(&caching), [(Placement::SystemEnd, Ttl::FiveMinutes)]);
    // 2.00 USD a day become 0.4992; nothing could do better.
    close(caching.best_saves(), 1.5008 / 2.0);
    close(caching.oracle_saves(), caching.best_saves());
    // After every block the questions are written too: 100 × 2,000 × 2.50 in place of 2.
    close(caching.every_block_saves(), (1.5008 - 0.1) / 2.0);
    assert_eq!((caching.other_lifetimes().count(), caching.below_minimum_share()), (0, 0.0));
}

#[test]
fn a_date_before_the_instructions_hides_what_could_be_cached() {
    let (_, _, caching) = scenario("prompt-caching-date-first");
    assert_eq!(places(&caching), []);
    // With the date behind them: (2,000 + 100) × 100 × 2 + 7,900 × 2.50 + 99 × 7,900 × 0.10, in place of 2.40 USD a day.
    close(caching.reordered_saves().expect("another order"), 1.0 - (0.42 + 0.01975 + 0.07821) / 2.4);
    let (_, _, caching) = scenario("prompt-caching-dated");
    assert_eq!(caching.reordered_saves(), None, "the date stands behind already");
}

#[test]
fn times_to_live_that_do_not_fit() {
    let (_, _, caching) = scenario("prompt-caching-hour-for-minutes");
    let [(ttl, saves)] = caching.other_lifetimes().collect::<Vec<_>>()[..] else { panic!("one other") };
    assert_eq!(ttl, Ttl::FiveMinutes);
    close(saves, 0.3765 / 1.0389);
    let (_, _, caching) = scenario("prompt-caching-minutes-for-hourly");
    let [(ttl, saves)] = caching.other_lifetimes().collect::<Vec<_>>()[..] else { panic!("one other") };
    assert_eq!(ttl, Ttl::OneHour);
    close(saves, 2.0196 / 2.45);
}

#[test]
fn markers_below_the_minimum() {
    let (_, _, caching) = scenario("prompt-caching-below-minimum");
    assert_eq!(caching.below_minimum_share(), 1.0);
    assert_eq!(places(&caching), [(Placement::Leading(2), Ttl::FiveMinutes)]);
}

#[test]
fn what_is_cached_well_has_less_than_a_hundredth_to_gain() {
    let (_, _, caching) = scenario("prompt-caching-cached-well");
    assert!(caching.best_saves() < 0.01 && caching.oracle_saves() < 0.01, "{caching:?}");
}

#[test]
fn the_bill_changes_by_what_the_search_found() {
    for (name, saved) in
        [("never-enabled", 1.5008), ("hourly", 1.5696), ("conversation", 0.5376), ("too-little", 0.255)]
    {
        let (estate, owner, caching) = scenario(&format!("prompt-caching-{name}"));
        let policy = CachePolicy::markers(caching.markers().iter().map(|marker| (marker.place, marker.ttl)));
        let action = Action {
            key: "best".into(),
            selector: Selector::all(owner.clone()),
            edits: vec![Edit::Cache(policy)],
            one_off: Money::ZERO,
            title: String::new(),
            only_alternative: false,
            notes: Vec::new(),
        };
        let state = State::baseline(&estate);
        let after = Simulator::new(&estate, NewRates::Inherit).apply(&state, &action).expect("a price");
        let mut found = state.daily(&estate.window);
        found.sub_all(&after.daily(&estate.window));
        let monthly = Projection::of(&estate.window).monthly(&found);
        let expected = Money::from_f64(saved * 730.0 / 24.0).expect("dollars");
        assert!((monthly - expected).pico().abs() < 20_000_000_000, "{name}: {monthly:?} {expected:?}");
    }
}

/// Sonnet 5.5 caches 512 tokens and more, Sonnet 4.6 1,024: what the earlier levers leave decides.
#[test]
fn the_rules_of_the_model_that_calls_are_moved_to_count() {
    let (estate, owner, caching) = scenario("prompt-caching-a-tenth");
    assert_eq!(places(&caching), [(Placement::SystemEnd, Ttl::FiveMinutes)]);
    let edit = |edit: Edit| {
        let action = Action {
            key: "edit".into(),
            selector: Selector::all(owner.clone()),
            edits: vec![edit],
            one_off: Money::ZERO,
            title: String::new(),
            only_alternative: false,
            notes: Vec::new(),
        };
        let state =
            Simulator::new(&estate, NewRates::Inherit).apply(&State::baseline(&estate), &action).expect("a price");
        Caching::of(&estate, &state, &owner)
    };
    let to = |times: f64| Edit::Model {
        to: "anthropic.claude-sonnet-4-6".into(),
        input: Ratio::from_f64(times),
        output: Ratio::ONE,
    };
    assert_eq!(places(&edit(to(1.0)).expect("a model that caches")), []);
    // By another tokenizer the same 1,000 tokens may be 1,100.
    let more = edit(to(1.1)).expect("a model that caches");
    assert_eq!(places(&more), [(Placement::SystemEnd, Ttl::FiveMinutes)]);
}
