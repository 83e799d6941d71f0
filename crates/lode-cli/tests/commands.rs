//! Help, explain, and what goes where.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use clap::CommandFactory;
use common::{day_one, lode};
use lode_cli::{Args, Exit};
use lode_model::Money;

#[test]
fn help_is_reviewed() {
    let mut command = Args::command().term_width(100);
    command.build();
    let mut text = command.render_long_help().to_string();
    for name in ["report", "bill", "explain", "init", "completions", "man"] {
        let sub = command.find_subcommand_mut(name).expect("a command");
        text.push_str(&format!("\n---- lode {name}\n\n{}", sub.render_long_help()));
    }
    let evaluation = command.find_subcommand_mut("eval").expect("a command");
    for name in ["export", "import"] {
        let sub = evaluation.find_subcommand_mut(name).expect("a command");
        text.push_str(&format!("\n---- lode eval {name}\n\n{}", sub.render_long_help()));
    }
    let batch = command.find_subcommand_mut("export").and_then(|export| export.find_subcommand_mut("batch"));
    text.push_str(&format!("\n---- lode export batch\n\n{}", batch.expect("a command").render_long_help()));
    let caching = command.find_subcommand_mut("whatif").and_then(|whatif| whatif.find_subcommand_mut("caching"));
    let caching = caching.expect("a command").render_long_help();
    text.push_str(&format!("\n---- lode whatif caching\n\n{caching}"));
    insta::assert_snapshot!("help", text);
}

#[test]
fn explain_lists_what_is_built_in() {
    let ran = lode(&["explain"]);
    assert_eq!(ran.exit, Exit::Made);
    insta::assert_snapshot!("explain", ran.out);
}

#[test]
fn explain_takes_a_number_an_id_a_rule_or_a_lever() {
    let by_number = lode(&["explain", "1", &day_one()]);
    assert_eq!(by_number.exit, Exit::Made, "{}", by_number.err);
    let id = by_number.out.lines().nth(1).expect("the id stands under the title").to_owned();
    assert_eq!(lode(&["explain", &id, &day_one()]).out, by_number.out);
    assert!(lode(&["explain", "prompt-caching.writes-not-repaid", &day_one()]).out.contains("On this bill"));
    assert!(lode(&["explain", "prompt-caching.writes-not-repaid"]).out.contains("cache.repaid_share < 1"));
    assert!(lode(&["explain", "vector-store"]).out.contains("What it finds"));
    for (args, words) in [
        (vec!["explain", "1"], "help: lode explain 1 INPUT"),
        (vec!["explain", "prompt-caching.never"], "like it are prompt-caching.never-enabled"),
        (vec!["explain", "99", &day_one()], "recommendations 1 to "),
        (vec!["explain", "no-such"], "no such"),
        (vec!["explain", "99", &day_one()], "no such"),
    ] {
        let ran = lode(&args);
        assert_eq!(ran.exit, Exit::Usage);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
}

#[test]
fn csv_forms_add_up() {
    let ran = lode(&["bill", &day_one(), "--format", "csv"]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    let mut csv = csv::Reader::from_reader(ran.out.as_bytes());
    let heads = csv.headers().expect("a header").clone();
    let place = |name: &str| heads.iter().position(|head| head == name).expect("a column");
    let (cut, billed) = (place("cut"), place("billed"));
    let mut sums = std::collections::BTreeMap::<String, Money>::new();
    for row in csv.records() {
        let row = row.expect("a row");
        let dollars = Money::parse(&row[billed]).unwrap_or_default();
        *sums.entry(row[cut].to_owned()).or_default() += dollars;
    }
    let total = sums["total"];
    assert!(total > Money::ZERO);
    for cut in ["nature", "layer", "feature", "source", "service", "model", "caller", "class", "account", "day"] {
        assert_eq!(sums[cut], total, "{cut}");
    }
    let ran = lode(&["report", &day_one(), "--format", "csv", "--top", "1"]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    let mut csv = csv::Reader::from_reader(ran.out.as_bytes());
    let heads = csv.headers().expect("a header").clone();
    let place = |name: &str| heads.iter().position(|head| head == name).expect("a column");
    let mut sums = std::collections::BTreeMap::<(String, &str), Money>::new();
    for row in csv.records() {
        let row = row.expect("a row");
        for column in ["now_monthly", "full_monthly"] {
            *sums.entry((row[0].to_owned(), column)).or_default() +=
                Money::parse(&row[place(column)]).unwrap_or_default();
        }
    }
    for column in ["now_monthly", "full_monthly"] {
        let sum = |row: &str| sums[&(row.to_owned(), column)];
        assert!(sum("plan") > Money::ZERO);
        assert_eq!(sum("recommendation"), sum("plan"), "{column}");
    }
}

#[test]
fn output_goes_to_a_file_when_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.md");
    let ran = lode(&["report", &day_one(), "--format", "markdown", "-o", file.to_str().expect("UTF-8")]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Made, ""));
    assert!(std::fs::read_to_string(file).expect("written").starts_with("# Amazon Bedrock savings"));
}

#[test]
fn a_long_list_is_cut_and_still_adds_up() {
    let rows = |top: &str| -> (String, usize) {
        let ran = lode(&["report", &day_one(), "--top", top]);
        let total = ran.out.lines().find(|line| line.trim_start().starts_with("Total")).expect("a total").to_owned();
        let listed = ran.out.lines().filter(|line| {
            line.split_whitespace().next().is_some_and(|word| word.parse::<u8>().is_ok())
                && line.ends_with('%')
                && !line.contains("smaller")
        });
        (total, listed.count())
    };
    let ((all, many), (cut, three)) = (rows("0"), rows("3"));
    assert_eq!(all.split_whitespace().collect::<Vec<_>>(), cut.split_whitespace().collect::<Vec<_>>());
    assert!(many > 3 && three == 3, "{many} and {three}");
    assert!(lode(&["report", &day_one(), "--top", "3"]).out.contains("smaller ones (--top 0 shows all)"));
}

#[test]
fn manual_pages_lie_where_man_looks() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    let ran = lode(&["man", "-o", path]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Made, ""), "{}", ran.err);
    assert!(folder.path().join("man1/lode.1").is_file() && folder.path().join("man1/lode-report.1").is_file());
    // The folder of the section itself is meant as it is.
    let section = folder.path().join("share/man1");
    assert_eq!(lode(&["man", "-o", section.to_str().expect("UTF-8")]).exit, Exit::Made);
    assert!(section.join("lode.1").is_file() && !section.join("man1").exists());
}

#[test]
fn a_date_before_the_usage_is_an_error_and_one_within_it_a_warning() {
    for command in ["report", "bill"] {
        let ran = lode(&[command, &day_one(), "--as-of", "2025-01-01"]);
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""), "{}", ran.err);
        let wanted = "--as-of: found 2025-01-01, which is before the usage of 2026-10-01 to 2026-10-31; help:";
        assert!(ran.err.contains(wanted) && ran.err.contains("--as-of 2026-11-02"), "{}", ran.err);
        let ran = lode(&[command, &day_one(), "--as-of", "2026-10-01"]);
        assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
        let page = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains("2026-10-01, is less than two days after the first usage"), "{page}");
    }
}
