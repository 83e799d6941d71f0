//! Every scenario through all recommenders together: what must fire fires, nothing else does, and what must always
//! hold holds.

use std::collections::BTreeSet;

use lode_engine::{Engine, Grade, Settings, Threshold};
use lode_model::Money;
use lode_recommenders::ALL;
use lode_report::{Look, explain_recommendation};
use lode_testkit::{Scenario, check_properties, scenarios};

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

/// What only counters tell is a grade weaker than what bodies do.
#[test]
fn a_replay_of_counters_is_weaker_evidence() {
    for (name, grade) in [("minutes-for-hourly", Grade::Replayed), ("counted", Grade::Modelled)] {
        let (_, outcome) = Scenario::named(&format!("prompt-caching-{name}")).run(ALL);
        let made: Vec<_> = outcome.recommendations.iter().map(|r| (r.rule_id.as_str(), r.grade)).collect();
        assert_eq!(made, [("prompt-caching.wrong-lifetime", grade)], "{name}");
    }
}

/// A condition on evidence that nobody measures would never weaken it.
#[test]
fn what_weakens_evidence_is_measured() {
    let mut measured: BTreeSet<(&str, &str)> = BTreeSet::new();
    for scenario in scenarios() {
        let (_, outcome) = scenario.run(ALL);
        measured
            .extend(outcome.recommendations.iter().flat_map(|r| r.evidence.iter().map(|e| (r.recommender, e.signal))));
    }
    let engine = Engine::new(ALL, Settings::default()).expect("built-in rules");
    for (recommender, rules) in engine.rules() {
        for clause in rules.iter().flat_map(|rule| &rule.weaker) {
            let id = recommender.meta().id;
            assert!(measured.contains(&(id, clause.signal.as_str())), "{id} measures no {}", clause.signal);
        }
    }
}

/// Whole reports of a few scenarios, as people and programs get them.
#[test]
fn whole_reports() {
    for name in ["whole-plan", "unknown-things", "short-window"] {
        let scenario = Scenario::named(name);
        insta::assert_snapshot!(format!("report-{name}"), scenario.report_table(ALL, 100));
        insta::assert_snapshot!(format!("json-{name}"), scenario.report_json(ALL));
    }
}

/// In JSON the lines of every arithmetic add up to their sums, and the sums to what is saved, to the micro-dollar.
#[test]
fn every_arithmetic_adds_up() {
    let (mut lines, mut by_others) = (0, 0);
    for scenario in scenarios() {
        let report: serde_json::Value = serde_json::from_str(&scenario.report_json(ALL)).expect("JSON");
        for found in report["recommendations"].as_array().into_iter().flatten() {
            let (id, math) = (format!("{}: {}", scenario.name, found["id"]), &found["arithmetic"]);
            let money =
                |value: &serde_json::Value| Money::parse(value.as_str().expect("text")).expect("a decimal number");
            let [before, after, saved, others] =
                ["before_cost", "after_cost", "saved", "saved_by_others"].map(|name| money(&math[name]));
            for (side, sum) in [("before", before), ("after", after)] {
                let of_side = math[side].as_array().expect("lines");
                assert_eq!(of_side.iter().map(|line| money(&line["cost"])).sum::<Money>(), sum, "{id}: {side}");
                lines += of_side.len();
            }
            assert_eq!(before - after + others, saved, "{id}");
            by_others += usize::from(!others.is_zero());
        }
    }
    assert!(lines > 100 && by_others > 0, "{lines} lines, {by_others} that others gain by");
}

/// That a model ends is told though its successor costs more, whether or not the lever recommends something else.
#[test]
fn what_is_told_though_nothing_is_saved() {
    for name in ["model-rightsizing-ends-dearer", "model-rightsizing-ends-outbid"] {
        let scenario = Scenario::named(name);
        insta::assert_snapshot!(format!("report-{name}"), scenario.report_table(ALL, 100));
    }
}

/// Each recommendation explained, on usage by weekday, on standing costs and on a short window: the arithmetic can be
/// followed with a calculator.
#[test]
fn recommendations_explained() {
    for name in ["whole-plan", "vector-store-fires", "short-window", "model-rightsizing-cross-provider"] {
        let text = Scenario::named(name).with_report(ALL, |report| {
            let look = Look { width: 100, colour: false };
            let pages = report.outcome.recommendations.iter().map(|r| explain_recommendation(report, r, look));
            pages.collect::<Vec<_>>().join("\n====\n\n")
        });
        insta::assert_snapshot!(format!("explain-{name}"), text);
    }
}

