//! The same figures in every form of the report: read back from CSV, Markdown and HTML, and compared with the JSON.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use std::collections::BTreeMap;

use common::{day_one, lode, root};
use lode_cli::Exit;
use lode_model::Money;
use serde_json::Value;

/// Savings a month of a recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Figures {
    now: Option<Money>,
    full: Option<Money>,
    low: Money,
    high: Money,
    standalone: Money,
}

/// What a form shows.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    /// By rank.
    recommendations: BTreeMap<usize, Figures>,
    /// Savings of the ready and of the full plan.
    plans: [Money; 2],
    /// The bill a month.
    bill: Money,
    /// What a filter on "Amazon Bedrock" misses a month.
    missed: Money,
}

/// How many decimals a form shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Digits {
    /// Six, as JSON does.
    Micro,
    /// Two; of a plan's steps rounded so that they add up.
    Cents,
}

fn print(input: &str, format: &str) -> String {
    let ran = lode(&["report", input, "--as-of", "2026-11-05", "--top", "0", "--format", format]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    ran.out
}

/// `$1,051.49`, `1051.490000`.
fn money(text: &str) -> Money {
    let digits: String = text.chars().filter(|c| !matches!(c, '$' | ',' | '*')).collect();
    Money::parse(&digits).unwrap_or_else(|_| panic!("{text:?} is no amount"))
}

/// What JSON says, in so many digits: what every other form must show.
fn expected(report: &Value, digits: Digits) -> Shown {
    let exact = |value: &Value| money(value.as_str().expect("money is a string"));
    let one = |value: &Value| match digits {
        Digits::Micro => exact(value),
        Digits::Cents => money(&exact(value).to_usd()),
    };
    let plans: BTreeMap<&str, (Money, BTreeMap<&str, Money>)> = report["plans"]
        .as_array()
        .expect("plans")
        .iter()
        .map(|plan| {
            let steps = plan["steps"].as_array().expect("steps");
            let marginals: Vec<Money> = steps.iter().map(|step| exact(&step["marginal"])).collect();
            let shown = match digits {
                Digits::Micro => marginals,
                Digits::Cents => Money::round_parts(&marginals, 2),
            };
            let ids = steps.iter().map(|step| step["id"].as_str().expect("an id"));
            let name = plan["name"].as_str().expect("a name");
            (name, (one(&plan["savings_monthly"]), ids.zip(shown).collect()))
        })
        .collect();
    let recommendations = report["recommendations"].as_array().expect("recommendations").iter().map(|r| {
        let id = r["id"].as_str().expect("an id");
        let savings = &r["savings"];
        let figures = Figures {
            now: plans["ready"].1.get(id).copied(),
            full: plans["full"].1.get(id).copied(),
            low: one(&savings["low"]),
            high: one(&savings["high"]),
            standalone: one(&savings["standalone"]),
        };
        let rank = r["rank"].as_u64().and_then(|rank| usize::try_from(rank).ok()).expect("a rank");
        (rank, figures)
    });
    Shown {
        recommendations: recommendations.collect(),
        plans: ["ready", "full"].map(|plan| plans[plan].0),
        bill: one(&report["bill"]["monthly"]),
        missed: one(&report["bill"]["missed_by_service_filter"]["monthly"]),
    }
}

fn from_csv(page: &str) -> Shown {
    let mut csv = csv::Reader::from_reader(page.as_bytes());
    let heads = csv.headers().expect("a header").clone();
    let rows: Vec<csv::StringRecord> = csv.records().map(|row| row.expect("a row")).collect();
    let cell = |row: &csv::StringRecord, name: &str| {
        let place = heads.iter().position(|head| head == name).unwrap_or_else(|| panic!("no column {name}"));
        row[place].to_owned()
    };
    let filled = |row: &csv::StringRecord, name: &str| {
        let text = cell(row, name);
        (!text.is_empty()).then(|| money(&text))
    };
    let of = |kind: &str, id: &str| {
        let is = |row: &&csv::StringRecord| cell(row, "row") == kind && cell(row, "id") == id;
        rows.iter().find(is).unwrap_or_else(|| panic!("no row {kind} {id}"))
    };
    let recommendations = rows.iter().filter(|row| cell(row, "row") == "recommendation").map(|row| {
        let figures = Figures {
            now: filled(row, "now_monthly"),
            full: filled(row, "full_monthly"),
            low: money(&cell(row, "low")),
            high: money(&cell(row, "high")),
            standalone: money(&cell(row, "standalone")),
        };
        (cell(row, "rank").parse().expect("a rank"), figures)
    });
    Shown {
        recommendations: recommendations.collect(),
        plans: [("ready", "now_monthly"), ("full", "full_monthly")]
            .map(|(plan, column)| money(&cell(of("plan", plan), column))),
        bill: money(&cell(of("bill", ""), "current_monthly")),
        missed: money(&cell(of("missed_by_service_filter", ""), "current_monthly")),
    }
}

fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before:?}"));
    rest.split_once(after).unwrap_or_else(|| panic!("no {after:?} after {before:?}")).0.to_owned()
}

