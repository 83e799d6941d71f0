//! From bills to estates: owners, discounts, rates, windows. Bills are written as scenario files.

use jiff::civil::{Date, date};
use lode_estate::{CallerKey, Options, build};
use lode_model::{Class, Mode, Money, Owner, PriceKey};
use lode_prices::{Catalogue, NewRates, Origin};
use lode_sim::{Basis, Charge, Estate};
use lode_testkit::EstateFile;
use proptest::prelude::*;

const AS_OF: Date = date(2026, 11, 5);

fn file(charges: &str) -> EstateFile {
    let text = format!(r#"{{"first": "2026-10-01", "last": "2026-10-04", "charges": [{charges}]}}"#);
    serde_json::from_str(&text).expect("a valid estate")
}

fn estate(charges: &str) -> Estate {
    build(&file(charges).bill(), Catalogue::builtin(), &Options::new(AS_OF))
}

fn dollars(text: &str) -> Money {
    Money::parse(text).expect("money")
}

fn one(estate: &Estate, which: impl Fn(&Charge) -> bool) -> &Charge {
    let found: Vec<_> = estate.charges.iter().filter(|charge| which(charge)).collect();
    assert!(!found.is_empty(), "no such charge");
    found[0]
}

#[test]
fn a_short_name_is_a_model_and_an_embedding_is_a_layer_of_its_own() {
    let estate = estate(
        r#"{"model": "Claude4.6Sonnet", "source": "AmazonBedrockService", "class": "input", "tokens": 10, "usd": "1"},
           {"model": "TitanEmbeddingV2-Text", "class": "input", "tokens": 10, "usd": "1"},
           {"model": "Zephyr-9", "class": "input", "tokens": 10, "usd": "1"}"#,
    );
    let models: Vec<(String, String)> = estate
        .charges
        .iter()
        .filter(|c| c.span.first == date(2026, 10, 1))
        .map(|c| (c.key.model.to_string(), c.layer.to_string()))
        .collect();
    let expected = [
        ("Zephyr-9", "inference"),
        ("amazon.titan-embed-text-v2:0", "embedding"),
        ("anthropic.claude-sonnet-4-6", "inference"),
    ];
    assert_eq!(models, expected.map(|(model, layer)| (model.to_owned(), layer.to_owned())));
}

#[test]
fn a_discount_row_lowers_the_rate_of_the_usage_it_belongs_to() {
    let estate = estate(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8"},
           {"model": "NovaPro", "class": "input", "kind": "discount", "usd": "-0.2"}"#,
    );
    assert_eq!(estate.billed(), dollars("2.4"), "four days of 0.80 less 0.20");
    assert!(estate.unspread_discounts.is_zero());
    let input = one(&estate, |c| c.key.class == Class::Input);
    let rate = estate.prices.effective(&input.key).expect("billed");
    assert_eq!(rate.per(1_000_000), dollars("0.6"));
    // An unused mode of the model keeps the quarter off: 0.40 list in batch becomes 0.30, or 0.40 when cautious.
    let batch = PriceKey { mode: Mode::Batch, ..input.key.clone() };
    let quote = |rates| estate.prices.quote(&batch, &input.key, rates).expect("sold in batch");
    assert_eq!(quote(NewRates::Inherit).rate.per(1_000_000), dollars("0.3"));
    assert_eq!(quote(NewRates::List).rate.per(1_000_000), dollars("0.4"));
    assert!(matches!(quote(NewRates::List).origin, Origin::List { .. }));
}

#[test]
fn a_discount_without_usage_stands_as_a_fixed_amount() {
    let estate = estate(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8"},
           {"class": "Something-Else", "kind": "discount", "usd": "-0.2", "days": "first"}"#,
    );
    assert_eq!(estate.unspread_discounts, dollars("-0.2"));
    assert_eq!(estate.billed(), dollars("3"));
    let fixed = one(&estate, |c| c.quantity.is_none());
    assert_eq!(fixed.owner, Owner::Account("111111111111".into()));
}

#[test]
fn credits_and_tax_stand_apart_on_every_basis() {
    let file = file(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8"},
           {"class": "x", "kind": "credit", "usd": "-3", "days": "first"},
           {"class": "x", "kind": "tax", "usd": "0.5", "days": "first"}"#,
    );
    for basis in Basis::ALL {
        let options = Options { basis: *basis, ..Options::new(AS_OF) };
        let estate = build(&file.bill(), Catalogue::builtin(), &options);
        assert_eq!(estate.billed(), dollars("3.2"));
        assert_eq!(estate.aside.iter().map(|a| a.amount).sum::<Money>(), dollars("-2.5"));
    }
}

#[test]
fn callers_follow_the_keys_given() {
    let charges = r#"{"model": "NovaPro", "role": "app", "class": "input", "tokens": 1, "usd": "1"}"#;
    let caller = |keys: &[CallerKey]| {
        let options = Options { caller_keys: keys.to_vec(), ..Options::new(AS_OF) };
        let estate = build(&file(charges).bill(), Catalogue::builtin(), &options);
        match &estate.charges[0].owner {
            Owner::Workload(workload) => workload.caller.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(caller(CallerKey::ALL), "role/app");
    assert_eq!(caller(&[CallerKey::ApplicationInferenceProfile]), "unattributed");
}

#[test]
fn the_day_of_the_report_and_the_day_before_are_incomplete() {
    let charges = r#"{"model": "NovaPro", "class": "input", "tokens": 1, "usd": "1"}"#;
    let window = |as_of| build(&file(charges).bill(), Catalogue::builtin(), &Options::new(as_of)).window;
    assert_eq!(window(AS_OF).complete_days(), 4);
    assert_eq!(window(date(2026, 10, 4)).complete_days(), 2);
    assert_eq!(window(date(2026, 10, 2)).complete_days(), 0);
}

proptest! {
    /// Whatever amounts a bill has, in whatever order, no dollar is lost and the estate is the same.
    #[test]
    fn no_dollar_is_lost(amounts in proptest::collection::vec((0_u32..4, 0_i64..5_000_000, -2_000_000_i64..1_000_000), 1..12), turn in 0_usize..12) {
        let names = ["NovaPro", "NovaLite", "Claude4.6Sonnet", "Zephyr-9"];
        let rows: Vec<String> = amounts
            .iter()
            .flat_map(|(model, usage, discount)| {
                let model = names[*model as usize];
                [
                    format!(r#"{{"model": "{model}", "class": "input", "tokens": {}, "usd": "{}e-6"}}"#, usage / 7, usage),
                    format!(r#"{{"model": "{model}", "class": "input", "kind": "discount", "usd": "{}e-6"}}"#, discount.min(&0)),
                ]
            })
            .collect();
        let mut bill = file(&rows.join(",")).bill();
        let total: Money = bill.lines.iter().map(|line| line.unblended).sum();
        let first = build(&bill, Catalogue::builtin(), &Options::new(AS_OF));
        prop_assert_eq!(first.billed(), total);
        let len = bill.lines.len();
        bill.lines.rotate_left(turn % len);
        bill.lines.reverse();
        let second = build(&bill, Catalogue::builtin(), &Options::new(AS_OF));
        prop_assert_eq!(first.charges, second.charges);
    }
}
