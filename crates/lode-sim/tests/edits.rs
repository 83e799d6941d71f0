//! Edits on a month a person can check by hand, and what must hold for any share.

use lode_model::{
    Action, CachePolicy, Class, Edit, Mode, ModelId, Money, Owner, Placement, Ratio, ResourceChange, Routing, Selector,
};
use lode_prices::NewRates;
use lode_sim::{Estate, NotSimulated, Simulator, State};
use lode_testkit::Scenario;
use proptest::prelude::*;

fn owner(estate: &Estate) -> Owner {
    State::baseline(estate).owners().next().expect("an owner").clone()
}

fn action(estate: &Estate, share: Ratio, edit: Edit) -> Action {
    Action {
        key: "test".into(),
        selector: Selector { share, ..Selector::all(owner(estate)) },
        edits: vec![edit],
        one_off: Money::ZERO,
        title: String::new(),
        only_alternative: false,
        notes: Vec::new(),
    }
}

fn after(estate: &Estate, share: Ratio, edit: Edit) -> Result<State, NotSimulated> {
    Simulator::new(estate, NewRates::Inherit).apply(&State::baseline(estate), &action(estate, share, edit))
}

fn total(estate: &Estate, state: &State) -> Money {
    state.daily(&estate.window).total()
}

fn dollars(text: &str) -> Money {
    Money::parse(text).expect("money")
}

/// 28 days of 1 million input (3.30), 8 million written (33.00), 1 million read (0.33), 100,000 output (1.65).
fn month() -> Estate {
    Scenario::named("whole-plan").build()
}

#[test]
fn the_baseline_is_the_bill() {
    let estate = month();
    assert_eq!(total(&estate, &State::baseline(&estate)), dollars("1071.84"));
}

#[test]
fn caching_off_bills_what_was_cached_as_input() {
    let estate = month();
    let state = after(&estate, Ratio::ONE, Edit::Cache(CachePolicy::Off)).expect("token-linear");
    // 10 million a day at 3.30, and the output: 28 × 34.65.
    assert_eq!(total(&estate, &state), dollars("970.2"));
    assert!(state.charges(&owner(&estate)).iter().all(|c| matches!(c.key.class, Class::Input | Class::Output)));
}

#[test]
fn the_global_price_is_taken_from_list() {
    let estate = month();
    let state = after(&estate, Ratio::ONE, Edit::Routing(Routing::Global)).expect("token-linear");
    // A tenth more than global: 1071.84 / 1.1.
    assert_eq!(total(&estate, &state), dollars("974.4"));
}

#[test]
fn batch_has_no_caching() {
    let estate = month();
    let state = after(&estate, Ratio::ONE, Edit::Mode(Mode::Batch)).expect("sold in batch");
    // 10 million a day at 1.65, output at 8.25: 28 × (16.50 + 0.825).
    assert_eq!(total(&estate, &state), dollars("485.1"));
}

#[test]
fn what_needs_the_requests_is_declined_and_never_guessed() {
    let estate = month();
    for edit in [
        Edit::Cache(CachePolicy::markers([(Placement::SystemEnd, lode_model::Ttl::FiveMinutes)])),
        Edit::DropTools(vec!["lookup".into()]),
        Edit::WindowHistory(4),
        Edit::DropDuplicateBlocks,
        Edit::ShortenSegment { segment: 1, what: "system prompt".into(), tokens: 100 },
        Edit::CapOutput(100),
        Edit::Retrieval { chunks: 3, chunk_tokens: Some(300) },
        Edit::Commitment { units: None, term: None },
    ] {
        assert!(matches!(after(&estate, Ratio::ONE, edit.clone()), Err(NotSimulated::NeedsRequests(_))), "{edit:?}");
    }
    let unknown = Edit::Model { to: ModelId::from("no.such-model"), input: Ratio::ONE, output: Ratio::ONE };
    assert!(matches!(after(&estate, Ratio::ONE, unknown), Err(NotSimulated::Unpriced { .. })));
    let flex = after(&estate, Ratio::ONE, Edit::Mode(Mode::Flex));
    assert!(matches!(flex, Err(NotSimulated::Unpriced { .. })), "Sonnet 4.6 has no Flex tier");
}

