//! The case for capacity says of every number of units what the simulator says of a state that holds them.

use lode_model::{Action, Edit, Money, Owner, PoolId, Reserved, Routing, Selector, Term};
use lode_prices::NewRates;
use lode_sim::{Estate, PoolCase, PoolDemand, Projection, Simulator, State, Stood};
use lode_testkit::EstateFile;

/// Calls of three sizes at odd minutes of a day, by two roles, of which one reads and writes a cache.
fn estate(model: &str, source: &str, rates: [f64; 4], capacity: &str) -> Estate {
    let (mut calls, mut sums) = (Vec::new(), [[0u64; 4]; 2]);
    for minute in 0..60u64 {
        for (role, name) in ["plain", "cached"].into_iter().enumerate() {
            let time = format!("2026-10-01T{:02}:{:02}:{:02}Z", 8 + minute / 20, minute * 7 % 60, role * 9);
            let [input, output] = [40_000 + minute % 3 * 45_000, 1_000 + minute % 5 * 2_500];
            let [read, write] = if role == 1 { [minute % 4 * 30_000, minute % 2 * 8_000] } else { [0, 0] };
            for (sum, tokens) in sums[role].iter_mut().zip([input, output, read, write]) {
                *sum += tokens;
            }
            calls.push(format!(
                r#"{{"time":"{time}","model":"{model}","routing":"global","role":"{name}","input":{input},"output":{output},"cache_read":{read},"cache_write_5m":{write}}}"#
            ));
        }
    }
    let classes = ["input", "output", "cache-read", "cache-write-5m"];
    let mut charges = Vec::new();
    for (role, name) in ["plain", "cached"].into_iter().enumerate() {
        for ((class, rate), tokens) in classes.iter().zip(rates).zip(sums[role]).filter(|(_, tokens)| *tokens > 0) {
            let usd = tokens as f64 * rate / 1e6;
            charges.push(format!(
                r#"{{"model":"{model}","routing":"global","source":"{source}","role":"{name}","class":"{class}","tokens":{tokens},"usd":"{usd:.9}"}}"#
            ));
        }
    }
    let text = format!(
        r#"{{"first":"2026-10-01","last":"2026-10-01","charges":[{}],"requests":[{}]{capacity}}}"#,
        charges.join(","),
        calls.join(",")
    );
    let file: EstateFile = serde_json::from_str(&text).expect("an estate");
    file.build("2026-11-05".parse().expect("a date"))
}

fn pool(model: &str) -> PoolId {
    PoolId { account: "111111111111".into(), region: "us-east-1".into(), model: model.into() }
}

/// Dollars a month of a state that holds this, beyond those of the baseline.
fn more(estate: &Estate, id: &PoolId, edit: Edit) -> f64 {
    let action = Action {
        key: "test".into(),
        selector: Selector::all(Owner::Pool(id.clone())),
        edits: vec![edit],
        one_off: Money::ZERO,
        title: String::new(),
        only_alternative: false,
        notes: Vec::new(),
    };
    let baseline = State::baseline(estate);
    let after = Simulator::new(estate, NewRates::Inherit).apply(&baseline, &action).expect("simulated");
    let projection = Projection::of(&estate.window);
    let monthly = |state: &State| projection.monthly(&state.daily(&estate.window)).to_f64();
    monthly(&after) - monthly(&baseline)
}

fn near(found: f64, expected: f64, what: &str) {
    // Whole tokens are billed: a minute's overflow is rounded to them, by class.
    assert!((found - expected).abs() < expected.abs() * 2e-5 + 0.02, "{what}: {found}, not {expected}");
}