/// Two clauses of one rule may compare one signal; a setting must say which it means.
#[test]
fn an_ambiguous_threshold_is_refused() {
    let with =
        |name: &str| Settings { thresholds: [(name.to_owned(), Threshold::Number(1.5))].into(), ..Settings::default() };
    assert!(Engine::new(ALL, with("vector-store.floor.ocu.mean")).is_err());
    assert!(Engine::new(ALL, with("vector-store.floor.ocu.mean <=")).is_ok());
}

/// What a person gets with a calculator, from the comments of the scenarios.
#[test]
fn shorter_prompts_save_what_their_scenarios_work_out() {
    for (name, monthly) in [
        ("input-reduction-json-fires", "7.60"),
        ("input-reduction-examples-fires", "14.60"),
        ("input-reduction-outliers-fires", "5.84"),
        ("input-reduction-repeats-fires", "19.77"),
        ("input-reduction-answers-fires", "29.81"),
    ] {
        let saved = Scenario::named(name).with_report(ALL, |report| {
            let [r] = &report.outcome.recommendations[..] else { panic!("{name}: one recommendation") };
            r.savings.expected.to_decimal(2)
        });
        assert_eq!(saved, monthly, "{name}");
    }
}

/// What a person gets with a calculator, from the comments of the scenarios.
#[test]
fn calls_left_out_and_shorter_passages_save_what_their_scenarios_work_out() {
    for (name, monthly) in [
        ("agents-fires", "7.00"),
        ("agents-retries-fires", "4.79"),
        ("agents-loops-fires", "36.77"),
        ("agents-long-tasks-fires", "24.98"),
        ("chunk-size-oversized-fires", "30.42"),
    ] {
        let saved = Scenario::named(name).with_report(ALL, |report| {
            let [r] = &report.outcome.recommendations[..] else { panic!("{name}: one recommendation") };
            r.savings.expected.to_decimal(2)
        });
        assert_eq!(saved, monthly, "{name}");
    }
}

/// The context of a question is priced at the model that answers once the move before it is made: 1.08 a day, not 1.35.
#[test]
fn passages_are_priced_at_the_model_that_answers_after_the_move() {
    let saved = Scenario::named("chunk-size-after-newer-model").with_report(ALL, |report| {
        let of = |r: &lode_engine::Recommendation| (r.rule_id.clone(), r.savings.expected.to_decimal(2));
        report.outcome.recommendations.iter().map(of).collect::<Vec<_>>()
    });
    let expected = [("model-rightsizing.end-of-life", "14.60"), ("chunk-size.too-many-passages", "32.85")];
    assert_eq!(saved, expected.map(|(rule, monthly)| (rule.to_owned(), monthly.to_owned())));
}

#[test]
fn a_trim_that_moves_the_cached_prefix_is_declined_for_it() {
    let reasons = Scenario::named("input-reduction-moves-prefix").with_report(ALL, |report| {
        let declined = report.outcome.declined.iter().filter(|d| d.rule_id == "input-reduction.resent-history");
        declined.map(|d| d.reason.clone()).collect::<Vec<_>>()
    });
    let [lode_engine::Reason::MovesPrefix { brings, reads_lost }] = &reasons[..] else { panic!("{reasons:?}") };
    // 5.00 written and 0.06 read in place of 2.00 and 0.28: 2.78 a day. Turns five to eight read nothing any more.
    assert_eq!((brings.to_decimal(2), *reads_lost), ("-84.56".to_owned(), 28 * 2_200_000));
}

/// Fifty conversations a day of three turns: prompts of 2,000, 4,000 and 6,000 tokens, of which 1,000 are instructions.
#[test]
fn the_agents_overlay_tells_what_sending_everything_again_costs() {
    let json = Scenario::named("prompt-caching-conversation").report_json(ALL);
    for figure in [
        r#""calls_in_chains": 4200,"#,
        r#""tasks": 1400,"#,
        r#""calls_per_task": 3.0,"#,
        // 12,000 billed, of which 6,000 were not sent before.
        r#""inflation": 2.0,"#,
        r#""fixed_share": 0.25"#,
        r#""agents_not_separable": "0.000000""#,
    ] {
        assert!(json.contains(figure), "{figure}");
    }
    // On the bill alone nothing can be told apart.
    let json = Scenario::named("input-reduction-silent").report_json(ALL);
    assert!(json.contains(r#""agents": []"#) && !json.contains(r#""agents_not_separable": "0.000000""#));
}
