//! Verdicts from counts that can be checked by hand, and documents that are refused.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::{ManifestCohort, ManifestTest, Pair, PassRule};

/// A project of one cohort with these pairs of outcomes.
fn evaluated(pairs: &[(Option<Outcome>, Option<Outcome>, u64)]) -> Evaluation {
    let mut manifest = Manifest {
        schema_version: 1,
        recommendation: "model-rightsizing/simple-tasks/1".to_owned(),
        from: ModelId::from("maker.large"),
        to: ModelId::from("maker.small"),
        design: Design { margin: 0.10, ..Design::default() },
        cohorts: Vec::new(),
        tests: Vec::new(),
    };
    let mut results = Results::default();
    for (today, candidate, times) in pairs {
        for _ in 0..*times {
            let test = format!("t{:04}", manifest.tests.len() + 1);
            results.pairs.insert(test.clone(), Pair { today: *today, candidate: *candidate });
            let cohort = Cohort::from("label");
            manifest.tests.push(ManifestTest { request: format!("r{test}"), test, cohort, rule: PassRule::Label });
        }
    }
    let tests = manifest.tests.len() as u64;
    let cohort = Cohort::from("label");
    manifest.cohorts.push(ManifestCohort { cohort, calls: tests, needed: 62, tests });
    evaluate(&manifest, &results, "2026-11-29".parse().expect("a day"))
}

const PASS: Option<Outcome> = Some(Outcome::Pass);
const FAIL: Option<Outcome> = Some(Outcome::Fail);
const ERROR: Option<Outcome> = Some(Outcome::Error);

fn said(pairs: &[(Option<Outcome>, Option<Outcome>, u64)]) -> (Verdict, Why) {
    let evaluation = evaluated(pairs);
    assert_eq!(evaluation.verdict, evaluation.cohorts[0].verdict, "of one cohort it is that cohort's");
    (evaluation.verdict, evaluation.cohorts[0].why)
}

#[test]
fn the_interval_decides() {
    // 100 calls, 2 of them each way: 0 within about ±4 points.
    let even = [(PASS, PASS, 90), (PASS, FAIL, 2), (FAIL, PASS, 2), (FAIL, FAIL, 6)];
    assert_eq!(said(&even), (Verdict::NonInferior, Why::Interval));
    // 30 points lost of 100.
    let worse = [(PASS, PASS, 65), (PASS, FAIL, 30), (FAIL, FAIL, 5)];
    assert_eq!(said(&worse), (Verdict::Inferior, Why::Interval));
    // 8 points lost: inside of the margin, and the interval is not.
    let between = [(PASS, PASS, 87), (PASS, FAIL, 8), (FAIL, FAIL, 5)];
    assert_eq!(said(&between), (Verdict::Undecided, Why::Interval));
    // Few calls say little, even where none differs.
    assert_eq!(said(&[(PASS, PASS, 10)]), (Verdict::Undecided, Why::Interval));
}

#[test]
fn counts_and_interval_are_those_of_the_statistics() {
    // Newcombe's published table, 36, 12, 2, 0, the other way around, at 95 %: alpha 0.025.
    let mut evaluation = evaluated(&[(PASS, PASS, 36), (PASS, FAIL, 12), (FAIL, PASS, 2)]);
    let design = Design { alpha: 0.025, ..evaluation.design };
    let cohort = evaluation.cohorts.remove(0).decided(&design);
    assert_eq!((cohort.both, cohort.only_today, cohort.only_candidate, cohort.neither), (36, 12, 2, 0));
    assert!((cohort.difference + 0.2).abs() < 1e-12);
    assert!((cohort.low + 0.3404).abs() < 5e-5 && (cohort.high + 0.0569).abs() < 5e-5, "{cohort:?}");
}

