//! Every cost layer on the page of a bill that has them all, and the overlays beside them.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use common::{lode, lode_at, placeless, root};
use lode_cli::Exit;
use lode_model::Money;
use serde_json::Value;

const AS_OF: [&str; 2] = ["--as-of", "2026-11-05"];

fn bill(format: &str) -> String {
    let folder = root("testdata/exports/all-layers").display().to_string();
    let ran = lode(&[["bill", &folder, "--format", format].as_slice(), &AS_OF].concat());
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    ran.out
}

fn json() -> Value {
    serde_json::from_str::<Value>(&bill("json")).expect("JSON")["bill"].take()
}

fn money(value: &Value) -> Money {
    Money::parse(value.as_str().expect("money is a string")).expect("a decimal")
}

/// The parts of a cut, name and dollars billed.
fn cut(bill: &Value, cut: &str, name: &str) -> Vec<(String, String)> {
    let rows = bill[cut].as_array().expect("a list").iter();
    rows.map(|row| (row[name].as_str().expect("a name").to_owned(), money(&row["billed"]).to_usd())).collect()
}

#[test]
fn every_layer_of_a_bill_that_has_them_all_is_there_with_its_dollars() {
    let bill = json();
    // As in the README of the folder.
    let by_hand = [
        ("inference", "$35.50"),
        ("embedding", "$2.00"),
        ("vector-store", "$11.52"),
        ("guardrails", "$3.30"),
        ("capacity", "$60.50"),
        ("custom-models", "$13.57"),
        ("other", "$10.95"),
        ("unclassified", "$0.30"),
    ];
    assert_eq!(cut(&bill, "by_layer", "layer"), by_hand.map(|(name, usd)| (name.to_owned(), usd.to_owned())));
    assert_eq!(money(&bill["billed"]), Money::parse("137.638").expect("money"));
    let features = cut(&bill, "by_feature", "feature");
    for (feature, usd) in [
        ("guardrails: content policy", "$1.50"),
        ("guardrails: sensitive information policy", "$1.00"),
        ("guardrails: prompt attack check", "$0.80"),
        ("custom models: training", "$2.00"),
        ("custom models: storage", "$3.90"),
        ("custom model import: inference", "$5.72"),
        ("custom model import: storage", "$1.95"),
        ("rerank", "$1.00"),
        ("managed knowledge base", "$1.00"),
        ("AgentCore runtime", "$8.95"),
    ] {
        assert!(features.contains(&(feature.to_owned(), usd.to_owned())), "{feature}: {features:?}");
    }
}

#[test]
fn calls_of_agents_and_knowledge_bases_are_overlays_in_no_total() {
    let bill = json();
    let of = |overlay: &str| bill[overlay].as_array().expect("a list").clone();
    let agents = of("agents");
    assert_eq!(agents.len(), 1, "{agents:?}");
    assert_eq!(agents[0]["caller"], "role/AmazonBedrockExecutionRoleForAgents_desk");
    assert_eq!(agents[0]["calls"], 0, "no call is logged");
    let retrieval = of("retrieval");
    assert_eq!(retrieval.len(), 2, "{retrieval:?}");
    for line in &retrieval {
        assert_eq!(line["caller"], "role/AmazonBedrockExecutionRoleForKnowledgeBase_docs");
        assert_eq!((line["by_knowledge_base"].clone(), line["queries"].clone()), (true.into(), 0.into()));
        assert!(line.get("context_monthly").is_none(), "no log shows passages");
    }
    // No call is logged: what all prompts cost cannot be told apart, and it is in no total.
    assert!(money(&bill["retrieval_not_separable"]) > Money::ZERO);
    let layers: Money = bill["by_layer"].as_array().expect("layers").iter().map(|layer| money(&layer["billed"])).sum();
    assert_eq!(layers, money(&bill["billed"]));
}

#[test]
fn the_page_of_all_layers() {
    let folder = root("testdata/exports/all-layers").display().to_string();
    let ran = lode_at(100, &[["bill", &folder].as_slice(), &AS_OF].concat());
    insta::assert_snapshot!(placeless(&ran.out).replace(&folder, "testdata/exports/all-layers"));
}
