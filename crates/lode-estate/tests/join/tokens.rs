//! The join of bill and logs, on months that can be checked by hand: Nova Pro at $0.80 and $3.20 a million tokens,
//! four days, 1,000 input tokens a day.

use crate::common::{AS_OF, demand, dollars, estate, file, of_cohort, owners, sums};
use jiff::civil::date;
use lode_model::{Cohort, Mode, Money, Owner, Quantity, Routing, Span};
use lode_sim::{Cause, Estate, TieRow};
use lode_testkit::Scenario;

/// A day of Nova Pro: 1,000 tokens in.
const INPUT: &str = r#"{"model": "NovaPro", "role": "app", "class": "input", "tokens": 1000, "usd": "0.0008"}"#;

/// One call a day of Nova Pro by `role/app` with so many input tokens.
fn daily(input: u64) -> String {
    format!(
        r#"{{"time": "2026-10-01T08:00:00Z", "repeat": {{"days": 4}}, "model": "amazon.nova-pro-v1:0", "role": "app",
            "input": {input}}}"#
    )
}

fn rows(estate: &Estate) -> &[TieRow] {
    &estate.tie_out.as_ref().expect("logs were given").rows
}

fn causes(estate: &Estate) -> Vec<(String, Cause)> {
    rows(estate).iter().map(|row| (format!("{} {} {}", row.region, row.mode, row.class), row.cause)).collect()
}

#[test]
fn without_logs_nothing_is_known_of_calls() {
    let estate = estate(INPUT, "");
    assert_eq!(estate.tie_out, None);
    assert_eq!(sums(&estate), ["role/app all input 4000 0.003200"]);
    assert!(owners(&estate).is_empty());
}

#[test]
fn a_month_that_agrees_is_known_to_the_token() {
    let estate = Scenario::named("requests-beside-the-bill").build();
    assert_eq!(sums(&estate), ["role/app agentic input 672000 2.217600", "role/app agentic output 67200 1.108800"]);
    assert_eq!(demand(&estate), ["role/app agentic: 672"]);
    let tie_out = estate.tie_out.as_ref().expect("logs");
    assert_eq!((tie_out.billed, tie_out.logged), (estate.billed(), estate.billed()));
    assert_eq!(tie_out.coverage(), Some(1.0));
    assert_eq!((tie_out.calls, tie_out.calls_with_bodies, tie_out.calls_not_billed), (672, 672, 0));
    assert!(tie_out.rows.iter().all(|row| row.cause == Cause::Matched && row.matched_tokens == row.billed_tokens));
    assert!(estate.charges.iter().all(|charge| charge.span.days() == 1), "by day");
}

#[test]
fn what_no_log_has_stays_with_its_caller() {
    let estate = estate(INPUT, &daily(600));
    assert_eq!(sums(&estate), ["role/app unknown input 2400 0.001920", "role/app unlogged input 1600 0.001280"]);
    let [row] = rows(&estate) else { panic!("one row") };
    assert_eq!((row.billed_tokens, row.logged_tokens, row.matched_tokens), (4000, 2400, 2400));
    assert_eq!((row.billed, row.unlogged, row.cause), (dollars("0.0032"), dollars("0.00128"), Cause::NotLogged));
    assert_eq!(estate.tie_out.as_ref().and_then(lode_sim::TieOut::coverage), Some(0.6));
    assert!(estate.demand.of(&Owner::Workload(unlogged(&estate))).is_none(), "its requests are not known");
}

