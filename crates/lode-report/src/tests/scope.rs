//! A recommendation for a part of a caller's calls, with another change in the full plan, in all forms.

use lode_engine::Only;

use super::fixture::Fixture;
use crate::{Look, explain_recommendation, report_markdown, report_table, v1};

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
