//! Settings from the outside: the file that `lode init` writes, and faults with their place.

mod common;

use common::{day_one, lode};
use lode_cli::Exit;

#[test]
fn init_writes_what_a_report_reads_and_overwrites_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("my lode.toml");
    let path = file.to_str().expect("UTF-8");
    let made = lode(&["init", "-o", path, "--schema"]);
    assert_eq!((made.exit, made.out.as_str()), (Exit::Made, ""), "{}", made.err);
    assert!(made.err.contains(&format!("next: lode report INPUT --config '{path}'")), "{}", made.err);
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(text.starts_with("#:schema lode.schema.json\n"), "{text}");
    let schema = std::fs::read_to_string(folder.path().join("lode.schema.json")).expect("written");
    assert_eq!(schema, lode_settings::schema());
    // As written it changes nothing.
    let plain = lode(&["report", &day_one(), "--format", "json"]);
    assert_eq!(lode(&["report", &day_one(), "--format", "json", "--config", path]).out, plain.out);
    // What is there stays.
    std::fs::write(&file, "mine").expect("written");
    let again = lode(&["init", "-o", path]);
    assert_eq!(again.exit, Exit::Usage);
    assert!(again.err.contains("is there already") && again.err.contains("-o"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(&file).expect("there"), "mine");
    // Half of it is not written where the schema is there.
    let other = folder.path().join("other.toml");
    assert_eq!(lode(&["init", "--schema", "-o", other.to_str().expect("UTF-8")]).exit, Exit::Usage);
    assert!(!other.exists());
}

#[test]
fn a_fault_is_shown_in_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lode.toml");
    std::fs::write(&file, "[report]\ncaller_keys = [\"iam-principle\"]\n").expect("written");
    let path = file.to_str().expect("UTF-8");
    let ran = lode(&["report", &day_one(), "--config", path]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""));
    let wanted = format!(
        "error: {path}: line 2, column 16: report.caller_keys: found \"iam-principle\", expected one of \
         request-metadata:KEY, application-inference-profile, iam-principal, tag:KEY, cost-category:NAME; did you mean \
         iam-principal?\n  |\n2 | caller_keys = [\"iam-principle\"]\n  |                ^^^^^^^^^^^^^^^\n"
    );
    assert_eq!(ran.err, wanted);
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn what_is_hidden_is_added_up_and_json_has_all() {
    let input = day_one();
    let all = lode(&["report", &input, "--format", "json"]).out;
    let found = json(&all)["recommendations"].as_array().expect("a list").clone();
    let lever = found[0]["recommender"].as_str().expect("text").to_owned();
    let others = found.iter().filter(|r| r["recommender"] != lever.as_str()).count();
    assert!(others > 0, "a test of nothing");
    let total = |page: &str| page.lines().find(|line| line.contains("Total")).map(str::to_owned).expect("a total");
    let plain = lode(&["report", &input]).out;
    let page = lode(&["report", &input, "--only", &lever]).out;
    assert!(page.contains(&format!("{others} hidden by --only {lever}")), "{page}");
    assert_eq!(
        total(&page).split_whitespace().collect::<Vec<_>>(),
        total(&plain).split_whitespace().collect::<Vec<_>>()
    );
    let markdown = lode(&["report", &input, "--only", &lever, "--format", "markdown"]).out;
    assert!(markdown.contains(&format!("{others} hidden by --only {lever}")), "{markdown}");
    let (n, id) = (found.len(), found[0]["id"].as_str().expect("text"));
    let one = lode(&["report", &input, "--only", id, "--top", "0"]).out;
    assert!(one.contains(&format!("{} hidden by", n - 1)), "{one}");
    let dear = lode(&["report", &input, "--min-savings", "$1000000"]).out;
    assert!(dear.contains(&format!("{n} hidden by --min-savings $1,000,000.00")), "{dear}");
    assert_eq!(lode(&["report", &input, "--only", &lever, "--min-savings", "50", "--format", "json"]).out, all);
}