fn unlogged(estate: &Estate) -> lode_model::WorkloadId {
    match &of_cohort(estate, &Cohort::from(Cohort::UNLOGGED))[0].owner {
        Owner::Workload(id) => id.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn callers_that_both_name_are_matched_first_and_the_others_share_the_rest() {
    let charges =
        format!(r#"{INPUT}, {{"model": "NovaPro", "role": "b", "class": "input", "tokens": 3000, "usd": "0.0024"}}"#);
    // 1,000 of `app` are its own; `team=x` is on no bill and gets 1,200 of the 3,000 that are left.
    let requests = format!(
        r#"{}, {{"time": "2026-10-01T09:00:00Z", "repeat": {{"days": 4}}, "model": "amazon.nova-pro-v1:0",
                "caller": "team=x", "input": 1200}}"#,
        daily(1000)
    );
    let estate = estate(&charges, &requests);
    assert_eq!(
        sums(&estate),
        [
            "role/app unknown input 4000 0.003200",
            "role/b all input 7200 0.005760",
            "team=x unknown input 4800 0.003840",
        ]
    );
}

#[test]
fn more_in_the_logs_is_scaled_down_and_above_a_twentieth_withheld() {
    let of = |input| {
        let estate = estate(INPUT, &daily(input));
        assert_eq!(sums(&estate), ["role/app unknown input 4000 0.003200"], "never more than billed");
        let withheld = estate.tie_out.as_ref().map(|tie_out| tie_out.withheld.len());
        (rows(&estate)[0].cause, withheld, owners(&estate).len())
    };
    assert_eq!(of(1000), (Cause::Matched, Some(0), 1));
    assert_eq!(of(1010), (Cause::Matched, Some(0), 1));
    assert_eq!(of(1011), (Cause::LogsExceedBill, Some(0), 1));
    assert_eq!(of(1050), (Cause::LogsExceedBill, Some(0), 1), "50 of 1,050 are less than a twentieth");
    assert_eq!(of(1100), (Cause::LogsExceedBill, Some(1), 0));
}

#[test]
fn days_are_matched_one_by_one() {
    // 2,000 tokens on the first day and none on the second are not 1,000 on each.
    let first_days =
        r#"{"time": "2026-10-01T08:00:00Z", "model": "amazon.nova-pro-v1:0", "role": "app", "input": 2000}"#;
    let estate = estate(INPUT, first_days);
    assert_eq!(rows(&estate).iter().map(|row| row.matched_tokens).sum::<i128>(), 1000);
}

#[test]
fn a_charge_for_the_month_is_matched_once_and_told_by_day() {
    let charges =
        r#"{"model": "NovaPro", "role": "app", "class": "input", "tokens": 4000, "usd": "0.0032", "days": "whole"}"#;
    let requests = r#"
        {"time": "2026-10-01T08:00:00Z", "model": "amazon.nova-pro-v1:0", "role": "app", "input": 2500},
        {"time": "2026-10-03T08:00:00Z", "model": "amazon.nova-pro-v1:0", "role": "app", "input": 500}"#;
    let estate = estate(charges, requests);
    let told: Vec<(Span, i128, Money)> = estate
        .charges
        .iter()
        .map(|charge| (charge.span, charge.quantity.map_or(0, |quantity| quantity.steps), charge.billed))
        .collect();
    let whole = Span { first: date(2026, 10, 1), last: date(2026, 10, 4) };
    assert_eq!(
        told,
        [
            (Span::day(date(2026, 10, 1)), 2500, dollars("0.002")),
            (Span::day(date(2026, 10, 3)), 500, dollars("0.0004")),
            (whole, 1000, dollars("0.0008")),
        ]
    );
}

#[test]
fn each_seller_keeps_its_part() {
    let charges = r#"
        {"model": "Claude4.6Sonnet", "source": "AmazonBedrockService", "class": "input", "tokens": 3000, "usd": "0.0099"},
        {"model": "Claude4.6Sonnet", "source": "AWS Marketplace", "class": "input", "tokens": 1000, "usd": "0.0033"}"#;
    let requests = r#"{"time": "2026-10-01T08:00:00Z", "repeat": {"days": 4, "times": 2}, "input": 1000,
        "model": "anthropic.claude-sonnet-4-6", "role": "app"}"#;
    let estate = estate(charges, requests);
    let known = of_cohort(&estate, &Cohort::from("unknown"));
    let by_source: Vec<(String, Option<Quantity>)> =
        known.iter().take(2).map(|charge| (charge.key.source.to_string(), charge.quantity)).collect();
    let tokens = |steps| Some(Quantity { steps, unit: lode_model::Unit::Token });
    assert_eq!(
        by_source,
        [("AmazonBedrockService".to_owned(), tokens(1500)), ("AmazonBedrockService".to_owned(), tokens(1500))]
    );
    let marketplace: i128 = known
        .iter()
        .filter(|c| c.key.source.as_str() == "AWS Marketplace")
        .filter_map(|c| c.quantity)
        .map(|q| q.steps)
        .sum();
    assert_eq!(marketplace, 2000, "a quarter of 8,000");
}

