//! Logs against bill, in all forms.

use lode_engine::Line;
use lode_model::{Class, Mode, Money, Unit};
use lode_sim::{Cause, TieOut};

use super::fixture::{Fixture, dollars, tie_out, tie_row, workload};
use crate::coverage::Page;
use crate::tie_out::{Cents, sentences, warning};
use crate::{Look, bill_markdown, bill_table, explain_recommendation, report_markdown, report_table, v1};

fn look(width: usize) -> Look {
    Look { width, colour: false }
}

#[test]
fn pages_with_requests() {
    let fixture = Fixture::new();
    insta::assert_snapshot!("report-100", fixture.show(|report| report_table(report, look(100))));
    insta::assert_snapshot!("bill-80", fixture.show(|report| bill_table(report, look(80))));
    insta::assert_snapshot!("bill-160", fixture.show(|report| bill_table(report, look(160))));
    insta::assert_snapshot!("report-markdown", fixture.show(report_markdown));
    insta::assert_snapshot!("bill-markdown", fixture.show(bill_markdown));
    insta::assert_snapshot!("bill-json", fixture.show(v1::bill_json));
    insta::assert_snapshot!(
        "explain-100",
        fixture.show(|report| explain_recommendation(report, &report.outcome.recommendations[0], look(100)))
    );
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let fixture = Fixture::new();
    for width in [80, 120, 160] {
        let pages = fixture.show(|report| {
            let explained = explain_recommendation(report, &report.outcome.recommendations[0], look(width));
            [report_table(report, look(width)), bill_table(report, look(width)), explained]
        });
        // Commands are pasted whole, and ids are one word.
        let long = |line: &&str| line.chars().count() > width && line.trim_start().contains(' ');
        let too_wide: Vec<&str> =
            pages.iter().flat_map(|page| page.lines()).filter(long).filter(|l| !l.trim().starts_with("aws ")).collect();
        assert_eq!(too_wide, [""; 0], "at {width} columns");
    }
}

#[test]
fn without_logs_nothing_is_said_of_requests() {
    let fixture = Fixture::without_logs();
    let pages = fixture.show(|report| [report_table(report, look(100)), bill_table(report, look(100))]);
    for page in &pages {
        assert!(!page.contains("Requests") && !page.contains("of invocation logs"), "{page}");
    }
    let json: serde_json::Value = serde_json::from_str(&fixture.show(v1::report_json)).expect("JSON");
    assert_eq!(json["tie_out"], serde_json::json!({ "residual_monthly": "0.000000", "rows": [] }));
}

/// Thirds of a cent: every column still adds up to the token dollars.
#[test]
fn parts_add_up() {
    let rows: Vec<_> = [("0.333333", "0.111111", Cause::Batch), ("0.333333", "0.222222", Cause::NotLogged)]
        .into_iter()
        .chain([("0.333334", "0.003333", Cause::Matched), ("0", "0", Cause::NotBilled)])
        .map(|(billed, unlogged, cause)| tie_row(Mode::Standard, Class::Input, (7, 3), (billed, unlogged), cause))
        .collect();
    let sum = |pick: fn(&lode_sim::TieRow) -> Money| rows.iter().map(pick).sum::<Money>();
    let (billed, unlogged) = (sum(|row| row.billed), sum(|row| row.unlogged));
    let tie = TieOut { rows, billed, logged: billed - unlogged, calls: 3, ..TieOut::default() };
    let cents = Cents::of(&tie);
    assert_eq!(cents.logged + cents.unlogged, dollars("1.00"));
    assert_eq!(cents.causes.iter().map(|sum| sum.unlogged).sum::<Money>(), cents.unlogged);
    let lines = crate::tie_out::by_cause(&tie);
    let (total, parts) = lines.split_last().expect("a total");
    assert_eq!(parts.iter().map(|line| dollars(&line[1])).sum::<Money>(), dollars(&total[1]));
    assert_eq!(total[1], "1.00");
    assert_eq!(cents.rows.iter().map(|(_, unlogged)| *unlogged).sum::<Money>(), cents.unlogged);

    let json: serde_json::Value =
        serde_json::from_str(&Fixture::without_logs().with(tie).show(v1::report_json)).expect("JSON");
    let tie = &json["tie_out"];
    let money = |value: &serde_json::Value| dollars(value.as_str().expect("a decimal text"));
    let rows = tie["rows"].as_array().expect("rows");
    let sum = |name: &str| rows.iter().map(|row| money(&row[name])).sum::<Money>();
    assert_eq!(sum("billed"), money(&tie["billed"]));
    assert_eq!(sum("billed") - sum("unlogged"), money(&tie["logged"]));
}

