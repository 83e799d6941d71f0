//! `lode whatif chunking` on documents small enough to work out by hand, and on those of `testdata/chunking`.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use std::path::Path;

use clap::Parser;
use common::{Ran, lode, lode_at, root};
use lode_cli::{Args, Exit};
use serde_json::{Value, json};
use tempfile::TempDir;

const SONNET: &str = "anthropic.claude-sonnet-4-6";

fn path(folder: &Path) -> String {
    folder.display().to_string()
}

fn testdata(name: &str) -> String {
    path(&root("testdata/chunking").join(name))
}

/// The documents of the repository, with its questions and results.
fn everything() -> Vec<String> {
    let [documents, questions, retrieved] = ["documents", "questions.jsonl", "retrieved.jsonl"].map(testdata);
    let given = ["--documents", &documents, "--questions", &questions, "--retrieved", &retrieved];
    let asked = ["--sizes", "25,50,100", "--overlaps", "0,20", "--results", "1,2,3"];
    given.iter().chain(&asked).map(|text| (*text).to_owned()).collect()
}

/// Documents by path below a new folder.
fn folder(files: &[(&str, &[u8])]) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, bytes).expect("a file");
    }
    let path = path(folder.path());
    (folder, path)
}

fn run(args: &[&str]) -> Ran {
    lode(&[&["whatif", "chunking"], args].concat())
}

#[track_caller]
fn made(args: &[&str]) -> Ran {
    let ran = run(args);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    ran
}

#[track_caller]
fn answer(args: &[&str]) -> Value {
    serde_json::from_str(&made(&[args, &["--format", "json"]].concat()).out).expect("JSON")
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The configuration of a label.
fn of<'a>(answer: &'a Value, label: &str) -> &'a Value {
    let all = answer["configurations"].as_array().expect("configurations");
    all.iter().find(|configuration| configuration["label"] == label).expect("a configuration")
}

#[test]
fn without_results_no_size_is_recommended() {
    // Twelve tokens and three, each word and each mark one of them.
    let (_folder, documents) =
        folder(&[("animals/cats.md", b"The cat sat. The dog ran. The bird sang."), ("fish.txt", b"A fish.")]);
    let args = ["--documents", &documents, "--sizes", "4", "--overlaps", "0,25", "--results", "1,3"];
    let found = answer(&args);
    assert_eq!((&found["documents"], &found["document_tokens"]), (&json!(2), &json!(15)));
    // 4 + 4 + 4 and 3; with a step of 3: 0..4, 3..7, 6..10, 9..12, and 3.
    let fixed = of(&found, "fixed 4, 0 %");
    assert_eq!(
        (&fixed["chunks"], &fixed["embedded_tokens"], &fixed["overlap_share"]),
        (&json!(4), &json!(15), &json!(0.0))
    );
    assert_eq!(fixed["contexts"][1], json!({"results": 3, "context_tokens_per_query": 11.25}));
    let overlap = of(&found, "fixed 4, 25 %");
    assert_eq!((&overlap["chunks"], &overlap["embedded_tokens"]), (&json!(5), &json!(18)));
    assert_eq!(of(&found, "default 300")["chunks"], 2);
    assert!(found.get("recommendation").is_none() && found["measured"] == json!([]), "{found}");
    let table = flat(&made(&args).out);
    assert!(
        table.contains("Compares cost and overlap only; recall is not known, and no size is recommended."),
        "{table}"
    );
    assert!(table.contains("AWS publishes the tokenizer of no embedding model"), "{table}");

    // Questions alone say how much of the chunks is answer, and recommend nothing either.
    let question = json!({"question": "Who ran?", "document": "animals/cats.md", "passages": [{"text": "dog ran"}]});
    let (_questions, file) = folder(&[("q.jsonl", question.to_string().as_bytes())]);
    let file = format!("{file}/q.jsonl");
    let args = [&args[..], &["--questions", &file]].concat();
    let found = answer(&args);
    // 2 of 4 tokens; with overlap both in 3..7 and one of them in 6..10 again: 2 of 8.
    assert_eq!(
        (&of(&found, "fixed 4, 0 %")["omega"], &of(&found, "fixed 4, 25 %")["omega"]),
        (&json!(0.5), &json!(0.25))
    );
    assert!(found.get("recommendation").is_none(), "{found}");
    assert!(flat(&made(&args).out).contains("Give --retrieved with results of your own retrieval."));
}