/// What a reader sees: the texts of cells, not what a script reads.
fn from_html(page: &str) -> Shown {
    let cell = |text: &str| (text != "–").then(|| money(text));
    let recommendations = page.split("<li class=\"rec ").skip(1).map(|row| {
        let interval = between(row, "data-figure=\"interval\">", "</dd>");
        let (low, high) = interval.split_once(" to ").expect("two ends");
        let figures = Figures {
            now: cell(&between(row, "m-now\">", "</span>")),
            full: cell(&between(row, "m-full\">", "</span>")),
            low: money(low),
            high: money(high),
            standalone: money(&between(row, "data-figure=\"standalone\">", "</dd>")),
        };
        (between(row, "<span class=\"rank\">", "</span>").parse().expect("a rank"), figures)
    });
    let total = between(page, "<div class=\"all\">", "</div>");
    Shown {
        recommendations: recommendations.collect(),
        plans: ["Now</span>", "Full</span>"].map(|column| money(&between(&total, column, "</dd>"))),
        bill: money(&between(page, "data-figure=\"baseline\">", "</dd>")),
        missed: {
            let shown = between(page, "data-figure=\"missed\">", "</p>");
            money(&between(&shown, "misses ", " a month"))
        },
    }
}

fn from_markdown(page: &str) -> Shown {
    // The ranked list: the cells with dollars stand fifth and sixth.
    let rows: Vec<Vec<String>> = page
        .lines()
        .skip_while(|line| !line.starts_with("| # |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.replace("\\|", "/").split('|').skip(1).map(|cell| cell.trim().to_owned()).collect())
        .collect();
    let cell = |text: &str| (text != "–").then(|| money(text));
    let mut recommendations = BTreeMap::new();
    for row in rows.iter().filter(|row| !row[0].is_empty()) {
        let rank: usize = row[0].parse().expect("a rank");
        let own = between(page, &format!("<details><summary>{rank}. "), "</details>");
        let saves = own.lines().find(|line| line.contains("**Saves**")).expect("what it saves");
        let figures = Figures {
            now: cell(&row[4]),
            full: cell(&row[5]),
            low: money(&between(saves, "(", " to ")),
            high: money(&between(saves, " to ", ")")),
            standalone: money(&between(saves, "), ", " alone")),
        };
        recommendations.insert(rank, figures);
    }
    let total = rows.last().expect("a total");
    assert_eq!(total[3], "**Total**");
    Shown {
        recommendations,
        plans: [money(&total[4]), money(&total[5])],
        bill: money(&between(page, "that is ", " a month of 730 hours")),
        missed: money(&between(page, "misses ", " a month")),
    }
}

#[test]
fn every_form_shows_the_figures_of_the_json() {
    for input in [root("testdata/estate").display().to_string(), day_one()] {
        let json: Value = serde_json::from_str(&print(&input, "json")).expect("JSON");
        let micro = expected(&json, Digits::Micro);
        assert!(micro.recommendations.len() >= 5, "{} recommendations", micro.recommendations.len());
        assert_eq!(from_csv(&print(&input, "csv")), micro, "CSV of {input}");
        assert_eq!(from_markdown(&print(&input, "markdown")), expected(&json, Digits::Cents), "Markdown of {input}");
        assert_eq!(from_html(&print(&input, "html")), expected(&json, Digits::Cents), "HTML of {input}");
    }
}
