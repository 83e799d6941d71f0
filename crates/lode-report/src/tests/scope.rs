//! A recommendation for a part of a caller's calls, with another change in the full plan, in all forms.

use lode_engine::Only;

use super::fixture::Fixture;
use crate::{Labels, Look, Report, explain_recommendation, report_markdown, report_table, v1};

fn fixture(cohorts: &[&str], in_full: &str) -> Fixture {
    let mut fixture = Fixture::new();
    let found = &mut fixture.outcome.recommendations[0];
    found.in_full = Some(in_full.to_owned());
    let cohorts = cohorts.iter().map(|cohort| (*cohort).into()).collect();
    found.only = Some(Only { cohorts, calls: 1_043, of: 5_210 });
    fixture
}

/// Table at two widths, Markdown, explanation.
fn pages(fixture: &Fixture) -> [String; 4] {
    let look = |width| Look { width, colour: false };
    fixture.show(|report| {
        let explained = explain_recommendation(report, &report.outcome.recommendations[0], look(160));
        [report_table(report, look(100)), report_table(report, look(160)), report_markdown(report), explained]
    })
}

#[test]
fn both_are_said_everywhere() {
    for page in pages(&fixture(&["text-2"], "Move to batch")) {
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in ["only its text-2 calls: 1,043 of 5,210", "in the full plan: Move to batch"] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
    let [.., explained] = pages(&fixture(&["text-2"], "Move to batch"));
    assert!(explained.contains("another option of the same rule"), "{explained}");
    for page in pages(&Fixture::new()) {
        assert!(!page.contains("only its") && !page.contains("in the full plan:"), "{page}");
    }
}

#[test]
fn several_kinds_are_listed_and_many_cut() {
    let said = |cohorts: &[&str]| crate::text::only(&fixture(cohorts, "x").outcome.recommendations[0]);
    assert_eq!(said(&["chat", "text-2"]).as_deref(), Some("only its chat and text-2 calls: 1,043 of 5,210"));
    assert_eq!(
        said(&["a", "b", "c", "d", "e"]).as_deref(),
        Some("only its a, b, c and 2 more kinds of calls: 1,043 of 5,210")
    );
}

#[test]
fn json_has_both_as_fields() {
    let json = |fixture: &Fixture| -> serde_json::Value {
        serde_json::from_str(&fixture.show(v1::report_json)).expect("JSON")
    };
    let with = json(&fixture(&["chat", "text-2"], "Move to batch"));
    let found = &with["recommendations"][0];
    assert_eq!(found["scope"]["cohorts"], serde_json::json!(["chat", "text-2"]));
    assert_eq!((&found["scope"]["calls"], &found["scope"]["calls_of"]), (&1_043.into(), &5_210.into()));
    assert_eq!(found["plans"][0].get("action"), None, "ready");
    assert_eq!(found["plans"][1]["action"], "Move to batch");
    let without = json(&Fixture::new());
    let found = &without["recommendations"][0];
    for name in ["cohorts", "calls", "calls_of"] {
        assert_eq!(found["scope"].get(name), None, "{name}");
    }
    assert_eq!(found["plans"][1].get("action"), None);
}

/// In a narrow table the place has no column: whom people know by a label is said with it all the same.
#[test]
fn a_narrow_table_says_labels() {
    let labels = [("role/app", "Checkout"), ("111111111111", "Production")];
    let labels = Labels::from(labels.map(|(raw, label)| (raw.to_owned(), label.to_owned())));
    let said = |fixture: &Fixture, labels: &Labels, width| {
        let page = fixture.show(|report| report_table(&Report { labels, ..*report }, Look { width, colour: false }));
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        page.split(" · replayed").next().unwrap_or_default().to_owned()
    };
    let named = Fixture::of("role/app", "all", "Drop what role/app sends in 111111111111", "less");
    let both = "Input token reduction · Checkout (role/app) · Production (111111111111)";
    assert!(said(&named, &labels, 80).ends_with(both), "{}", said(&named, &labels, 80));
    assert!(said(&named, &Labels::new(), 80).ends_with("Input token reduction"));
    // The action names nobody: who it is stands in the page of the recommendation, the account here.
    let unnamed = Fixture::new();
    assert!(said(&unnamed, &labels, 80).ends_with("Input token reduction · Production (111111111111)"));
    assert!(said(&unnamed, &Labels::new(), 80).ends_with("Input token reduction · 111111111111"));
    assert!(said(&named, &labels, 120).ends_with("Input token reduction"), "the place has a column");
}

/// What a page needs of the contract is the contract, but for its three long lists.
#[test]
fn a_page_has_the_contract_without_its_long_lists() {
    let fixture = Fixture::new();
    let json = |report: v1::ReportV1| serde_json::to_value(report).expect("JSON");
    let mut whole = json(fixture.show(|report| v1::ReportV1::from(report)));
    let of_page = json(fixture.show(v1::ReportV1::for_page));
    assert!(!whole["declined"].as_array().expect("a list").is_empty());
    assert!(!whole["bill"]["rates"].as_array().expect("a list").is_empty());
    for list in ["/declined", "/cohorts", "/bill/rates"] {
        *whole.pointer_mut(list).expect("there") = serde_json::json!([]);
    }
    assert_eq!(whole, of_page);
}
