//! From bills to estates: owners, discounts, rates, windows. Bills are written as scenario files.

use jiff::civil::{Date, date};
use lode_estate::Options;
use lode_model::{BillLine, BillingSource, CallerKey, Class, Mode, Money, Owner, PriceKey, Unit};
use lode_prices::{NewRates, Origin};
use lode_sim::{Anomaly, Basis, BillView, Charge, Estate, Misfit};
use lode_testkit::EstateFile;
use proptest::prelude::*;

const AS_OF: Date = date(2026, 11, 5);

fn file(charges: &str) -> EstateFile {
    let text = format!(r#"{{"first": "2026-10-01", "last": "2026-10-04", "charges": [{charges}]}}"#);
    serde_json::from_str(&text).expect("a valid estate")
}

fn estate(charges: &str) -> Estate {
    file(charges).build(AS_OF)
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
fn training_is_paid_once_and_storage_every_month() {
    let estate = estate(
        r#"{"model": "Nova2.0Lite", "class": "Nova2.0Lite-Customization-Training", "layer": "custom-models", "custom": true,
            "pieces": "1000", "usd": "50", "days": "first"},
           {"model": "NovaLite", "class": "model-storage-month", "custom": true, "pieces": "1", "usd": "0.24"},
           {"class": "custom-model-import-unit-minute", "custom": true, "pieces": "10", "usd": "0.5718"}"#,
    );
    let view = BillView::of(&estate);
    assert_eq!(view.fees, dollars("50"), "training");
    // Four days of 0.24, and a month of 730 hours of it; as much for use.
    assert_eq!(view.billed, dollars("53.2472"));
    assert_eq!(
        view.monthly.to_f64().round(),
        ((0.24f64 + 0.5718) * 730.0 / 24.0).round(),
        "no month repeats the training"
    );
    let mut features: Vec<(&str, Money)> =
        view.by_feature.iter().map(|slice| (slice.name.as_str(), slice.billed)).collect();
    features.sort_unstable();
    let expected = [
        ("custom model import: inference", dollars("2.2872")),
        ("custom models: storage", dollars("0.96")),
        ("custom models: training", dollars("50")),
    ];
    assert_eq!(features, expected);
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
    let price = |key: &PriceKey, rates| {
        let quote = estate.prices.quote(key, &input.key, rates).expect("sold");
        assert!(matches!(quote.origin, Origin::List { .. }));
        quote.rate.per(1_000_000)
    };
    // An unused mode of the model keeps the quarter off: 0.40 list in batch becomes 0.30.
    let batch = PriceKey { mode: Mode::Batch, ..input.key.clone() };
    assert_eq!(price(&batch, NewRates::Inherit), dollars("0.3"));
    assert_eq!(price(&batch, NewRates::List), dollars("0.3"));
    // Another model of the seller keeps it as expected, and is at list when cautious: Nova Lite, 0.06.
    let lite = PriceKey { model: "amazon.nova-lite-v1:0".into(), ..input.key.clone() };
    assert_eq!(price(&lite, NewRates::Inherit), dollars("0.045"));
    assert_eq!(price(&lite, NewRates::List), dollars("0.06"));
}

#[test]
fn a_discount_without_usage_stands_as_a_fixed_amount() {
    let estate = estate(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8"},
           {"class": "Something-Else", "source": "AmazonBedrockAgentCore", "kind": "discount", "usd": "-0.2", "days": "first"}"#,
    );
    assert_eq!(estate.unspread_discounts, dollars("-0.2"));
    assert_eq!(estate.billed(), dollars("3"));
    let fixed = one(&estate, |c| c.quantity.is_none());
    assert_eq!(fixed.owner, Owner::Account("111111111111".into()));
}

#[test]
fn a_discount_of_a_seller_is_spread_over_what_it_sells() {
    let estate = estate(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8"},
           {"model": "NovaPro", "class": "output", "tokens": 1000000, "usd": "3.2"},
           {"account": "222222222222", "class": "", "kind": "discount", "usd": "-1.6", "days": "first"}"#,
    );
    assert!(estate.unspread_discounts.is_zero());
    assert_eq!(estate.billed(), dollars("14.4"), "four days of 4.00 less a tenth");
    let output = one(&estate, |c| c.key.class == Class::Output);
    assert_eq!(estate.prices.effective(&output.key).map(|rate| rate.per(1_000_000)), Some(dollars("2.88")));
}

#[test]
fn a_discount_larger_than_its_day_is_spread_over_the_month() {
    let estate = estate(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8"},
           {"model": "NovaPro", "class": "input", "kind": "discount", "usd": "-1.6", "days": "first"}"#,
    );
    let input = one(&estate, |c| c.key.class == Class::Input);
    assert_eq!(estate.prices.effective(&input.key).map(|rate| rate.per(1_000_000)), Some(dollars("0.4")));
    assert_eq!(estate.charges.iter().filter(|c| c.quantity.is_some()).count(), 4);
}

#[test]
fn a_discount_is_counted_once_whether_in_net_columns_or_in_rows() {
    let discount = r#"{"model": "NovaPro", "class": "input", "kind": "discount", "usd": "-0.2"}"#;
    let with_net = estate(&format!(
        r#"{{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8", "net": "0.6"}}, {discount}"#
    ));
    assert_eq!(with_net.billed(), dollars("2.4"));
    assert_eq!(with_net.discounts_in_net, dollars("-0.8"), "left out, and said so");
    // The column may be there and empty: then the rows are all there is.
    let without =
        estate(&format!(r#"{{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8"}}, {discount}"#));
    assert_eq!(without.billed(), dollars("2.4"));
    assert!(without.discounts_in_net.is_zero());
}

#[test]
fn discounts_of_a_usage_type_without_net_are_spread_beside_one_with() {
    let estate = estate(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8", "net": "0.6"},
           {"model": "NovaPro", "class": "input", "kind": "discount", "usd": "-0.2"},
           {"model": "NovaPro", "class": "output", "tokens": 1000000, "usd": "3.2"},
           {"model": "NovaPro", "class": "output", "kind": "discount", "usd": "-0.8"}"#,
    );
    assert_eq!(estate.billed(), dollars("12"), "four days of 0.60 and 2.40");
    assert_eq!(estate.discounts_in_net, dollars("-0.8"));
}

#[test]
fn a_rate_far_below_what_the_model_pays_is_not_promised_to_other_use() {
    let estate = estate(
        r#"{"model": "NovaPro", "role": "app", "class": "input", "tokens": 1000000, "usd": "0.8"},
           {"model": "NovaPro", "role": "odd", "mode": "flex", "class": "input", "tokens": 1000, "usd": "0.00005"}"#,
    );
    let input = one(&estate, |c| c.key.mode == Mode::Standard);
    let flex = PriceKey { mode: Mode::Flex, ..input.key.clone() };
    let rate =
        |today: &PriceKey| estate.prices.quote(&flex, today, NewRates::Inherit).expect("sold").rate.per(1_000_000);
    assert_eq!(rate(&flex), dollars("0.05"), "its own use is billed as it is");
    // List is 0.40; what the model pays of list leaves that all but unchanged.
    assert!(rate(&input.key) > dollars("0.39"));
}

#[test]
fn a_discount_on_one_model_is_not_assumed_of_another() {
    let estate = estate(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.4"},
           {"model": "NovaMicro", "class": "input", "tokens": 1000000, "usd": "0.035"}"#,
    );
    let pro = one(&estate, |c| c.key.model.as_str() == "amazon.nova-pro-v1:0");
    let lite = PriceKey { model: "amazon.nova-lite-v1:0".into(), ..pro.key.clone() };
    let quote = estate.prices.quote(&lite, &pro.key, NewRates::Inherit).expect("sold");
    assert_eq!(quote.rate.per(1_000_000), dollars("0.06"));
}

#[test]
fn a_free_row_and_a_factor_of_a_thousand_say_nothing_of_prices() {
    let estate = estate(
        r#"{"model": "NovaPro", "role": "free", "class": "input", "tokens": 900000000, "usd": "0"},
           {"model": "NovaPro", "role": "raw", "class": "input", "tokens": 1000000000, "usd": "0.8"},
           {"model": "NovaPro", "role": "app", "class": "input", "tokens": 1000000, "usd": "0.8"}"#,
    );
    assert_eq!(estate.billed(), dollars("6.4"), "every dollar stays");
    let withheld = Anomaly {
        usage_type: "input".into(),
        misfit: Misfit::ThousandTooMany,
        unit: Unit::Token,
        billed: dollars("3.2"),
        list: dollars("3200"),
        used: false,
    };
    assert_eq!(estate.implausible, [withheld]);
    let app = one(&estate, |c| c.quantity.is_some());
    assert_eq!(estate.prices.effective(&app.key).map(|rate| rate.per(1_000_000)), Some(dollars("0.8")));
    assert_eq!(estate.charges.iter().filter(|c| c.quantity.is_some()).count(), 4);
}

#[test]
fn three_times_list_is_shown_and_still_used() {
    let estate = estate(
        r#"{"model": "NovaPro", "role": "dear", "class": "input", "tokens": 1000000, "usd": "4"},
           {"model": "NovaLite", "role": "app", "class": "input", "tokens": 1000000, "usd": "0.06"}"#,
    );
    assert_eq!(estate.implausible, [], "five times list is no misread unit");
    assert!(estate.charges.iter().all(|charge| charge.quantity.is_some()));
    let view = lode_sim::BillView::of(&estate);
    let [dear] = &view.anomalies[..] else { panic!("{:?}", view.anomalies) };
    assert_eq!((dear.misfit, dear.used), (Misfit::Dear, true));
    assert_eq!((dear.billed, dear.list), (dollars("16"), dollars("3.2")), "four days");
}

/// What a bill costs on each basis: net, unblended, list.
fn on_each_basis(file: &EstateFile, change: impl Fn(&mut BillLine)) -> [Money; 3] {
    let mut bill = file.bill();
    bill.lines.iter_mut().for_each(change);
    [Basis::Net, Basis::Unblended, Basis::List].map(|basis| {
        let options = Options { basis, ..Options::new(AS_OF) };
        file.build_with(&bill, &options).billed()
    })
}

#[test]
fn net_is_the_net_column_where_it_is_filled() {
    let file = file(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8", "net": "0.6"},
           {"model": "NovaLite", "class": "input", "tokens": 1000000, "usd": "0.06"}"#,
    );
    let list = |line: &mut BillLine| line.list = Some(line.unblended + dollars("0.1"));
    assert_eq!(on_each_basis(&file, list), ["2.64", "3.44", "4.24"].map(dollars), "four days of each");
}

#[test]
fn discount_rows_count_on_the_net_basis_only() {
    let file = file(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.8"},
           {"model": "NovaPro", "class": "input", "kind": "discount", "usd": "-0.2"}"#,
    );
    assert_eq!(on_each_basis(&file, |_| ()), ["2.4", "3.2", "3.2"].map(dollars));
}

#[test]
fn what_aws_marketplace_gives_no_list_for_stands_at_unblended() {
    let file = file(
        r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "0.6"},
           {"model": "Claude Sonnet 4.6", "source": "AWS Marketplace", "class": "input", "tokens": 1000000, "usd": "3"}"#,
    );
    let list = |line: &mut BillLine| line.list = (line.source == BillingSource::AmazonBedrock).then(|| dollars("0.8"));
    assert_eq!(on_each_basis(&file, list), ["14.4", "14.4", "15.2"].map(dollars));
}

/// The reader gives covered usage at its effective cost: that is what an OCU-hour is paid with, on every basis but list.
#[test]
fn hours_under_a_savings_plan_are_paid_at_their_effective_cost() {
    let file = file(
        r#"{"class": "search-ocu-hour", "source": "beside Bedrock", "resource": "c", "hours": "24", "usd": "3.744"}"#,
    );
    let list = |line: &mut BillLine| line.list = Some(dollars("5.76"));
    assert_eq!(on_each_basis(&file, list), ["14.976", "14.976", "23.04"].map(dollars));
    let estate = file.build(AS_OF);
    let view = lode_sim::BillView::of(&estate);
    assert_eq!(
        (view.rates[0].effective_rate(), view.rates[0].list_rate()),
        (Some(dollars("0.156")), Some(dollars("0.24")))
    );
    assert!(view.anomalies.is_empty(), "35 % off is a discount");
    assert!(estate.committed.is_zero());
    let mut bill = file.bill();
    bill.lines[0].committed = true;
    let estate = file.build_with(&bill, &Options::new(AS_OF));
    assert_eq!(estate.committed, dollars("3.744"), "one of four days");
}

#[test]
fn names_and_principals_of_the_bill_are_carried() {
    let file = file(r#"{"model": "NovaPro", "role": "app", "class": "input", "tokens": 1, "usd": "1"}"#);
    let mut bill = file.bill();
    bill.account_names = [("111111111111".into(), "prod".into())].into();
    let estate = file.build_with(&bill, &Options::new(AS_OF));
    assert!(estate.has_principals && estate.has_callers);
    assert_eq!(estate.account_names, bill.account_names);
    let nobody = self::estate(r#"{"model": "NovaPro", "class": "input", "tokens": 1, "usd": "1"}"#);
    assert!(!nobody.has_principals);
    assert_eq!(lode_sim::BillView::of(&nobody).unattributed.billed, dollars("4"));
}

#[test]
fn days_after_the_report_are_not_squeezed_into_it() {
    let charges = r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "24"}"#;
    let estate = file(charges).build(date(2026, 10, 2));
    assert_eq!((estate.window.days(), estate.window.complete_days()), (4, 0));
    let view = lode_sim::BillView::of(&estate);
    assert_eq!(view.monthly, dollars("730"), "24 dollars a day");
}

#[test]
fn usage_that_is_billed_late_does_not_stretch_the_window() {
    let file = file(r#"{"model": "NovaPro", "class": "input", "tokens": 1000000, "usd": "24"}"#);
    let mut bill = file.bill();
    let on_time = file.build_with(&bill, &Options::new(AS_OF));
    let mut late = bill.lines[0].clone();
    late.span = lode_model::Span::day(date(2026, 9, 3));
    bill.lines.push(late);
    bill.covered = Some(lode_model::Span { first: on_time.window.first, last: on_time.window.last });
    let estate = file.build_with(&bill, &Options::new(AS_OF));
    assert_eq!(estate.window, on_time.window);
    assert_eq!(estate.billed() - on_time.billed(), dollars("24"), "and its dollars stay");
    assert!(estate.charges.iter().all(|charge| charge.span.first >= estate.window.first));
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
        let estate = file.build_with(&file.bill(), &options);
        assert_eq!(estate.billed(), dollars("3.2"));
        assert_eq!(estate.aside.iter().map(|a| a.amount).sum::<Money>(), dollars("-2.5"));
    }
}

#[test]
fn callers_follow_the_keys_given() {
    let charges = r#"{"model": "NovaPro", "role": "app", "class": "input", "tokens": 1, "usd": "1"}"#;
    let caller = |keys: &[CallerKey]| {
        let options = Options { caller_keys: keys.to_vec(), ..Options::new(AS_OF) };
        let file = file(charges);
        let estate = file.build_with(&file.bill(), &options);
        match &estate.charges[0].owner {
            Owner::Workload(workload) => workload.caller.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(caller(&CallerKey::defaults()), "role/app");
    assert_eq!(caller(&[CallerKey::ApplicationInferenceProfile]), "unattributed");
}

#[test]
fn the_day_of_the_report_and_the_day_before_are_incomplete() {
    let charges = r#"{"model": "NovaPro", "class": "input", "tokens": 1, "usd": "1"}"#;
    let window = |as_of| file(charges).build(as_of).window;
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
        let file = file(&rows.join(","));
        let mut bill = file.bill();
        let total: Money = bill.lines.iter().map(|line| line.unblended).sum();
        let first = file.build_with(&bill, &Options::new(AS_OF));
        prop_assert_eq!(first.billed(), total);
        let len = bill.lines.len();
        bill.lines.rotate_left(turn % len);
        bill.lines.reverse();
        let second = file.build_with(&bill, &Options::new(AS_OF));
        prop_assert_eq!(first.charges, second.charges);
    }
}