#[test]
fn a_replaced_store_costs_what_replaces_it() {
    let estate = Scenario::named("vector-store-fires").build();
    let change = ResourceChange::ReplaceBy { what: "S3 Vectors".into(), monthly: dollars("73") };
    let state = after(&estate, Ratio::ONE, Edit::Resource(change)).expect("a resource");
    // 73 a month are 2.40 a day, for 28 days.
    assert_eq!(total(&estate, &state), dollars("67.2"));
    let state = after(&estate, Ratio::ONE, Edit::Resource(ResourceChange::Delete)).expect("a resource");
    assert_eq!(total(&estate, &state), Money::ZERO);
}

#[test]
fn less_of_some_classes_is_that_part_of_them_and_two_reasons_multiply() {
    // Two days of 10,000 units each: 1.50 of content filters, 1.00 of sensitive information.
    let estate = made(
        r#"{"resource": "guard", "class": "guardrail-content-policy-unit", "pieces": "10000", "usd": "1.50"},
           {"resource": "guard", "class": "guardrail-sensitive-information-policy-unit", "pieces": "10000", "usd": "1.00"}"#,
    );
    let content = Class::from_word("guardrail-content-policy-unit");
    let sensitive = Class::from_word("guardrail-sensitive-information-policy-unit");
    let less = |reason: &str, classes: &[&Class], keep| {
        let classes = classes.iter().copied().cloned().collect();
        let change = ResourceChange::Reduce { reason: reason.into(), classes, keep: Ratio::from_f64(keep) };
        action(&estate, Ratio::ONE, Edit::Resource(change))
    };
    let simulator = Simulator::new(&estate, NewRates::Inherit);
    let newest = less("guard the newest turn", &[&content, &sensitive], 0.4);
    let regex = less("regular expressions", &[&sensitive], 0.0);
    let half = less("guard half of it", &[&sensitive], 0.5);
    let state = simulator.apply(&State::baseline(&estate), &newest).expect("units");
    assert_eq!(total(&estate, &state), dollars("2.00"), "0.4 × 2 × (1.50 + 1.00)");
    let both = simulator.apply(&state, &half).expect("units");
    assert_eq!(total(&estate, &both), dollars("1.60"), "0.4 × 2 × (1.50 + 0.5 × 1.00)");
    let without = simulator.apply(&state, &regex).expect("units");
    assert_eq!(total(&estate, &without), dollars("1.20"));
    assert_eq!(simulator.apply(&without, &half).err(), Some(NotSimulated::NothingSelected), "nothing is left of it");
    assert!(!newest.excludes(&half) && newest.excludes(&newest));
    assert!(newest.excludes(&action(&estate, Ratio::ONE, Edit::Resource(ResourceChange::Delete))));
}

#[test]
fn changes_of_one_action_each_take_their_class() {
    // Two days of 10,000 units each: 1.50 of content filters, 1.00 of sensitive information.
    let estate = made(
        r#"{"resource": "guard", "class": "guardrail-content-policy-unit", "pieces": "10000", "usd": "1.50"},
           {"resource": "guard", "class": "guardrail-sensitive-information-policy-unit", "pieces": "10000", "usd": "1.00"}"#,
    );
    let less = |word: &str, keep| {
        let classes = vec![Class::from_word(word)];
        Edit::Resource(ResourceChange::Reduce { reason: "newest".into(), classes, keep: Ratio::from_f64(keep) })
    };
    let content = less("guardrail-content-policy-unit", 0.4);
    let both = Action {
        edits: vec![
            content.clone(),
            less("guardrail-sensitive-information-policy-unit", 0.5),
            less("guardrail-topic-policy-unit", 0.0),
        ],
        ..action(&estate, Ratio::ONE, content)
    };
    let simulator = Simulator::new(&estate, NewRates::Inherit);
    let state = simulator.apply(&State::baseline(&estate), &both).expect("units; of topics there are none");
    assert_eq!(total(&estate, &state), dollars("2.20"), "2 × (0.4 × 1.50 + 0.5 × 1.00)");
    let none = Action { edits: vec![less("guardrail-topic-policy-unit", 0.0)], ..both };
    assert_eq!(simulator.apply(&state, &none).err(), Some(NotSimulated::NothingSelected));
}