#[test]
fn model_units_cost_what_the_curve_says() {
    let model = "amazon.nova-2-lite-v1:0";
    let estate = estate(model, "AmazonBedrock", [0.3, 2.5, 0.075, 0.3], &format!(r#","capacity":{{"{model}":50000}}"#));
    let id = pool(model);
    let case =
        PoolCase::of(&Simulator::new(&estate, NewRates::Inherit), &State::baseline(&estate), &id).expect("a case");
    let offer = case.units.iter().find(|offer| offer.term == Term::OneMonth).expect("a price");
    let curve = offer.curve.as_ref().expect("a capacity");
    assert!(curve.units().count() > 4, "several numbers are tried");
    for units in curve.units().filter(|units| *units > 0) {
        let found = more(&estate, &id, Edit::Commitment { units: Some(units), term: Some(Term::OneMonth) });
        near(found, (curve.cost(units) - curve.cost(0)).to_f64(), &format!("{units} units"));
    }
    // Left open, the cheapest purchase of all terms is taken.
    let open = more(&estate, &id, Edit::Commitment { units: None, term: None });
    let least = case.units.iter().filter_map(|offer| Some((offer.bought()?.cost - case.on_demand).to_f64()));
    near(open, least.fold(f64::INFINITY, f64::min), "the cheapest");
}

#[test]
fn the_reserved_tier_costs_what_its_two_curves_say() {
    let model = "anthropic.claude-sonnet-4-6";
    let estate = estate(model, "AWS Marketplace", [3.0, 15.0, 0.3, 3.75], "");
    let id = pool(model);
    let case =
        PoolCase::of(&Simulator::new(&estate, NewRates::Inherit), &State::baseline(&estate), &id).expect("a case");
    assert_eq!(case.reserved.len(), 2, "one month and three, of global calls");
    for offer in &case.reserved {
        let (input, output) =
            (offer.input.curve.as_ref().expect("a curve"), offer.output.curve.as_ref().expect("a curve"));
        assert!(input.cost(0) > Money::ZERO && output.cost(0) > Money::ZERO, "something is asked for");
        assert_eq!((input.units().nth(1), output.units().nth(1)), (Some(100), Some(10)), "the least amounts");
        for (thousands_in, thousands_out) in [(100, 0), (0, 10), (130, 12), (180, 20)] {
            let held = Reserved { input: thousands_in, output: thousands_out, term: offer.term };
            let found = more(&estate, &id, Edit::Reserve { routing: Routing::Global, held: Some(held) });
            let expected = input.cost(thousands_in) - input.cost(0) + output.cost(thousands_out) - output.cost(0);
            near(found, expected.to_f64(), &format!("{held:?}"));
        }
    }
}

/// Four days of calls to units of Nova 2 Lite. `hours` are billed on `days`, at 60.50 USD each, or dollars alone; `every` holds
/// how many calls come a day, from 09:00 on, and how many seconds apart.
fn runs(units: u32, (hours, days): (Option<u32>, &str), every: (u32, u32), as_of: &str) -> PoolDemand {
    let (model, (times, seconds)) = ("amazon.nova-2-lite-v1:0", every);
    let usd = f64::from(hours.unwrap_or(1)) * 60.5;
    let hours = hours.map_or(String::new(), |hours| format!(r#","hours":"{hours}""#));
    let text = format!(
        r#"{{"first":"2026-10-01","last":"2026-10-04",
            "charges":[{{"model":"{model}","class":"model-unit-hour-no-commitment","days":"{days}","usd":"{usd}"{hours}}}],
            "provisioned":[{{"id":"provisioned-model/risk","name":"risk","model":"{model}","units":{units}}}],
            "requests":[{{"time":"2026-10-01T09:00:00Z","repeat":{{"times":{times},"every_seconds":{seconds},"days":4}},
                "model":"provisioned-model/risk","role":"risk","mode":"provisioned","input":1000,"output":100}}]}}"#
    );
    let file: EstateFile = serde_json::from_str(&text).expect("an estate");
    let estate = file.build(as_of.parse().expect("a date"));
    PoolDemand::of(&estate, &State::baseline(&estate), &pool(model)).expect("calls")
}

#[test]
fn busy_minutes_are_a_share_of_those_that_units_stood() {
    let late = "2026-11-05";
    let found = |units, charge, every| {
        let demand = runs(units, charge, every, late);
        (demand.stood.map(|stood| (stood.hours, stood.of)), demand.busy_share)
    };
    // 30 of the 60 minutes of an hour a day.
    assert_eq!(found(1, (Some(1), "every"), (30, 60)), (Some((4.0, 96.0)), 0.5));
    // Two units for an hour each, at once.
    assert_eq!(found(2, (Some(2), "every"), (30, 60)), (Some((4.0, 96.0)), 0.5));
    // All day: 30 of 1,440.
    assert_eq!(found(1, (Some(24), "every"), (30, 60)), (Some((96.0, 96.0)), 30.0 / 1_440.0));
    // More than are listed now: a day has 24 hours.
    assert_eq!(found(1, (Some(72), "every"), (30, 60)).0, Some((96.0, 96.0)));
    // Fewer than now: 24 unit-hours of ten units are 2.4 hours, but calls come in six; each minute has one.
    assert_eq!(found(10, (Some(24), "every"), (360, 60)), (Some((24.0, 96.0)), 1.0));
    // One charge for the four days: its hours, not at least those of each day.
    assert_eq!(found(1, (Some(8), "whole"), (30, 60)), (Some((8.0, 96.0)), 0.25));
    // Without hours on the bill, of all minutes.
    assert_eq!(found(1, (None, "every"), (30, 60)), (None, 120.0 / 5_760.0));
}

#[test]
fn a_day_whose_bill_is_not_complete_says_nothing_of_how_long_units_stood() {
    // Bills lag by two days: the first three are complete.
    let demand = runs(1, (Some(2), "every"), (30, 60), "2026-10-05");
    assert_eq!((demand.stood, demand.busy_share), (Some(Stood { hours: 6.0, of: 72.0 }), 0.25));
}