#[test]
fn dollars_are_tokens_at_list_price() {
    // 499 tokens in three documents, whole: three results are all of them. A million queries at $3.30 a million tokens.
    let documents = testdata("documents");
    let found = answer(&[
        "--documents",
        &documents,
        "--sizes",
        "1000",
        "--overlaps",
        "0",
        "--model",
        SONNET,
        "--queries",
        "1000000",
    ]);
    let fixed = of(&found, "fixed 1000, 0 %");
    assert_eq!((&found["document_tokens"], &fixed["chunks"]), (&json!(499), &json!(3)));
    assert_eq!(fixed["contexts"][0]["monthly_cost"], "1646.700000");
    assert_eq!((&found["input_price"], &found["embedding_price"]), (&json!("3.300000"), &json!("0.020000")));
    // 499 tokens at $0.02 a million: $0.00000998.
    assert_eq!(fixed["embedding_cost"], "0.000010");
    let elsewhere = answer(&["--documents", &documents, "--embedding-model", "cohere.embed-v4:0"]);
    assert_eq!((&elsewhere["embedding_price"], elsewhere.get("model")), (&json!("0.120000"), None));
    let short = flat(&made(&["--documents", &documents, "--embedding-model", "cohere.embed-english-v3"]).out);
    assert!(short.contains("cohere.embed-english-v3 takes 512 tokens: fixed 1000, 0 %,"), "{short}");
}

#[test]
fn the_cheapest_configuration_near_the_best_recall_is_recommended() {
    let args = everything();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let found = answer(&args);
    let points = found["measured"].as_array().expect("points");
    assert_eq!((points.len(), &found["questions"]), (15, &json!(8)), "five configurations, one to three results");
    let number = |value: &Value, field: &str| value[field].as_f64().expect("a number");
    let best = points.iter().map(|point| number(point, "recall")).fold(0.0, f64::max);
    let near = |loss: f64| {
        let near = points.iter().filter(|point| best - number(point, "recall") <= loss + 1e-9);
        near.map(|point| number(point, "context_tokens_per_query")).fold(f64::INFINITY, f64::min)
    };
    for loss in ["0", "0.02", "0.1", "0.5"] {
        let with = answer(&[&args[..], &["--max-recall-loss", loss]].concat());
        let chosen = &with["recommendation"];
        assert_eq!(
            number(chosen, "context_tokens_per_query"),
            near(loss.parse().expect("a number")),
            "{loss}: {chosen}"
        );
        assert_eq!(number(chosen, "recall_of_best"), best);
        for field in
            ["label", "strategy", "max_tokens", "overlap_percent", "results", "questions", "chunks", "embedded_tokens"]
        {
            assert!(chosen.get(field).is_some(), "{field}: {chosen}");
        }
    }
    assert_ne!(near(0.0), near(0.5), "the limit matters here");
    let table = flat(&made(&args).out);
    assert!(table.contains("What your retrieval found, over 8 questions"), "{table}");
    assert!(table.contains("8 questions say little"), "{table}");
    // A label that --sizes does not have is looked at too.
    let without = answer(&[&args[..6], &["--sizes", "400", "--results", "1"]].concat());
    assert_eq!(without["measured"].as_array().map(Vec::len), Some(5));
    assert!(of(&without, "fixed 25, 20 %")["chunks"].as_u64() > Some(20), "{without}");
}