#[test]
fn what_failed_decides_nothing_and_is_counted() {
    let evaluation =
        evaluated(&[(PASS, PASS, 95), (ERROR, PASS, 2), (FAIL, ERROR, 1), (PASS, None, 1), (None, None, 1)]);
    let cohort = &evaluation.cohorts[0];
    assert_eq!((cohort.decided_by(), cohort.errors, cohort.missing), (95, 3, 2));
    assert_eq!(evaluation.verdict, Verdict::NonInferior);
    // 11 of 100 without a result: what failed may be what differs.
    assert_eq!(said(&[(PASS, PASS, 89), (PASS, ERROR, 11)]), (Verdict::Undecided, Why::Errors));
    assert_eq!(said(&[(PASS, PASS, 90), (PASS, ERROR, 10)]).0, Verdict::NonInferior);
    assert_eq!(said(&[(ERROR, ERROR, 3)]), (Verdict::Undecided, Why::NoResults));
}

#[test]
fn a_test_that_todays_model_fails_says_nothing() {
    // Without this, a judge that fails everything would find any model as good as any other.
    assert_eq!(said(&[(FAIL, FAIL, 200)]), (Verdict::Undecided, Why::TodayFails));
    assert_eq!(said(&[(PASS, PASS, 100), (FAIL, FAIL, 100)]).0, Verdict::NonInferior);
}

#[test]
fn all_cohorts_must_be_as_good_and_one_worse_is_enough() {
    let good = evaluated(&[(PASS, PASS, 100)]).cohorts.remove(0);
    let worse = evaluated(&[(PASS, FAIL, 100)]).cohorts.remove(0);
    let open = evaluated(&[(PASS, PASS, 10)]).cohorts.remove(0);
    assert_eq!(overall(&[good.clone(), good.clone()]), Verdict::NonInferior);
    assert_eq!(overall(&[good.clone(), open.clone()]), Verdict::Undecided);
    assert_eq!(overall(&[good, open, worse]), Verdict::Inferior);
    assert_eq!(overall(&[]), Verdict::Undecided);
}

#[test]
fn a_document_is_read_as_it_was_written() {
    for pairs in [&[(PASS, PASS, 87), (PASS, FAIL, 8), (FAIL, FAIL, 5)][..], &[(ERROR, None, 1)], &[]] {
        let evaluation = evaluated(pairs);
        assert_eq!(Evaluation::read(&evaluation.to_json()).expect("its own"), evaluation);
    }
}

#[test]
fn a_document_that_was_changed_is_refused_with_what_is_wrong() {
    let whole: Value =
        serde_json::from_slice(&evaluated(&[(PASS, PASS, 80), (PASS, FAIL, 9)]).to_json()).expect("JSON");
    let refused = |path: &str, value: Value| {
        let mut changed = whole.clone();
        *changed.pointer_mut(path).expect(path) = value;
        Evaluation::read(changed.to_string().as_bytes()).expect_err(path).to_string()
    };
    for (path, value, expected) in [
        ("/schema_version", json!(2), "schema version 2, expected 1"),
        ("/schema_version", json!("one"), "schema version missing"),
        ("/verdict", json!("non-inferior"), "the verdict does not follow from its cohorts"),
        ("/verdict", json!("good"), "not a document of this kind"),
        ("/date", json!("yesterday"), "the date is no day"),
        ("/design/margin", json!(0.0), "the design: margin is 0"),
        ("/design/alpha", json!(1e300), "the design: alpha"),
        ("/cohorts/0/low", json!(0.0), "difference and interval do not follow"),
        ("/cohorts/0/both", json!(1_000), "difference and interval do not follow"),
        ("/cohorts/0/both", json!(-1), "not a document of this kind"),
        ("/cohorts/0/verdict", json!("non-inferior"), "the verdict does not follow from its counts"),
        ("/cohorts/0/calls", json!(1), "more tests than calls"),
        ("/output/calls", json!(0.5), "not a document of this kind"),
    ] {
        let fault = refused(path, value);
        assert!(fault.contains(expected) && fault.contains("help: "), "{path}: {fault}");
    }
    let mut added = whole.clone();
    added["\u{1b}[31mred"] = json!("x");
    let fault = Evaluation::read(added.to_string().as_bytes()).expect_err("a field that is not known").to_string();
    assert!(fault.contains("red") && !fault.contains('\u{1b}'), "{fault:?}");
    assert!(Evaluation::read(b"").is_err() && Evaluation::read(b"[]").is_err());
    let most = BTreeMap::from([("schema_version", 1)]);
    assert!(Evaluation::read(&serde_json::to_vec(&most).expect("JSON")).is_err());
}