#[test]
fn the_rare_cases_are_said() {
    let tie = TieOut {
        calls_not_billed: 1,
        calls_on_capacity: 1_200,
        unresolved: vec![("a".to_owned(), 2), ("b".to_owned(), 9), ("c".to_owned(), 1), ("d".to_owned(), 1)],
        withheld: vec![workload("role/app", "chat"), workload("role/app", "extract")],
        ..tie_out()
    };
    let said = sentences(&tie, Page::Bill).join("\n");
    for part in [
        "1 call is in the logs",
        "days outside the bill",
        "1,200 calls were served",
        "b (9 calls), a (2 calls), c (1 call), 1 more",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let withheld = warning(&crate::Labels::new(), &tie).expect("a warning");
    assert_eq!(withheld.matches("role/app").count(), 1, "{withheld}");
    assert!(Fixture::without_logs().with(tie).show(report_markdown).contains("**Dollars withheld"));
}

/// A cause is shown with what it costs to see, never with what its prices bill beside.
#[test]
fn causes_are_shown_with_their_own_dollars() {
    let rows = vec![
        tie_row(Mode::Standard, Class::Input, (100, 88), ("100", "12"), Cause::NotLogged),
        tie_row(Mode::Standard, Class::Input, (5, 0), ("5", "5"), Cause::LoggingBegan),
        tie_row(Mode::Flex, Class::Input, (0, 70), ("0", "0"), Cause::NotBilled),
    ];
    let tie = TieOut { rows, billed: dollars("105"), logged: dollars("88"), calls: 9, ..TieOut::default() };
    let lines: Vec<String> = crate::tie_out::by_cause(&tie).iter().map(|line| line.join(" | ")).collect();
    assert_eq!(
        lines,
        [
            "in the logs | 88.00 | 83.8 %",
            "not in the logs: on days with logs | 12.00 | 11.4 %",
            "not in the logs: logging began later | 5.00 | 4.8 %",
            "token dollars | 105.00 | 100.0 %",
        ]
    );
}

/// Almost everything is not everything, and no calls is not a share.
#[test]
fn coverage_is_not_rounded_up_to_all() {
    let of = |logged: &str, calls: u64, bodies: u64| {
        let logged = dollars(logged);
        sentences(&TieOut { logged, calls, calls_with_bodies: bodies, ..tie_out() }, Page::Bill).remove(0)
    };
    assert!(of("224.99", 9, 9).contains("all with bodies; they explain more than 99.9 % of the"));
    assert!(of("0.01", 9, 0).contains("none with bodies; they explain less than 0.1 % of the"));
    assert!(of("225", 2_000_000, 1_999_999).contains("more than 99.9 % with bodies; they explain all of the"));
    assert_eq!(of("0", 0, 0), "Requests: no call in the logs read.");
}

#[test]
fn scopes_name_the_cohort_only_where_it_is_one_of_several() {
    let json: serde_json::Value = serde_json::from_str(&Fixture::new().show(v1::report_json)).expect("JSON");
    assert_eq!(json["declined"][0]["subject"]["cohort"], "chat");
    assert_eq!(json["data_gaps"][0]["waiting"][0]["scope"]["cohort"], "chat");
    assert_eq!(json["recommendations"][0]["scope"].get("cohort"), None);
    let all = Fixture::of("role/app", "all", "Drop", "less");
    let json: serde_json::Value = serde_json::from_str(&all.show(v1::report_json)).expect("JSON");
    assert_eq!(json["declined"][0]["subject"].get("cohort"), None);
}

/// Parts that share a recommendation: the arithmetic shown is of the largest, and says so.
#[test]
fn the_rest_of_a_merged_recommendation_is_said() {
    let mut fixture = Fixture::new();
    let explain = |fixture: &Fixture| {
        fixture.show(|report| explain_recommendation(report, &report.outcome.recommendations[0], look(160)))
    };
    assert!(!explain(&fixture).contains("largest part"));
    fixture.outcome.recommendations[0].plans[0].1 += dollars("12.50");
    assert!(explain(&fixture).contains("save $12.50 a month"));
}

/// A change may cost its neighbours something: they are named, and the sum still holds.
#[test]
fn what_others_pay_is_said() {
    let mut fixture = Fixture::new();
    let math = &mut fixture.outcome.recommendations[0].arithmetic;
    math.saved.usage[0] = dollars("40");
    math.others = dollars("-5.5");
    let text = fixture.show(|report| explain_recommendation(report, &report.outcome.recommendations[0], look(160)));
    assert!(text.contains("$180.00 - $135.00 = $45.00\n"), "{text}");
    assert!(text.contains("other callers of the same cache or capacity pay $5.00 more, together $40.00\n"), "{text}");
    assert!(text.contains("of it, other callers of the same cache or capacity pay $5.50 more a month\n"), "{text}");
}

/// Lines of 0.6 micro-dollars each: two of them are 1.2, so that one shows 1 and the other 0, and their sum is 1. What is
/// saved is what is left of the shown sums. A unit's rate keeps all its decimals.
#[test]
fn what_is_rounded_adds_up_and_rates_are_not_cut() {
    let mut fixture = Fixture::new();
    let math = &mut fixture.outcome.recommendations[0].arithmetic;
    let line =
        |cost: &str| Line { steps: 2_000_000, unit: Some(Unit::Micro), cost: dollars(cost), ..math.before[0].clone() };
    (math.before, math.after) =
        (vec![line("0.0000006"), line("0.0000006"), line("0.000279")], vec![line("0.0000004"), line("0.0000004")]);
    // 0.0002794 less nothing by others.
    math.saved.usage[0] = dollars("0.0002794");
    let text = fixture.show(|report| explain_recommendation(report, &report.outcome.recommendations[0], look(160)));
    assert!(text.contains("2.00 units × $0.0001395 = $0.000279\n"), "{text}");
    assert!(text.contains("    sum $0.00028\n") && text.contains("    sum $0.000001\n"), "{text}");
    assert!(text.contains("$0.00028 - $0.000001 = $0.000279\n") && !text.contains("together $0.000279"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&fixture.show(v1::report_json)).expect("JSON");
    let math = &json["recommendations"][0]["arithmetic"];
    let costs = |side: &str| {
        math[side].as_array().into_iter().flatten().map(|line| line["cost"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(costs("before"), ["\"0.000001\"", "\"0.000000\"", "\"0.000279\""]);
    assert_eq!(costs("after"), ["\"0.000001\"", "\"0.000000\""]);
    assert_eq!(math["before"][2]["rate"], "0.0001395");
    let sums = ["before_cost", "after_cost", "saved", "saved_by_others"].map(|name| math[name].as_str());
    assert_eq!(sums, [Some("0.000280"), Some("0.000001"), Some("0.000279"), Some("0.000000")]);
}

/// Without a step that can go now, the sentence names what was read.
#[test]
fn what_proves_nothing_is_what_was_read() {
    let said = |mut fixture: Fixture, inventory: u64| {
        fixture.outcome.ready.steps.clear();
        fixture.outcome.ready.remaining = fixture.outcome.ready.baseline;
        fixture.sources.inventory_files = inventory;
        fixture.show(report_markdown)
    };
    let proves = |page: String, by: &str| assert!(page.contains(&format!("{by} no saving that can go now")), "{page}");
    proves(said(Fixture::without_logs(), 0), "The bill alone proves");
    proves(said(Fixture::without_logs(), 1), "Bill and inventory prove");
    proves(said(Fixture::new(), 0), "Bill and logs prove");
    proves(said(Fixture::new(), 2), "Bill, logs and inventory prove");
}

/// A comment on GitHub holds 65,536 characters.
#[test]
fn markdown_fits_into_a_comment() {
    let mut fixture = Fixture::new();
    let one = fixture.outcome.recommendations[0].clone();
    let several = |n: usize| (1..=n).map(|rank| lode_engine::Recommendation { rank, ..one.clone() }).collect();
    fixture.outcome.recommendations = several(3);
    let whole = fixture.show(report_markdown);
    assert_eq!(whole.matches("<details>").count(), 3);
    assert!(!whole.contains("left out, so that"), "{whole}");
    fixture.outcome.recommendations = several(100);
    let page = fixture.show(report_markdown);
    assert!(page.len() <= 65_536, "{} bytes", page.len());
    let told = page.matches("<details>").count();
    assert!((20..100).contains(&told), "{told} details");
    let note = format!("The details of {} more are left out, so that this page fits into a comment", 100 - told);
    assert!(page.contains(&note), "{page}");
    assert_eq!(page.lines().filter(|line| line.contains("| Drop unused tools |")).count(), 100);
}