#[test]
fn no_text_of_a_document_or_a_question_is_printed() {
    let (_folder, documents) = folder(&[
        ("\u{1b}[31mred<&>.md", b"secretword one two three. Another secretword."),
        ("b.md", b"secretword four"),
        ("c.bin", b"secretword\0"),
        ("d\u{1b}.md", b"secretword \xff"),
    ]);
    let lines = [
        json!({"question": "secretword?", "document": "b.md", "passages": [{"text": "four"}]}),
        json!({"question": "secretword, too?", "document": "b.md", "passages": [{"text": "secretword nowhere"}]}),
        json!({"question": 1, "document": "secretword"}),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let result =
        json!({"content": {"text": "secretword four"}, "location": {"s3Location": {"uri": "s3://secretword/b.md"}}});
    let results = [
        json!({"configuration": "fixed 100, 0 %", "question": "secretword?", "retrievalResults": [result]}),
        json!({"configuration": "secretword", "question": "secretword?", "retrievalResults": []}),
    ];
    let results: String = results.iter().map(|line| format!("{line}\n")).collect();
    let (_files, files) = folder(&[("q", text.as_bytes()), ("r", results.as_bytes())]);
    let [questions, retrieved, svg] = ["q", "r", "p.svg"].map(|name| format!("{files}/{name}"));
    let args = ["--documents", &documents, "--questions", &questions, "--retrieved", &retrieved, "--svg", &svg];
    for format in ["table", "json"] {
        let ran = made(&[&args[..], &["--format", format, "--results", "1"]].concat());
        let picture = std::fs::read_to_string(&svg).expect("a picture");
        for said in [&ran.out, &ran.err, &picture] {
            assert!(!said.contains("secretword") && !said.contains('\u{1b}'), "{said}");
        }
        assert!(ran.out.contains("no text: a zero byte"), "{}", ran.out);
    }
    let found = answer(&args);
    assert_eq!(
        (&found["questions"], &found["rejected_lines"], &found["skipped_files"]),
        (&json!(1), &json!(3), &json!(2))
    );
    assert_eq!(
        found["rejected"][0],
        json!({"file": "questions", "line": 2, "why": "a passage is not in its document"})
    );
    let strict = run(&[&args[..], &["--strict"]].concat());
    assert_eq!(strict.exit, Exit::Rejected);
}

#[test]
fn attributes_links_and_hidden_files_are_no_documents() {
    let (folder, documents) =
        folder(&[("a.md", b"One two."), ("a.md.metadata.json", b"{}"), (".git/x", b"no"), ("b.metadata.json", b"{}")]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path(), folder.path().join("round")).expect("a link");
    let found = answer(&["--documents", &documents]);
    assert_eq!(found["documents"], 2, "of b there is no document, so its attributes are one");
    let attributes = json!({"file": "a.md.metadata.json", "why": "attributes of the file beside it"});
    assert_eq!(found["skipped"][0], attributes);
    #[cfg(unix)]
    assert_eq!(found["skipped"][1], json!({"file": "round", "why": "no regular file"}));
    drop(folder);
}

#[test]
fn every_strategy_is_there_and_semantic_is_not_faked() {
    let (_folder, documents) = folder(&[("a.md", "One two three. ".repeat(100).as_bytes())]);
    let strategies = "fixed,default,hierarchical,recursive,none,semantic";
    let args = [
        "--documents",
        &documents,
        "--strategy",
        strategies,
        "--sizes",
        "50",
        "--overlaps",
        "10",
        "--parents",
        "100,40",
    ];
    let found = answer(&args);
    let labels: Vec<&str> =
        found["configurations"].as_array().expect("some").iter().filter_map(|found| found["label"].as_str()).collect();
    assert_eq!(
        labels,
        ["fixed 50, 10 %", "default 300", "hierarchical 100/50, 5 tokens", "recursive 50, 10 %", "none"]
    );
    assert_eq!(found["not_simulated"], json!(["semantic"]));
    let parents = of(&found, "hierarchical 100/50, 5 tokens");
    assert_eq!(
        (&parents["parent_tokens"], &parents["child_tokens"], &parents["overlap_tokens"]),
        (&json!(100), &json!(50), &json!(5))
    );
    assert!(flat(&made(&args).out).contains("Not simulated: semantic."));
    let nothing = run(&["--documents", &documents, "--strategy", "semantic"]);
    assert_eq!(nothing.exit, Exit::Usage);
    assert!(nothing.err.contains("--strategy: found semantic alone"), "{}", nothing.err);
}

#[test]
fn what_cannot_be_used_is_said_in_full() {
    let (_folder, documents) = folder(&[("a.md", b"One two.")]);
    let (_files, files) =
        folder(&[("bad", b"\xff"), ("none", b"a,b\n1,2\n"), ("empty", b""), ("binary/x", b"\0"), ("void/.x", b"")]);
    let file = |name: &str| format!("{files}/{name}");
    let (bad, none, empty, binary, void) = (file("bad"), file("none"), file("empty"), file("binary"), file("void"));
    let missing = file("missing");
    for (args, words) in [
        (vec!["--documents", &missing], "missing: "),
        (vec!["--documents", &void], "--documents: found no file in "),
        (vec!["--documents", &binary], "--documents: found x alone: no text: a zero byte in "),
        (vec!["--documents", &documents, "--questions", &missing], "missing: "),
        (vec!["--documents", &documents, "--questions", &bad], "found bytes that are not UTF-8, expected text"),
        (
            vec!["--documents", &documents, "--questions", &none],
            "--questions: found no line that can be used (line 1: no JSON object with question, document and passages)",
        ),
        (
            vec!["--documents", &documents, "--questions", &empty],
            "--questions: found no line that can be used (an empty file)",
        ),
        (
            vec!["--documents", &documents, "--model", "claude-nine", "--queries", "1"],
            "--model: found claude-nine, expected",
        ),
        (
            vec!["--documents", &documents, "--model", "amazon.titan-embed-text-v2:0", "--queries", "1"],
            "--model: the catalogue has no price of input tokens of amazon.titan-embed-text-v2:0 in us-east-1 for this use",
        ),
        (vec!["--documents", &documents, "--embedding-model", "titan-x"], "--embedding-model: found titan-x, expected"),
        (
            vec!["--documents", &documents, "--embedding-model", SONNET],
            "--embedding-model: the catalogue has no price of input tokens of anthropic.claude-sonnet-4-6",
        ),
    ] {
        let ran = run(&args);
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(words) && ran.err.contains("help: "), "{words:?} is not in: {}", ran.err);
    }
    for args in [
        ["--sizes", "0"],
        ["--sizes", "8193"],
        ["--overlaps", "100"],
        ["--results", "0"],
        ["--max-recall-loss", "1.5"],
        ["--queries", "5"],
        ["--model", SONNET],
        ["--retrieved", "x"],
    ] {
        let all = [&["lode", "whatif", "chunking", "--documents", &documents], &args[..]].concat();
        assert!(Args::try_parse_from(all).is_err(), "{args:?}");
    }
}

