//! The page of every scenario: complete, escaped, and with the figures of the JSON.

use lode_html::render;
use lode_model::Money;
use lode_recommenders::ALL;
use lode_report::Prose;
use lode_report::v1::ReportV1;
use lode_testkit::{Scenario, scenarios};

#[path = "../examples/pages/estates.rs"]
mod estates;

fn page(scenario: &Scenario) -> (ReportV1, String) {
    scenario.with_report(ALL, |report| {
        let v1 = ReportV1::from(report);
        let page = render(&v1, &Prose::of(report));
        (v1, page)
    })
}

/// The texts between a start and an end.
fn between<'a>(page: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    page.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

fn cents(amounts: impl Iterator<Item = Money>) -> Vec<Money> {
    Money::round_parts(&amounts.collect::<Vec<_>>(), 2)
}

#[test]
fn every_scenario_has_a_page_with_the_figures_of_its_json() {
    for scenario in scenarios() {
        let (v1, page) = page(&scenario);
        let name = &scenario.name;
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "{name}: {}", &page[..page.len().min(300)]);
        assert!(page.trim_end().ends_with("</html>"), "{name}");
        let shown = between(&page, "<li class=\"rec ", "</li>");
        assert_eq!(shown.len(), v1.recommendations.len(), "{name}: rows");
        for (plan, attribute) in [("ready", "data-now=\""), ("full", "data-full=\"")] {
            let plan = v1.plans.iter().find(|one| one.name == plan).expect("both plans are there");
            let wanted = cents(plan.steps.iter().map(|step| step.marginal.money()));
            for (step, wanted) in plan.steps.iter().zip(wanted) {
                let rank = v1.recommendations.iter().find(|r| r.id == step.id).expect("a step is recommended").rank;
                let row =
                    shown.iter().find(|row| row.contains(&format!("data-rank=\"{rank}\""))).expect("it has a row");
                assert_eq!(between(row, attribute, "\""), [wanted.to_decimal(2)], "{name}: {rank} {attribute}");
                assert!(row.contains(&wanted.to_usd()), "{name}: {rank} shows {}", wanted.to_usd());
            }
        }
        for r in &v1.recommendations {
            let row =
                shown.iter().find(|row| row.contains(&format!("data-rank=\"{}\"", r.rank))).expect("it has a row");
            let interval = format!("{} to {}", r.savings.low.money().to_usd(), r.savings.high.money().to_usd());
            assert_eq!(between(row, "data-figure=\"interval\">", "<"), [interval], "{name}: {}", r.rank);
            let alone = r.savings.standalone.money().to_usd();
            assert_eq!(between(row, "data-figure=\"standalone\">", "<"), [alone], "{name}: {}", r.rank);
        }
        let today = v1.plans.first().expect("a plan").baseline_monthly.money().to_usd();
        assert_eq!(between(&page, "data-figure=\"baseline\">", "<"), [today], "{name}");
        let missed = v1.bill.missed_by_service_filter.monthly.money();
        if missed > Money::ZERO {
            let shown = between(&page, "data-figure=\"missed\">", "</p>").concat();
            assert!(shown.contains(&format!("misses {} a month", missed.to_usd())), "{name}: {shown}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_page() {
    let scenario = Scenario::named("prompt-caching-fires");
    assert_eq!(page(&scenario).1, page(&scenario).1);
}

#[test]
fn hostile_names_are_text() {
    let (_, page) = page(&estates::hostile().expect("an estate"));
    // Its own script and style, and no other markup than the templates'.
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    for markup in ["<img", "<b>bold", "<i>", "' onmouseover='", "\u{202e}"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("&lt;script&gt;window.hacked = 1"));
    assert!(page.contains("{{ 7 * 7 }}"), "a name is no template");
    assert!(page.contains("&amp;lt;i&amp;gt;"), "what is escaped already is escaped again");
}

#[test]
fn nothing_in_the_page_calls_out() {
    let (_, page) = page(&Scenario::named("prompt-caching-fires"));
    assert_eq!(between(&page, "Content-Security-Policy\" content=\"default-src ", ";"), ["'none'"]);
    let links = between(&page, "href=\"", "\"");
    assert!(!links.is_empty() && links.iter().all(|link| link.starts_with('#')), "{links:?}");
    assert!(!page.contains(" src=") && !page.contains("@import") && !page.contains("url("));
    let ids = between(&page, " id=\"", "\"");
    for link in links {
        assert!(ids.contains(&&link[1..]), "{link} leads nowhere");
    }
}

#[test]
fn five_hundred_recommendations_among_five_thousand_workloads_are_under_three_megabytes() {
    let (v1, page) = page(&estates::large().expect("an estate"));
    assert_eq!((v1.recommendations.len(), v1.bill.by_caller.len()), (estates::FOUND, estates::WORKLOADS));
    // A part of it is for what is known of calls, which this bill has none of.
    assert!(page.len() < 2_600_000, "{} bytes", page.len());
}
