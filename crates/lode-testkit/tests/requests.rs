//! Requests and charges of one scenario tell the same month.

use lode_model::{Chunking, Class, Term, Trace};
use lode_testkit::{EstateFile, Scenario};

#[test]
fn requests_add_up_to_the_bill() {
    let scenario = Scenario::named("requests-beside-the-bill");
    let trace = scenario.estate.trace().expect("it has requests");
    let (mut calls, mut input, mut output) = (0_i128, 0_i128, 0_i128);
    for group in trace.groups() {
        trace
            .requests(&group, &mut |request| {
                calls += 1;
                input += i128::from(request.tokens.input);
                output += i128::from(request.tokens.output);
                assert!(*request.time.to_string() < *"2026-10-29", "within the window");
            })
            .expect("in memory");
    }
    let billed = |class: &Class| -> i128 {
        let lines = scenario.bill().lines;
        lines.iter().filter(|l| l.billed_as.class == *class).filter_map(|l| l.quantity).map(|q| q.steps).sum()
    };
    assert_eq!(calls, 28 * 24);
    assert_eq!((input, output), (billed(&Class::Input), billed(&Class::Output)));
}

#[test]
fn a_file_lists_what_is_set_up() {
    let text = r#"{"first": "2026-10-01", "last": "2026-10-01",
        "profiles": [{"id": "application-inference-profile/p", "models": ["arn:aws:bedrock:::foundation-model/m"]}],
        "provisioned": [{"id": "provisioned-model/q", "model": "m", "units": 2, "term": "1-month", "term_ends": "2026-11-01"}],
        "knowledge_bases": [{"id": "kb", "storage": "S3_VECTORS"}],
        "data_sources": [{"id": "b", "knowledge_base": "kb"},
            {"id": "a", "knowledge_base": "kb", "chunking": {"fixed": {"max_tokens": 300, "overlap_percent": 20}}}],
        "capacity": {"m": 1000}}"#;
    let file: EstateFile = serde_json::from_str(text).expect("a valid file");
    let inventory = file.inventory();
    assert_eq!((inventory.profiles.len(), inventory.knowledge_bases.len()), (1, 1));
    let throughput = &inventory.provisioned[0];
    assert_eq!((throughput.units, throughput.term, &*throughput.status), (2, Some(Term::OneMonth), "InService"));
    let chunking: Vec<&Chunking> = inventory.data_sources.iter().map(|source| &source.chunking).collect();
    assert_eq!(chunking, [&Chunking::Fixed { max_tokens: 300, overlap_percent: 20 }, &Chunking::Default], "in order");
    assert!(file.trace().is_none());
    let misspelt = text.replace("overlap_percent", "overlap");
    assert!(serde_json::from_str::<EstateFile>(&misspelt).is_err());
}