#[test]
fn a_word_of_only_that_names_nothing_is_an_error() {
    for (word, meant) in [
        ("prompt-cachin", "did you mean prompt-caching?"),
        ("routing-tier.global-profil", "did you mean routing-tier.global-profile?"),
        ("routing-tier.global-profile/999", "the id of a recommendation on this input"),
        ("everything", "lode explain"),
    ] {
        let ran = lode(&["report", &day_one(), "--only", word]);
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""), "{word}");
        assert!(ran.err.contains(meant), "{word}: {}", ran.err);
    }
    for amount in ["many", "-5", ""] {
        let args = ["lode", "report", "x", "--min-savings", amount];
        let error = <lode_cli::Args as clap::Parser>::try_parse_from(args).expect_err("no amount").to_string();
        assert_eq!(error.contains("expected an amount of at least 0"), amount == "-5", "{amount}: {error}");
    }
}

#[test]
fn suppressions_are_shown_with_what_they_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lode.toml");
    let path = file.to_str().expect("UTF-8");
    let block = |id: &str, expires: &str| {
        format!("[[suppress]]\nid = \"{id}\"\nreason = \"EU residency\"\nowner = \"platform\"\nexpires = {expires}\n")
    };
    let rules = [
        block("routing-tier.global-profile", "2026-12-31"),
        block("vector-store.floor", "2026-11-04"),
        block("prompt-caching.writes-not-repaid/333333333333", "2026-12-31"),
    ];
    std::fs::write(&file, rules.concat()).expect("written");
    let report = json(&lode(&["report", &day_one(), "--config", path, "--format", "json"]).out);
    let states: Vec<&str> =
        report["suppressions"].as_array().expect("a list").iter().filter_map(|s| s["state"].as_str()).collect();
    assert_eq!(states, ["in_force", "expired", "matches_nothing"]);
    let first = &report["suppressions"][0];
    assert_eq!((&first["owner"], &first["expires"]), (&"platform".into(), &"2026-12-31".into()));
    let monthly: f64 = first["monthly"].as_str().expect("dollars").parse().expect("a number");
    assert!(monthly > 0.0 && first["matches"].as_u64() > Some(0), "{first}");
    let page = lode(&["report", &day_one(), "--config", path]);
    assert!(page.out.contains("\nSilenced in lode.toml\n"), "{}", page.out);
    assert!(page.out.contains("Expired on 2026-11-04, applied no more"), "{}", page.out);
    let markdown = lode(&["report", &day_one(), "--config", path, "--format", "markdown"]).out;
    assert!(markdown.contains("## Silenced in lode.toml\n\n- routing-tier.global-profile, by platform"), "{markdown}");
}

#[test]
fn a_label_stands_before_the_raw_name_and_ids_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lode.toml");
    let path = file.to_str().expect("UTF-8");
    let found = json(&lode(&["report", &day_one(), "--format", "json"]).out);
    let account = found["recommendations"][0]["scope"]["account"].as_str().expect("text").to_owned();
    std::fs::write(&file, format!("[labels]\n\"{account}\" = \"Shop | 1\"\n")).expect("written");
    assert_eq!(lode(&["report", &day_one(), "--config", path]).err.matches("the label of").count(), 0);
    let labelled = json(&lode(&["report", &day_one(), "--config", path, "--format", "json"]).out);
    assert_eq!(labelled["labels"][&account], "Shop | 1");
    assert_eq!(labelled["recommendations"], found["recommendations"], "ids and names stay raw");
    for args in [&["report"][..], &["report", "--format", "markdown"], &["explain", "1"], &["bill"]] {
        let ran = lode(&[args, &[&day_one(), "--config", path]].concat());
        assert_eq!(ran.exit, Exit::Made, "{args:?}: {}", ran.err);
        let text = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        let label = if args.contains(&"markdown") { "Shop \\| 1" } else { "Shop | 1" };
        let (before, behind) = (format!("{label} ({account})"), format!("{account} ({label})"));
        // At this width the list of the table has no places; levers that say nothing have.
        assert!(text.contains(&before) || text.contains(&behind), "{args:?}: {text}");
    }
    std::fs::write(&file, "[labels]\n\"999999999999\" = \"Nobody\"\n").expect("written");
    let ran = lode(&["report", &day_one(), "--config", path]);
    assert!(ran.err.contains("the label of 999999999999 matches nothing on this input"), "{}", ran.err);
}
