//! Cases a person can check by hand.

use super::*;

const NONE: [&str; 0] = [];

fn money(text: &str) -> Money {
    Money::parse(text).expect("a decimal")
}

fn habit(lever: &str, caller: &str, model: &str, monthly: &str) -> String {
    format!(
        r#"{{"id": "{lever}/{caller}", "lever": "{lever}", "caller": "{caller}", "account": "111111111111",
            "region": "us-east-1", "model": "{model}", "monthly": "{monthly}"}}"#
    )
}

fn truth(habits: &[String]) -> Truth {
    let text = format!(
        r#"{{"as_of": "2026-11-05", "habits": [{}],
            "twins": [{{"id": "t1", "lever": "prompt-caching", "caller": "role/twin"}}]}}"#,
        habits.join(", ")
    );
    Truth::read(text.as_bytes()).expect("a truth")
}

fn report(recommendations: &[(&str, &str, &str)]) -> Report {
    let one = |(index, (lever, scope, standalone)): (usize, &(&str, &str, &str))| {
        format!(
            r#"{{"id": "r{index}", "rule": "{lever}.rule", "recommender": "{lever}", "lever": "{lever}",
                "scope": {{"kind": "workload", "account": "111111111111", "region": "us-east-1", {scope}}},
                "savings": {{"low": "0", "expected": "0", "standalone": "{standalone}"}}}}"#
        )
    };
    let all: Vec<String> = recommendations.iter().enumerate().map(one).collect();
    let text = format!(r#"{{"schema_version": 1, "recommendations": [{}]}}"#, all.join(", "));
    Report::read(text.as_bytes()).expect("a report")
}

fn score(habits: &[String], found: &[(&str, &str, &str)]) -> Score {
    Score::of(7, &truth(habits), &report(found), &report(&[]))
}

const APP: &str = r#""model": "m", "caller": "role/app""#;
const POOL: &str = r#""model": "m""#;

#[test]
fn the_smaller_of_truth_and_recommended_is_found() {
    let habits = [habit("prompt-caching", "role/app", "m", "100"), habit("batch-inference", "role/app", "m", "50")];
    let score = score(&habits, &[("prompt-caching", APP, "104"), ("batch-inference", APP, "48")]);
    assert_eq!(
        score.levers["prompt-caching"],
        Sums {
            habits: 1,
            truth: money("100"),
            found: money("100"),
            recommended: money("104"),
            wrong: Money::ZERO,
            matched: money("100"),
            off: money("4"),
        }
    );
    let total = score.total();
    // 4 too much and 2 too little are 6 off, of 150.
    assert_eq!((total.found, total.recommended, total.off), (money("148"), money("152"), money("6")));
    assert_eq!(score.remarks, NONE);
    assert_eq!(problems(&[score]), NONE);
}

#[test]
fn several_recommendations_on_one_habit_are_added_up() {
    let habits = [habit("input-reduction", "role/app", "m", "100")];
    let found = [("input-reduction", APP, "60"), ("input-reduction", APP, "41")];
    let sums = score(&habits, &found).total();
    assert_eq!((sums.found, sums.wrong, sums.off), (money("100"), Money::ZERO, money("1")));
}

