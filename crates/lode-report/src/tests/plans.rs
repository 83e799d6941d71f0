//! What is said of the plans: which plan holds a step, how sure it is, and what it stands on.

use jiff::civil::date;
use lode_engine::{
    Alternative, Declined, Gate, PlanName, Reason, Recommendation, Silence, SilenceState, Silenced, Step,
};
use lode_model::{BillingSource, Money};

use super::fixture::{Fixture, dollars};
use crate::{Look, Prose, explain_recommendation, report_markdown, report_table};

const LOOK: Look = Look { width: 160, colour: false };

/// Table, Markdown, explanation of the first recommendation and the sentences for other renderers, each in one line.
fn pages(fixture: &Fixture) -> [String; 4] {
    let pages = fixture.show(|report| {
        let first = report.outcome.recommendations.first().expect("a recommendation");
        let prose = serde_json::to_value(Prose::of(report)).expect("JSON");
        let mut sentences = Vec::new();
        texts(&prose, &mut sentences);
        [
            report_table(report, LOOK),
            report_markdown(report),
            explain_recommendation(report, first, LOOK),
            sentences.join("\n"),
        ]
    });
    pages.map(|page| page.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn texts(value: &serde_json::Value, into: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => into.push(text.clone()),
        serde_json::Value::Array(all) => all.iter().for_each(|one| texts(one, into)),
        serde_json::Value::Object(all) => all.values().for_each(|one| texts(one, into)),
        _ => {}
    }
}

/// The recommendation waits for a gate: it is in the full plan alone.
fn gated() -> Fixture {
    let mut fixture = Fixture::without_logs();
    let found = &mut fixture.outcome.recommendations[0];
    found.gate = Some(Gate::Evaluation);
    found.plans.retain(|(plan, _)| *plan == PlanName::Full);
    let ready = &mut fixture.outcome.ready;
    ready.steps.clear();
    ready.remaining = ready.baseline;
    fixture
}

#[test]
fn a_checked_saving_is_said_to_be_in_the_plan_that_holds_it() {
    let explained = |mut fixture: Fixture| {
        fixture.outcome.recommendations[0].rule.check = Some("data residency".to_owned());
        let [table, _, explained, _] = pages(&fixture);
        (table, explained)
    };
    let (table, page) = explained(Fixture::without_logs());
    assert!(page.contains("Check first: data residency. The saving is in the ready plan."), "{page}");
    let saves =
        "Now (the ready plan, no test open): $65.18 a month if every check passes, 90 % interval $50.00 to $70.00.";
    assert!(table.contains(saves), "{table}");
    let (table, page) = explained(gated());
    assert!(page.contains("Check first: data residency. The saving is in the full plan."), "{page}");
    assert!(table.contains("Now (the ready plan, no test open): nothing."), "{table}");
    assert!(table.contains("$65.18 a month if every check passes"), "{table}");
    let [table, ..] = pages(&Fixture::without_logs());
    assert!(!table.contains("every check"), "{table}");
}

#[test]
fn what_lives_on_the_steps_before_it_says_so() {
    let note = "Alone, on today's bill, it saves $0.00: it works on what the steps before it leave";
    let mut fixture = Fixture::without_logs();
    fixture.outcome.recommendations[0].savings.standalone = Money::ZERO;
    let [table, rest @ ..] = pages(&fixture);
    assert!(!table.contains("Alone, on"), "{table}");
    for page in rest {
        assert!(page.contains(note) && !page.contains("leave, number"), "{page}");
    }
    // A step on the same calls before it, third in the list.
    let first: Recommendation = fixture.outcome.recommendations[0].clone();
    let before = Recommendation { id: "batch-inference.x/1".to_owned(), rank: 3, ..first };
    for plan in [&mut fixture.outcome.ready, &mut fixture.outcome.full] {
        plan.steps.insert(0, Step { id: before.id.clone(), ..plan.steps[0].clone() });
    }
    fixture.outcome.recommendations.push(before);
    let [_, _, page, _] = pages(&fixture);
    assert!(page.contains(&format!("{note}, number 3 on the same calls.")), "{page}");
    // Half of it is enough to stand by itself.
    let mut fixture = Fixture::without_logs();
    fixture.outcome.recommendations[0].savings.standalone = dollars("32.59");
    for page in pages(&fixture) {
        assert!(!page.contains("Alone, on"), "{page}");
    }
}

#[test]
fn an_interval_needs_a_week() {
    let with = |last: i8| {
        let mut fixture = Fixture::without_logs();
        fixture.estate.window.complete_to = Some(date(2026, 10, last));
        pages(&fixture)
    };
    for page in with(6) {
        assert!(page.contains("too few days for an interval"), "{page}");
        assert!(!page.contains("$50.00") && !page.contains("interval $"), "{page}");
    }
    for page in with(7) {
        assert!(!page.contains("too few days") && page.contains("$50.00 to $70.00"), "{page}");
    }
}

#[test]
fn without_a_complete_day_all_count_and_the_page_says_so() {
    let mut fixture = Fixture::without_logs();
    fixture.estate.window.complete_to = None;
    // The report of the fixture is of 2026-11-05.
    fixture.estate.window.first = date(2026, 11, 10);
    fixture.estate.window.last = date(2026, 11, 13);
    let [table, markdown, _, prose] = pages(&fixture);
    for page in [table, markdown, prose] {
        assert!(
            page.contains(
                "The report's date, 2026-11-05, is before the usage, which begins on 2026-11-10: no day is complete. All 4 \
                 days count as if they were."
            ),
            "{page}"
        );
        assert!(page.contains("by the weekday mix of all days"), "{page}");
    }
    fixture.estate.window.first = date(2026, 11, 5);
    fixture.estate.window.last = date(2026, 11, 5);
    let [table, ..] = pages(&fixture);
    assert!(table.contains("2026-11-05, is less than two days after the first usage"), "{table}");
    assert!(table.contains("The one day counts as if it were."), "{table}");
    let [table, ..] = pages(&Fixture::without_logs());
    assert!(table.contains("by the weekday mix of complete days") && !table.contains("no day is complete"), "{table}");
}

#[test]
fn what_a_filter_misses_names_both_sums() {
    let mut fixture = Fixture::without_logs();
    // 15 of 225 dollars of 28 days, sold as a service of its own.
    for place in [0, 2] {
        fixture.estate.charges[place].key.source = BillingSource::AmazonBedrock;
    }
    let missed = "A Cost Explorer filter on \"Amazon Bedrock\" misses $16.29 a month: in the window $15.00 of the $225.00 \
                  that Bedrock billed (6.7 %).";
    let [table, markdown, _, prose] = pages(&fixture);
    for page in [table, markdown, prose] {
        assert!(page.contains(missed), "{page}");
    }
    fixture.estate.charges[1].key.source = BillingSource::AmazonBedrock;
    assert_eq!(fixture.show(|report| Prose::of(report).missed), None);
}

#[test]
fn another_way_is_compared_with_this_one() {
    let said = |costs_more: &str, never_chosen| {
        let mut fixture = Fixture::without_logs();
        let alternative = Alternative { title: "Send them".to_owned(), costs_more: dollars(costs_more), never_chosen };
        fixture.outcome.recommendations[0].alternatives = vec![alternative];
        let [_, _, page, _] = pages(&fixture);
        page.split_once("Send them: ").expect("said").1.to_owned()
    };
    assert!(said("104.29", None).starts_with("saves $104.29 a month less than this one. "));
    assert!(said("-3", None).starts_with("saves $3.00 a month more than this one. "));
    assert!(said("0", None).starts_with("saves as much as this one. "));
    let ends = said("1", Some((dollars("-2"), dollars("4"))));
    let wanted =
        "saves $1.00 a month less than this one, between $2.00 a month more and $4.00 a month less at the ends";
    assert!(ends.starts_with(wanted), "{ends}");
}

#[test]
fn a_suppression_names_what_works_there_all_the_same() {
    let mut fixture = Fixture::without_logs();
    let silence =
        Silence { id: "input-reduction.old".to_owned(), reason: "x".to_owned(), owner: "y".to_owned(), expires: None };
    let first = fixture.outcome.recommendations[0].clone();
    fixture.outcome.declined.push(Declined {
        rule_id: silence.id.clone(),
        subject: first.subject.clone(),
        reason: Reason::Suppressed(silence.clone()),
        told: false,
    });
    let place = fixture.outcome.declined[1].recommendation();
    let place = place.split_once('/').expect("a place").1.to_owned();
    fixture.outcome.silenced = vec![Silenced {
        silence,
        state: SilenceState::InForce,
        matches: 1,
        unanswered: 0,
        at_least: false,
        monthly: dollars("5").into(),
    }];
    let [table, ..] = pages(&fixture);
    assert!(table.contains("would save $5.00 a month alone and in no plan. "), "{table}");
    assert!(!table.contains("works on the same"), "another place: {table}");
    fixture.outcome.recommendations[0].id = format!("input-reduction.unused/{place}");
    for plan in [&mut fixture.outcome.ready, &mut fixture.outcome.full] {
        plan.steps[0].id = format!("input-reduction.unused/{place}");
    }
    let [table, ..] = pages(&fixture);
    let named = "in no plan. Number 1 works on the same calls, $65.18 a month in the full plan.";
    assert!(table.contains(named), "{table}");
    for rank in 2..=5 {
        let id = format!("input-reduction.unused-{rank}/{place}");
        fixture.outcome.recommendations.push(Recommendation { id, rank, ..first.clone() });
    }
    let [table, ..] = pages(&fixture);
    assert!(table.contains("in no plan. Numbers 1, 2, 3 and 2 more work on the same charges."), "{table}");
}
