//! The whole way on documents small enough to work out by hand: every word and every mark is one token.

use lode_chunking::{Configuration, LeftOut, Questions, Rejection, Retrieved, Study, Why};
use serde_json::json;

const FIXED: Configuration = Configuration::Fixed { max_tokens: 4, overlap_percent: 0 };
const OVERLAP: Configuration = Configuration::Fixed { max_tokens: 4, overlap_percent: 25 };

/// Twelve tokens of one document and three of another.
const CATS: &str = "The cat sat. The dog ran. The bird sang.";
const FISH: &str = "A fish.";

fn documents() -> Vec<String> {
    ["animals/cats.md", "fish.txt"].map(str::to_owned).to_vec()
}

fn lines(values: &[serde_json::Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

fn result(text: &str, uri: &str) -> serde_json::Value {
    json!({"content": {"text": text}, "location": {"type": "S3", "s3Location": {"uri": uri}}, "score": 0.5})
}

fn study(questions: &str, retrieved: &str, results: &[u32]) -> lode_chunking::Answer {
    let study = Study::new(
        [FIXED, OVERLAP],
        results.iter().copied(),
        &documents(),
        Questions::of(questions),
        Retrieved::of(retrieved),
    );
    // In any order.
    let findings = [study.document(1, FISH).expect("short"), study.document(0, CATS).expect("short")];
    study.finish(findings.to_vec(), 0.02)
}

#[test]
fn chunks_and_tokens_add_up_over_documents() {
    let answer = study("", "", &[1, 3, 100]);
    assert_eq!((answer.documents, answer.document_tokens, answer.questions), (2, 15, 0));
    let [fixed, overlap] = &answer.figures[..] else { panic!("two configurations") };
    // 4 + 4 + 4 and 3; with a step of 3: 0..4, 3..7, 6..10, 9..12, and 3.
    assert_eq!((fixed.totals.chunks, fixed.totals.embedded_tokens), (4, 15));
    assert_eq!((overlap.totals.chunks, overlap.totals.embedded_tokens), (5, 18));
    assert!((overlap.totals.overlap_share(answer.document_tokens) - 0.2).abs() < 1e-12);
    assert_eq!([1, 3, 100].map(|results| fixed.totals.context_tokens(results)), [3.75, 11.25, 15.0]);
    assert!(answer.measured.is_none() && answer.recommendation.is_none() && fixed.omega.is_none());
    assert!(!fixed.on_frontier, "without questions there is no frontier");
}

#[test]
fn omega_is_worked_out_by_hand() {
    // "dog ran" is tokens 5 and 6. Fixed: chunk 4..8 holds both: 2 / 4. With overlap 3..7 holds both and 6..10 one: 2 / 8.
    // "A fish." is all of its document: 3 / 3. Means 0.75 and 0.625; deviations 0.25 and 0.375.
    let questions = lines(&[
        json!({"question": "Who ran?", "document": "animals/cats.md", "passages": [{"start": 17, "end": 24}]}),
        json!({"question": "What swims?", "document": "fish", "passages": [{"text": "A  fish."}]}),
        json!({"question": "Where?", "document": "birds.md", "passages": [{"text": "x"}]}),
        json!({"question": "When?", "document": "fish.txt", "passages": [{"start": 3, "end": 99}]}),
        json!({"question": "Why?", "document": "./fish.txt", "passages": [{"text": "whale"}]}),
        json!({"question": "Which?", "document": "animals/cats.md", "passages": [{"text": "The"}]}),
        // What stands at a place decides; where it does not stand there, it is looked for.
        json!({"question": "How?", "document": "fish.txt", "passages": [{"start": 0, "end": 7, "text": "fish."}]}),
    ]);
    let answer = study(&questions, "", &[1]);
    assert_eq!(answer.questions, 3);
    let of = |line, why| Rejection { line, why };
    let rejected = [of(3, Why::NoDocument), of(4, Why::BeyondTheEnd), of(5, Why::NotFound), of(6, Why::SeveralPlaces)];
    assert_eq!(answer.rejected_questions, rejected);
    // The third question has 2 of the 3 tokens of its document.
    let two_thirds = 2.0 / 3.0;
    for (figures, first) in answer.figures.iter().zip([0.5, 0.25]) {
        let omega = figures.omega.expect("questions");
        assert!((omega.mean - (first + 1.0 + two_thirds) / 3.0).abs() < 1e-12, "{omega:?}");
    }
    // 3.75 tokens a chunk with the higher omega, 3.6 with the lower: neither beats the other.
    assert_eq!(answer.figures.iter().map(|figures| figures.on_frontier).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn a_recommendation_stands_on_results_alone() {
    let questions = lines(&[
        json!({"question": "Who ran?", "document": "animals/cats.md", "passages": [{"text": "dog ran"}]}),
        json!({"question": "What swims?", "document": "fish.txt", "passages": [{"text": "A fish."}]}),
    ]);
    let found = |configuration: &str, question: &str, results: &[serde_json::Value]| json!({"configuration": configuration, "question": question, "retrievalResults": results});
    let (cats, fish) = ("s3://docs/animals/cats.md", "s3://docs/fish.txt");
    let retrieved = lines(&[
        found("fixed 4, 0 %", "Who ran?", &[result("The dog\nran.", cats), result("A fish.", fish)]),
        found("fixed 4, 0 %", "What swims?", &[result("The cat sat.", cats), result("A fish.", fish)]),
        found("fixed 4, 25 %", "Who ran?", &[result(". The dog ran", cats), result("ran. The bird", cats)]),
        found("fixed 4, 25 %", "What swims?", &[result("A fish.", fish), result("The cat sat.", cats)]),
        found("fixed 4, 25 %", "Who else?", &[]),
        found("none", "Who ran?", &[]),
        found("none", "Who ran?", &[]),
        found("semantic", "Who ran?", &[]),
    ]);
    let answer = study(&questions, &retrieved, &[1, 2, 5]);
    assert_eq!(
        answer.rejected_results.iter().map(|rejection| (rejection.line, rejection.why)).collect::<Vec<_>>(),
        [(5, Why::NotAsked), (7, Why::AnsweredBefore), (8, Why::NoConfiguration)]
    );
    // "none" was not asked for; its results bring it in, for one question of two, which is half.
    assert_eq!(answer.figures.len(), 3);
    let measured = answer.measured.as_ref().expect("results");
    assert_eq!((measured.questions, measured.left_out.len()), (1, 0));
    // Of the one question that all have: fixed finds 2 of 2 tokens in 4, with overlap 2 of 2 in 4, then in 8.
    let points: Vec<_> = measured
        .points
        .iter()
        .map(|point| (point.configuration, point.results, point.context, point.recall.mean))
        .collect();
    assert_eq!(points, [(FIXED, 1, 4, 1.0), (FIXED, 2, 7, 1.0), (OVERLAP, 1, 4, 1.0), (OVERLAP, 2, 8, 1.0)]);
    let recommendation = answer.recommendation.as_ref().expect("results");
    assert_eq!((recommendation.configuration, recommendation.results, recommendation.recall), (FIXED, 1, 1.0));
}

#[test]
fn results_that_are_nowhere_are_counted_and_too_many_leave_a_configuration_out() {
    let questions =
        lines(&[json!({"question": "Who ran?", "document": "animals/cats.md", "passages": [{"text": "dog ran"}]})]);
    let found = |text: &str, uri: &str| {
        lines(&[
            json!({"configuration": "fixed 4, 0 %", "question": "Who ran?", "retrievalResults": [result(text, uri)]}),
        ])
    };
    let of = |text, uri| study(&questions, &found(text, uri), &[1]).measured.expect("results").left_out;
    let lost = LeftOut::Lost { configuration: FIXED, lost: 1, of: 1 };
    assert_eq!(of("The dog ran.", "s3://docs/animals/cats.md"), []);
    assert_eq!(of("The dog ran!", "s3://docs/animals/cats.md"), [lost]);
    assert_eq!(of("The dog ran.", "s3://docs/elsewhere.md"), [lost]);
    assert_eq!(of("The dog ran.", "s3://docs/fish.txt"), [lost]);
}