#[test]
fn the_caller_decides_and_where_none_is_named_the_model() {
    let habits = [habit("provisioned-throughput", "role/app", "m", "100")];
    let of = |scope: &str| score(&habits, &[("provisioned-throughput", scope, "100")]).total().found;
    assert_eq!(of(r#""caller": "role/app", "model": "another""#), money("100"));
    assert_eq!(of(r#""caller": "role/other", "model": "m""#), Money::ZERO);
    assert_eq!(of(POOL), money("100"));
    assert_eq!(of(r#""model": "another""#), Money::ZERO);
    assert_eq!(of(r#""resource": "collection/a""#), money("100"));
    let elsewhere = [habit("provisioned-throughput", "role/app", "m", "100").replace("us-east-1", "eu-west-1")];
    assert_eq!(score(&elsewhere, &[("provisioned-throughput", POOL, "100")]).total().found, Money::ZERO);
    let another = [habit("batch-inference", "role/app", "m", "100")];
    assert_eq!(score(&another, &[("provisioned-throughput", POOL, "100")]).total().found, Money::ZERO);
}

#[test]
fn a_resource_that_both_name_decides() {
    let store = |arn: &str| {
        format!(
            r#"{{"id": "{arn}", "lever": "vector-store", "resource": "{arn}", "account": "111111111111",
                "region": "us-east-1", "monthly": "100"}}"#
        )
    };
    let habits = [store("arn:a"), store("arn:b")];
    let of = |scope: &str| {
        let sums = score(&habits, &[("vector-store", scope, "100")]).total();
        (sums.found, sums.wrong)
    };
    assert_eq!(of(r#""resource": "arn:a""#), (money("100"), Money::ZERO));
    assert_eq!(of(r#""resource": "arn:c""#), (Money::ZERO, money("100")));
    // All stores of the region in one: both habits are one case of 200.
    assert_eq!(of(r#""resource": "OpenSearch Serverless""#), (money("100"), Money::ZERO));
    // A caller has no store.
    assert_eq!(of(r#""caller": "role/app""#), (Money::ZERO, money("100")));
    // The caller of a habit that names both decides where the recommendation names no resource.
    let both = [store("arn:a").replace(r#""resource""#, r#""caller": "role/app", "resource""#)];
    let of = |scope: &str| score(&both, &[("vector-store", scope, "100")]).total().found;
    assert_eq!((of(APP), of(r#""caller": "role/other""#)), (money("100"), Money::ZERO));
    assert_eq!(of(r#""caller": "role/other", "resource": "arn:a""#), money("100"));
}

#[test]
fn two_habits_in_one_pool_are_one_case() {
    let habits =
        [habit("provisioned-throughput", "role/a", "m", "60"), habit("provisioned-throughput", "role/b", "m", "40")];
    let sums = score(&habits, &[("provisioned-throughput", POOL, "100")]).total();
    assert_eq!((sums.habits, sums.found, sums.wrong, sums.off), (2, money("100"), Money::ZERO, Money::ZERO));
}

#[test]
fn a_case_confirmed_by_less_than_nine_tenths_is_false_as_a_whole() {
    let habits = [habit("prompt-caching", "role/app", "m", "90")];
    let of = |standalone: &str| score(&habits, &[("prompt-caching", APP, standalone)]).total();
    assert_eq!(of("100").wrong, Money::ZERO, "exactly nine tenths");
    assert_eq!(of("100.000001").wrong, money("100.000001"));
    assert_eq!(of("100.000001").found, money("90"));
}

#[test]
fn what_matches_nothing_is_false_and_a_twin_is_named() {
    let habits = [habit("prompt-caching", "role/app", "m", "100")];
    let score = score(
        &habits,
        &[
            ("prompt-caching", APP, "100"),
            ("prompt-caching", r#""caller": "role/twin""#, "3"),
            ("vector-store", POOL, "2"),
        ],
    );
    assert_eq!((score.total().wrong, score.levers["vector-store"].wrong), (money("5"), money("2")));
    assert_eq!(
        score.remarks,
        ["seed 7: false: r1, the twin t1: $3.00, no habit", "seed 7: false: r2: $2.00, no habit"]
    );
    // 5 of 105 are 4.8 per cent.
    assert_eq!(problems(&[score]), ["false dollars are over 2 %"]);
}

#[test]
fn every_limit_is_held_over_all_seeds() {
    let of = |truth: &[&str], standalone: &str| {
        let callers = ["role/app", "role/b"];
        let habits: Vec<String> =
            truth.iter().zip(callers).map(|(monthly, caller)| habit("prompt-caching", caller, "m", monthly)).collect();
        score(&habits, &[("prompt-caching", APP, standalone)])
    };
    assert_eq!(problems(&[of(&["90", "10"], "90")]), NONE, "exactly nine tenths");
    let short = of(&["89", "11"], "89");
    assert_eq!(short.remarks, ["seed 7: missed: prompt-caching/role/b (prompt-caching): $11.00"]);
    assert_eq!(problems(std::slice::from_ref(&short)), ["recall is under 90 %"]);
    assert_eq!(problems(&[short, of(&["10"], "10")]), NONE, "99 of 110 over both");
    assert_eq!(problems(&[of(&["100"], "105")]), NONE, "exactly five per cent");
    assert_eq!(problems(&[of(&["100"], "94.9")]), ["the error is over 5 %"]);
    assert_eq!(of(&["100"], "94.9").remarks, ["seed 7: off: prompt-caching/role/app ($100.00): r0 $94.90"]);
    assert_eq!(problems(&[]), ["no habit was planted: nothing is shown"]);
}

#[test]
fn a_trap_that_speaks_fails_even_without_dollars() {
    let habits = [habit("prompt-caching", "role/app", "m", "100")];
    let found = report(&[("prompt-caching", APP, "100")]);
    let judged = |trap: &[(&str, &str, &str)]| problems(&[Score::of(7, &truth(&habits), &found, &report(trap))]);
    assert_eq!(judged(&[]), NONE);
    assert_eq!(judged(&[("routing-tier", APP, "0")]), ["seed 7: the trap estate got 1 recommendations, $0.00"]);
    assert_eq!(
        judged(&[("routing-tier", APP, "1.50"), ("vector-store", POOL, "2")]),
        ["seed 7: the trap estate got 2 recommendations, $3.50"]
    );
}

#[test]
fn what_saves_only_after_other_steps_promises_nothing() {
    let sums = score(&[], &[("prompt-caching", APP, "-5")]).total();
    assert_eq!((sums.recommended, sums.wrong, sums.off), (Money::ZERO, Money::ZERO, Money::ZERO));
}