#[test]
fn fixed_amounts_are_touched_by_no_edit() {
    let estate = Scenario::named("unknown-things").build();
    let baseline = State::baseline(&estate);
    for owner in baseline.owners() {
        let action = Action {
            selector: Selector::all(owner.clone()),
            ..action(&estate, Ratio::ONE, Edit::Routing(Routing::Global))
        };
        match Simulator::new(&estate, NewRates::Inherit).apply(&baseline, &action) {
            Err(NotSimulated::NothingSelected | NotSimulated::Unpriced { .. }) => {}
            other => panic!("{owner:?}: {other:?}"),
        }
    }
}

fn made(charges: &str) -> Estate {
    let text = format!(r#"{{"first": "2026-10-01", "last": "2026-10-02", "charges": [{charges}]}}"#);
    let file: lode_testkit::EstateFile = serde_json::from_str(&text).expect("a valid estate");
    file.build(jiff::civil::date(2026, 11, 5))
}

#[test]
fn a_store_without_a_usable_quantity_is_a_fixed_amount() {
    let estate = made(r#"{"resource": "docs", "class": "search-ocu-hour", "usd": "5"}"#);
    let state = after(&estate, Ratio::ONE, Edit::Resource(ResourceChange::Delete));
    assert_eq!(state.err(), Some(NotSimulated::NothingSelected));
}

#[test]
fn long_prompts_stay_where_only_short_ones_are_selected() {
    // Sonnet 4: 6 dollars a million above 200,000 tokens, 3 below; Haiku 4.5 has no long context.
    let estate = made(
        r#"{"source": "AWS Marketplace", "model": "Claude Sonnet 4 (Amazon Bedrock Edition)", "band": "long-context", "class": "input", "tokens": 1000000, "usd": "6"},
           {"source": "AWS Marketplace", "model": "Claude Sonnet 4 (Amazon Bedrock Edition)", "class": "input", "tokens": 1000000, "usd": "3"}"#,
    );
    let to = ModelId::from("anthropic.claude-haiku-4-5-20251001-v1:0");
    let edit = Edit::Model { to, input: Ratio::ONE, output: Ratio::ONE };
    let short = Action {
        selector: Selector { band: Some(lode_model::ContextBand::Standard), ..Selector::all(owner(&estate)) },
        ..action(&estate, Ratio::ONE, edit)
    };
    let state = Simulator::new(&estate, NewRates::Inherit).apply(&State::baseline(&estate), &short).expect("sold");
    // Two days of 6 that stay and 1.10 in the region's price.
    assert_eq!(total(&estate, &state), dollars("14.2"));
}

#[test]
fn a_fine_tuned_model_is_not_moved() {
    let estate = made(r#"{"model": "NovaPro", "custom": true, "class": "input", "tokens": 1000000, "usd": "0.8"}"#);
    let to = ModelId::from("amazon.nova-lite-v1:0");
    let state = after(&estate, Ratio::ONE, Edit::Model { to, input: Ratio::ONE, output: Ratio::ONE });
    assert_eq!(state.err(), Some(NotSimulated::NothingSelected));
}

proptest! {
    /// Tokens are only moved, never made or lost, and dollars are linear in the share up to rounding.
    #[test]
    fn a_share_moves_that_share(ppm in 0_i64..=1_000_000) {
        let estate = month();
        let share = Ratio::from_ppm(ppm);
        let baseline = State::baseline(&estate);
        let tokens = |state: &State| -> i128 {
            state.charges(&owner(&estate)).iter().filter_map(|c| c.quantity).map(|q| q.steps).sum()
        };
        let moved = after(&estate, share, Edit::Routing(Routing::Global)).expect("token-linear");
        prop_assert_eq!(tokens(&moved), tokens(&baseline));
        let whole = dollars("1071.84") - dollars("974.4");
        let saved = dollars("1071.84") - total(&estate, &moved);
        let expected = whole.pico() * i128::from(ppm) / 1_000_000;
        // A token of each of 112 charges may round the other way, at most 16.50 a million.
        prop_assert!((saved.pico() - expected).abs() <= 112 * 16_500_000, "{saved:?} for {ppm}");
    }
}