#[test]
fn json_has_the_fields_of_its_schema_and_no_other() {
    let schema: Value = serde_json::from_str(&lode_report::whatif_chunking_schema()).expect("JSON");
    let known = schema["properties"].as_object().expect("properties");
    let args = everything();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    for found in [answer(&args), answer(&args[..2])] {
        for field in schema["required"].as_array().expect("fields") {
            assert!(found.get(field.as_str().expect("a name")).is_some(), "{field}");
        }
        let unknown: Vec<&String> =
            found.as_object().expect("an object").keys().filter(|field| !known.contains_key(*field)).collect();
        assert_eq!(unknown, [""; 0]);
    }
}

#[test]
fn the_pages_are_reviewed_and_the_same_every_time() {
    let all = everything();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let dollars = [&all[..], &["--model", SONNET, "--queries", "100000"]].concat();
    let (_folder, files) = folder(&[]);
    let svg = format!("{files}/p.svg");
    let page = |width, args: &[&str]| {
        let args = [&["whatif", "chunking"], args].concat();
        let ran = lode_at(width, &args);
        assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
        assert!(ran.out.lines().all(|line| line.chars().count() <= width), "{}", ran.out);
        assert_eq!(lode_at(width, &args).out, ran.out);
        ran.out
    };
    insta::assert_snapshot!("chunking-80", page(80, &[&dollars[..], &["--svg", &svg]].concat()));
    insta::assert_snapshot!("chunking-160", page(160, &dollars));
    insta::assert_snapshot!("chunking-svg", std::fs::read_to_string(&svg).expect("a picture"));
    insta::assert_snapshot!("chunking-questions-80", page(80, &[&all[..4], &all[6..]].concat()));
    insta::assert_snapshot!("chunking-costs-80", page(80, &all[..2]));
    let few = [&all[..6], &["--sizes", "25", "--overlaps", "0", "--results", "1", "--strategy", "fixed"]].concat();
    insta::assert_snapshot!("chunking-json", page(1000, &[&few[..], &["--format", "json"]].concat()));
}