#[test]
fn the_reason_is_named() {
    let charges = format!(
        r#"{INPUT},
           {{"model": "NovaPro", "role": "app", "mode": "batch", "class": "input", "tokens": 1000, "usd": "0.0004"}},
           {{"model": "NovaPro", "role": "app", "region": "us-west-2", "class": "input", "tokens": 1000, "usd": "0.0008"}},
           {{"model": "NovaPro", "role": "app", "class": "output", "tokens": 100, "usd": "0.00032"}}"#
    );
    let causes = causes(&estate(&charges, &daily(1000)));
    let expected = [
        ("us-west-2 standard input", Cause::LoggingOff),
        ("us-east-1 batch input", Cause::Batch),
        ("us-east-1 standard output", Cause::NotLogged),
        ("us-east-1 standard input", Cause::Matched),
    ];
    assert_eq!(causes, expected.map(|(row, cause)| (row.to_owned(), cause)), "largest unlogged dollars first");
}

#[test]
fn logs_that_begin_late_or_end_early_are_named() {
    let on = |day: u32, days: u32| {
        let requests = daily(1000)
            .replace("10-01T", &format!("10-0{day}T"))
            .replace(r#""days": 4"#, &format!(r#""days": {days}"#));
        causes(&estate(INPUT, &requests))[0].1
    };
    assert_eq!(on(3, 2), Cause::LoggingBegan);
    assert_eq!(on(1, 2), Cause::LogsEnd);
    assert_eq!(on(2, 2), Cause::LoggingBegan, "as many days before as after: the first");
    // In an export by month, days are taken as even.
    let month = INPUT.replace(r#""usd""#, r#""days": "whole", "usd""#);
    let requests = daily(100).replace("10-01T", "10-04T").replace(r#""days": 4"#, r#""days": 1"#);
    assert_eq!(causes(&estate(&month, &requests))[0].1, Cause::LoggingBegan);
}

/// Tokens billed, logged and matched, dollars billed and not in the logs, and why, of each line.
fn told(estate: &Estate) -> Vec<(i128, i128, i128, String, String, Cause)> {
    let line = |row: &TieRow| {
        let (billed, unlogged) = (row.billed.to_decimal(6), row.unlogged.to_decimal(6));
        (row.billed_tokens, row.logged_tokens, row.matched_tokens, billed, unlogged, row.cause)
    };
    rows(estate).iter().map(line).collect()
}

fn line(
    tokens: (i128, i128, i128),
    billed: &str,
    unlogged: &str,
    cause: Cause,
) -> (i128, i128, i128, String, String, Cause) {
    (tokens.0, tokens.1, tokens.2, billed.to_owned(), unlogged.to_owned(), cause)
}

#[test]
fn each_cause_of_a_price_has_its_own_dollars() {
    // Logs of the second and third day: nothing before, nothing after, and 600 of 1,000 between.
    let calls = |input| daily(input).replace("10-01T", "10-02T").replace(r#""days": 4"#, r#""days": 2"#);
    assert_eq!(
        told(&estate(INPUT, &calls(600))),
        [
            line((1000, 0, 0), "0.000800", "0.000800", Cause::LoggingBegan),
            line((1000, 0, 0), "0.000800", "0.000800", Cause::LogsEnd),
            line((2000, 1200, 1200), "0.001600", "0.000640", Cause::NotLogged),
        ]
    );
    // What matches between stays matched, and what exceeds says so.
    assert_eq!(told(&estate(INPUT, &calls(1000)))[2], line((2000, 2000, 2000), "0.001600", "0.000000", Cause::Matched));
    let more = told(&estate(INPUT, &calls(1100)));
    assert_eq!(more[2], line((2000, 2200, 2000), "0.001600", "0.000000", Cause::LogsExceedBill));
    // Another model has the records of those days: this one is not logged between, nor is it matched.
    let both = format!("{INPUT}, {}", INPUT.replace("NovaPro", "NovaLite"));
    let lite: Vec<_> = estate(&both, &calls(1000))
        .tie_out
        .iter()
        .flat_map(|tie| &tie.rows)
        .filter(|row| row.model.as_str() == "amazon.nova-lite-v1:0")
        .map(|row| (row.billed_tokens, row.cause))
        .collect();
    assert_eq!(lite, [(2000, Cause::NotLogged), (1000, Cause::LoggingBegan), (1000, Cause::LogsEnd)]);
    // Batch jobs are never logged, whatever the day.
    let batch = INPUT.replace(r#""class""#, r#""mode": "batch", "class""#).replace("0.0008", "0.0004");
    let all = told(&estate(&format!("{INPUT}, {batch}"), &calls(1000)));
    assert_eq!(all[0], line((4000, 0, 0), "0.001600", "0.001600", Cause::Batch));
}

/// A month in one row, of 7 pico-dollars, which no part divides evenly.
#[test]
fn parts_of_a_month_are_even_and_whole() {
    let charge =
        r#"{"model": "NovaPro", "role": "app", "class": "input", "tokens": 10, "usd": "7e-12", "days": "whole"}"#;
    let calls = daily(1).replace("10-01T", "10-03T").replace(r#""days": 4"#, r#""days": 1"#);
    let estate = estate(charge, &calls);
    // 10 tokens over four days are 2 a day, rounded down: 4 before, 2 after, 4 between of which one is logged.
    let told: Vec<(i128, i128, i128, i128, Cause)> = rows(&estate)
        .iter()
        .map(|row| (row.billed_tokens, row.matched_tokens, row.billed.pico(), row.unlogged.pico(), row.cause))
        .collect();
    assert_eq!(told.iter().map(|row| row.0).sum::<i128>(), 10);
    assert_eq!(told.iter().map(|row| row.2).sum::<i128>(), 7);
    let tokens: std::collections::BTreeMap<Cause, (i128, i128)> =
        told.iter().map(|row| (row.4, (row.0, row.1))).collect();
    let expected = [(Cause::LoggingBegan, (4, 0)), (Cause::LogsEnd, (2, 0)), (Cause::NotLogged, (4, 1))];
    assert_eq!(tokens, expected.into());
    for (billed, _, usd, unlogged, cause) in told {
        assert!(unlogged <= usd && usd <= billed, "{cause}: {usd} for {billed} tokens at 0.7 each");
    }
}

#[test]
fn the_mode_is_what_the_record_says_else_the_only_one_billed_else_standard() {
    let flex = |role: &str| {
        INPUT.replace("\"app\"", role).replace(r#""class""#, r#""mode": "flex", "class""#).replace("0.0008", "0.0004")
    };
    let mode = |estate: &Estate| owners(estate)[0].calls[0].mode;
    assert_eq!(mode(&estate(&flex("\"app\""), &daily(1000))), Some(Mode::Flex));
    let both = format!("{INPUT}, {}", flex("\"b\""));
    assert_eq!(mode(&estate(&both, &daily(1000))), Some(Mode::Standard), "what its caller is billed");
    let of_b = daily(1000).replace("\"app\"", "\"b\"");
    assert_eq!(mode(&estate(&both, &of_b)), Some(Mode::Flex));
    let unnamed = both.replace(r#""role": "app", "#, "").replace(r#""role": "b", "#, "");
    let torn = estate(&unnamed, &daily(2000));
    assert_eq!(causes(&torn)[0], ("us-east-1 flex input".to_owned(), Cause::ModeUnknown));
    assert_eq!(causes(&torn)[1], ("us-east-1 standard input".to_owned(), Cause::LogsExceedBill));
}

#[test]
fn calls_that_nobody_billed_are_counted_and_priced_nowhere() {
    let requests = format!(
        r#"{}, {{"time": "2026-10-02T08:00:00Z", "model": "amazon.nova-lite-v1:0", "role": "app", "input": 70}},
           {{"time": "2026-09-30T23:59:59Z", "model": "amazon.nova-pro-v1:0", "role": "app", "input": 70}}"#,
        daily(1000)
    );
    let estate = estate(INPUT, &requests);
    let tie_out = estate.tie_out.as_ref().expect("logs");
    assert_eq!((tie_out.calls, tie_out.calls_not_billed), (6, 2), "another model, and the day before the bill");
    let lite = tie_out.rows.iter().find(|row| row.model.as_str() == "amazon.nova-lite-v1:0").expect("a row");
    assert_eq!((lite.billed_tokens, lite.logged_tokens, lite.cause), (0, 70, Cause::NotBilled));
    assert_eq!(demand(&estate), ["role/app unknown: 4"]);
}

#[test]
fn failed_calls_stay_with_their_caller_and_cost_nothing() {
    let failed = daily(0).replace("08:00", "09:00").replace(r#""input""#, r#""error": "ThrottlingException", "input""#);
    let estate = estate(INPUT, &format!("{}, {failed}", daily(1000)));
    assert_eq!(demand(&estate), ["role/app unknown: 8"]);
    assert_eq!(sums(&estate), ["role/app unknown input 4000 0.003200"]);
}

#[test]
fn long_prompts_are_matched_with_long_context_prices() {
    let charges = r#"
        {"model": "anthropic.claude-sonnet-4-20250514-v1:0", "class": "input", "band": "long-context", "tokens": 300000, "usd": "1.8"},
        {"model": "anthropic.claude-sonnet-4-20250514-v1:0", "class": "input", "tokens": 1000, "usd": "0.003"}"#;
    let call = |input: u64| {
        format!(
            r#"{{"time": "2026-10-01T08:00:00Z", "repeat": {{"days": 4}}, "input": {input}, "role": "app",
                "model": "anthropic.claude-sonnet-4-20250514-v1:0"}}"#
        )
    };
    let estate = estate(charges, &format!("{}, {}", call(300_000), call(1000)));
    assert!(rows(&estate).iter().all(|row| row.cause == Cause::Matched), "{:?}", rows(&estate));
    assert_eq!(rows(&estate).len(), 2);
}

#[test]
fn cache_writes_are_found_under_the_name_they_are_billed_by() {
    // Nova's writes are plain input; an export may name no time to live, which reads as five minutes.
    let nova = daily(900).replace(r#""input""#, r#""cache_write_5m": 100, "input""#);
    assert_eq!(sums(&estate(INPUT, &nova)), ["role/app unknown input 4000 0.003200"]);
    let charges = r#"{"model": "Claude4.6Sonnet", "class": "cache-write-5m", "tokens": 1000, "usd": "0.0041"}"#;
    let hour = r#"{"time": "2026-10-01T08:00:00Z", "repeat": {"days": 4}, "model": "anthropic.claude-sonnet-4-6", "role": "app",
        "cache_write_1h": 1000}"#;
    assert_eq!(sums(&estate(charges, hour)), ["role/app unknown cache-write-5m 4000 0.016400"]);
}

#[test]
fn profiles_are_resolved_by_inventory_then_by_the_bill() {
    let arn = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/p1";
    let billed = format!(
        r#"{{"model": "NovaPro", "resource": "{arn}", "routing": "regional", "class": "input", "tokens": 1000, "usd": "0.0008"}}"#
    );
    let calls = r#"{"time": "2026-10-01T08:00:00Z", "repeat": {"days": 4}, "input": 1000, "model": "application-inference-profile/p1"}"#;
    // The bill's lines of the profile name one model.
    let by_bill = estate(&billed, calls);
    assert_eq!(sums(&by_bill), ["application-inference-profile/p1 unknown input 4000 0.003200"]);
    assert_eq!(owners(&by_bill)[0].calls[0].model.as_str(), "amazon.nova-pro-v1:0");
    // They name two: nobody knows.
    let two = format!("{billed}, {}", billed.replace("NovaPro", "NovaLite"));
    let torn = estate(&two, calls);
    assert_eq!(
        torn.tie_out.as_ref().map(|t| t.unresolved.clone()),
        Some(vec![("application-inference-profile/p1".to_owned(), 4)])
    );
    assert!(owners(&torn).is_empty());
    // The inventory says, and that it is a global one.
    let global = INPUT.replace(r#""class""#, r#""routing": "global", "class""#);
    let profiles = r#", "profiles": [{"id": "application-inference-profile/p1",
        "models": ["arn:aws:bedrock:us-east-1:111111111111:inference-profile/global.amazon.nova-pro-v1:0"]}]"#;
    let listed = file(&global, calls, profiles).build(AS_OF);
    let call = &owners(&listed)[0].calls[0];
    assert_eq!((call.model.as_str(), call.routing), ("amazon.nova-pro-v1:0", Routing::Global));
    assert_eq!(listed.inventory.profiles.len(), 1);
}

#[test]
fn calls_on_dedicated_capacity_are_the_pools_and_not_compared() {
    let units = |model: &str| {
        format!(r#"{{"model": "{model}", "class": "model-unit-hour-no-commitment", "hours": "24", "usd": "480"}}"#)
    };
    let calls = daily(500).replace("amazon.nova-pro-v1:0", "provisioned-model/abc");
    // One pool there: it is that one.
    let one = estate(&units("NovaPro"), &calls);
    let tie_out = one.tie_out.as_ref().expect("logs");
    assert_eq!((tie_out.calls_on_capacity, tie_out.rows.len(), tie_out.unresolved.len()), (4, 0, 0));
    let [pool] = owners(&one)[..] else { panic!("one owner") };
    assert!(one.charges.iter().all(|charge| charge.owner == pool.owner));
    assert!(
        pool.calls
            .iter()
            .all(|call| call.mode == Some(Mode::Provisioned) && call.model.as_str() == "amazon.nova-pro-v1:0")
    );
    // Two: only the inventory can tell.
    let both = format!("{}, {}", units("NovaPro"), units("NovaLite"));
    assert_eq!(
        estate(&both, &calls).tie_out.map(|t| t.unresolved),
        Some(vec![("provisioned-model/abc".to_owned(), 4)])
    );
    let listed = r#", "provisioned": [{"id": "provisioned-model/abc", "model": "amazon.nova-lite-v1:0", "units": 1}],
        "capacity": {"amazon.nova-lite-v1:0": 50000}"#;
    let told = file(&both, &calls, listed).build(AS_OF);
    assert_eq!(owners(&told)[0].calls[0].model.as_str(), "amazon.nova-lite-v1:0");
    assert_eq!(told.demand.capacity.get(&"amazon.nova-lite-v1:0".into()), Some(&50_000));
}

#[test]
fn a_name_that_only_the_bill_knows_is_that_of_the_bill() {
    let charges = INPUT.replace("NovaPro", "maker.new-model-v1:0");
    let calls = daily(1000).replace("amazon.nova-pro-v1:0", "maker.new-model-v1:0");
    assert_eq!(sums(&estate(&charges, &calls)), ["role/app unknown input 4000 0.003200"]);
    let stranger = daily(1000).replace("amazon.nova-pro-v1:0", "maker.other-model-v1:0");
    let unresolved = estate(&charges, &stranger).tie_out.map(|t| t.unresolved);
    assert_eq!(unresolved, Some(vec![("maker.other-model-v1:0".to_owned(), 4)]));
}

#[test]
fn fixed_amounts_and_custom_models_are_left_alone() {
    let charges = format!(
        r#"{INPUT}, {{"model": "NovaPro", "role": "app", "class": "output", "usd": "1"}},
           {{"model": "NovaPro", "role": "app", "custom": true, "class": "input", "tokens": 1000, "usd": "0.0008"}}"#
    );
    let estate = estate(&charges, &daily(1000));
    assert_eq!(
        sums(&estate),
        ["role/app all input 4000 0.003200", "role/app all output 0 4.000000", "role/app unknown input 4000 0.003200"]
    );
    assert_eq!(estate.tie_out.as_ref().map(|t| (t.billed, t.logged)), Some((dollars("0.0032"), dollars("0.0032"))));
}

/// Two models of one region, a failed call and a day outside the bill among them, and another region.
#[test]
fn calls_are_counted_by_account_region_and_day() {
    let calls = r#"
        {"time": "2026-10-01T23:59:59Z", "model": "amazon.nova-pro-v1:0", "role": "app", "input": 7, "output": 1,
         "cache_read": 20, "cache_write_5m": 3, "cache_write_1h": 4},
        {"time": "2026-10-01T08:00:00Z", "model": "a.stranger", "role": "app", "input": 5},
        {"time": "2026-10-01T09:00:00Z", "model": "amazon.nova-pro-v1:0", "role": "app", "error": "throttled"},
        {"time": "2026-10-02T00:00:00Z", "model": "amazon.nova-pro-v1:0", "role": "app", "input": 2},
        {"time": "2026-12-01T00:00:00Z", "model": "amazon.nova-pro-v1:0", "role": "app", "input": 2},
        {"time": "2026-10-01T08:00:00Z", "model": "amazon.nova-pro-v1:0", "role": "app", "region": "eu-west-1", "output": 9}"#;
    let tie_out = estate(INPUT, calls).tie_out.expect("logs");
    let days: Vec<String> = tie_out
        .by_day
        .iter()
        .map(|((_, region, day), it)| {
            let tokens = [it.input, it.output, it.cache_read, it.cache_write];
            format!("{region} {day}: {} {tokens:?}", it.calls)
        })
        .collect();
    assert_eq!(
        days,
        [
            "eu-west-1 2026-10-01: 1 [0, 9, 0, 0]",
            "us-east-1 2026-10-01: 3 [12, 1, 20, 7]",
            "us-east-1 2026-10-02: 1 [2, 0, 0, 0]",
            "us-east-1 2026-12-01: 1 [2, 0, 0, 0]",
        ]
    );
}
