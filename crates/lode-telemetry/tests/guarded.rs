//! What records tell of guardrails: every shape of the trace, and nothing of its text.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{bodies, logs, request};
use lode_model::GuardrailPolicy::{self, Content, ContentImages, Grounding, Reasoning, SensitiveEntities};
use lode_model::GuardrailPolicy::{SensitiveRegexes, Topic, Word};
use lode_model::{Guarded, GuardedSide};
use serde_json::{Value, json};

/// One assessment: 3 units of content filters over 2,500 characters, and these policies beside.
fn assessment(changes: &Value) -> Value {
    let mut assessment = json!({"invocationMetrics": {
        "guardrailProcessingLatency": 300,
        "usage": {"topicPolicyUnits": 0, "contentPolicyUnits": 3, "wordPolicyUnits": 0, "new": {"Units": 9}},
        "guardrailCoverage": {"textCharacters": {"guarded": 2500, "total": 4000}},
    }});
    let changes = changes.as_object().expect("an object").clone();
    assessment.as_object_mut().expect("an object").extend(changes);
    assessment
}

fn side(units: u64, characters: u64, found: &[GuardrailPolicy]) -> GuardedSide {
    GuardedSide {
        units: BTreeMap::from([(Content, units)]),
        characters: Some(characters),
        found: found.iter().copied().collect(),
    }
}

fn guarded(input: Value, output: Value) -> Option<Guarded> {
    request(&bodies(input, output)).guarded.map(|guarded| (*guarded).clone())
}

fn prompt() -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}],
        "guardrailConfig": {"guardrailIdentifier": "g1", "guardrailVersion": "1", "trace": "enabled"}})
}

fn answer(guardrail: &Value) -> Value {
    json!({"output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}}, "stopReason": "end_turn",
        "trace": {"guardrail": guardrail}})
}

#[test]
fn every_grouping_of_assessments_is_read_alike() {
    let plain = assessment(&json!({}));
    let expected = Guarded {
        guardrail: Some("g1".into()),
        input: side(3, 2500, &[]),
        output: side(6, 5000, &[]),
        ..Guarded::default()
    };
    // The API model: lists by guardrail. Delivered records: a list of objects by guardrail.
    let lists = json!({"inputAssessment": {"g1": plain}, "outputAssessments": {"g1": [plain, plain]}});
    let objects = json!({"inputAssessment": {"g1": plain}, "outputAssessments": [{"g1": plain}, {"g1": plain}],
        "modelOutput": ["private"], "actionReason": "none"});
    for guardrail in [&lists, &objects] {
        assert_eq!(guarded(prompt(), answer(guardrail)).as_ref(), Some(&expected), "{guardrail}");
        // The trace names its guardrail where the request does not.
        let without = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]});
        assert_eq!(guarded(without, answer(guardrail)).as_ref(), Some(&expected), "{guardrail}");
    }
    let stream = json!([
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"delta": {"text": "Hello"}, "contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end_turn"}},
        {"metadata": {"usage": {"inputTokens": 1, "outputTokens": 1}, "trace": {"guardrail": lists}}},
    ]);
    assert_eq!(guarded(prompt(), stream), Some(expected));
}

#[test]
fn an_invoked_model_tells_under_keys_of_its_own() {
    let plain = assessment(&json!({}));
    let input = json!({"anthropic_version": "bedrock-2023-05-31", "messages": [{"role": "user", "content": "Hi"}]});
    let output = json!({"content": [{"type": "text", "text": "Hello"}], "stop_reason": "end_turn",
        "amazon-bedrock-guardrailAction": "NONE",
        "amazon-bedrock-trace": {"guardrail": {"input": {"g1": plain}, "outputs": [{"g1": plain}]}}});
    let expected = Guarded {
        guardrail: Some("g1".into()),
        input: side(3, 2500, &[]),
        output: side(3, 2500, &[]),
        ..Guarded::default()
    };
    assert_eq!(guarded(input.clone(), output.clone()), Some(expected.clone()));
    // Events of a stream repeat the prompt's side and bring a part of the answer's each.
    let event = |text: &str| {
        json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": text},
            "amazon-bedrock-guardrailAction": "NONE", "amazon-bedrock-trace": output["amazon-bedrock-trace"]})
    };
    let both = Guarded { output: side(6, 5000, &[]), ..expected.clone() };
    assert_eq!(guarded(input.clone(), json!([event("Hel"), event("lo")])), Some(both));
    let mut blocked = output;
    blocked["amazon-bedrock-guardrailAction"] = json!("INTERVENED");
    let mut tagged = input;
    tagged["amazon-bedrock-guardrailConfig"] = json!({"tagSuffix": "xyz"});
    assert_eq!(guarded(tagged, blocked), Some(Guarded { intervened: true, selective: true, ..expected }));
}

#[test]
fn what_is_found_is_found_by_its_policy() {
    for (blocks, found, intervened) in [
        (
            json!({"contentPolicy": {"filters": [{"type": "HATE", "confidence": "HIGH", "action": "BLOCKED"}]}}),
            vec![Content],
            true,
        ),
        (
            json!({"topicPolicy": {"topics": [{"name": "private", "type": "DENY", "action": "BLOCKED"}]}}),
            vec![Topic],
            true,
        ),
        (
            json!({"wordPolicy": {"customWords": [], "managedWordLists": [{"match": "private", "action": "BLOCKED"}]}}),
            vec![Word],
            true,
        ),
        (
            json!({"sensitiveInformationPolicy": {"piiEntities": [{"match": "private", "type": "NAME", "action": "ANONYMIZED"}],
                "regexes": [{"name": "private", "action": "NONE", "detected": true}]}}),
            vec![SensitiveEntities, SensitiveRegexes],
            true,
        ),
        // Scores that pass are listed too, and so is everything in a full scope.
        (
            json!({"contextualGroundingPolicy": {"filters": [{"type": "GROUNDING", "score": 0.9, "action": "NONE"}]}}),
            vec![],
            false,
        ),
        (
            json!({"contextualGroundingPolicy": {"filters": [{"type": "GROUNDING", "score": 0.1, "action": "NONE", "detected": true}]}}),
            vec![Grounding],
            false,
        ),
        (json!({"contentPolicy": {"filters": [{"type": "HATE", "action": "NONE", "detected": false}]}}), vec![], false),
        // A match that says nothing of itself is one.
        (json!({"wordPolicy": {"customWords": [{"match": "private"}]}}), vec![Word], false),
        (json!({"automatedReasoningPolicy": {"findings": [{"valid": {}}]}}), vec![], false),
        (json!({"automatedReasoningPolicy": {"findings": [{"valid": {}}, {"invalid": {}}]}}), vec![Reasoning], false),
    ] {
        let guardrail = json!({"inputAssessment": {"g1": assessment(&blocks)}});
        let read = request(&bodies(prompt(), answer(&guardrail)));
        let guarded = read.guarded.as_deref().expect("a trace");
        assert_eq!(guarded.input.found, BTreeSet::from_iter(found), "{blocks}");
        assert_eq!(guarded.intervened, intervened, "{blocks}");
        assert!(!format!("{read:?}").contains("private"), "no text is kept: {blocks}");
    }
    // A content filter that saw images does not say which of the two it found something in.
    let images = json!({"invocationMetrics": {"usage": {"contentPolicyUnits": 1, "contentPolicyImageUnits": 2}},
        "contentPolicy": {"filters": [{"type": "HATE", "action": "BLOCKED"}]}});
    let read = guarded(prompt(), answer(&json!({"inputAssessment": {"g1": images}}))).expect("a trace");
    assert_eq!(read.input.found, BTreeSet::from([Content, ContentImages]));
    assert_eq!(read.input.units, BTreeMap::from([(Content, 1), (ContentImages, 2)]));
}

#[test]
fn marked_parts_and_silent_guardrails_are_told() {
    let named = Guarded { guardrail: Some("g1".into()), ..Guarded::default() };
    let silent = json!({"output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}}});
    assert_eq!(guarded(prompt(), silent.clone()), Some(named.clone()), "a guardrail without a trace");
    let arn = "arn:aws:bedrock:us-east-1:111111111111:guardrail/g1";
    let mut marked = prompt();
    marked["guardrailConfig"]["guardrailIdentifier"] = json!(arn);
    marked["messages"][0]["content"] = json!([{"text": "Hi"}, {"guardContent": {"text": {"text": "newest"}}}]);
    assert_eq!(guarded(marked, silent.clone()), Some(Guarded { selective: true, ..named.clone() }));
    let mut stopped = silent.clone();
    stopped["stopReason"] = json!("guardrail_intervened");
    assert_eq!(guarded(prompt(), stopped), Some(Guarded { intervened: true, ..named }));
    let without = json!({"messages": [{"role": "user", "content": [{"guardContent": {"text": {"text": "Hi"}}}]}]});
    assert_eq!(guarded(without, silent), None, "marks alone are no guardrail");
}

#[test]
fn units_of_two_guardrails_are_of_neither() {
    let plain = assessment(&json!({}));
    let read = guarded(prompt(), answer(&json!({"inputAssessment": {"g1": plain, "g2": plain}}))).expect("a trace");
    assert_eq!((read.guardrail, read.input.units), (None, BTreeMap::from([(Content, 6)])));
    let mut applied = plain;
    applied["appliedGuardrailDetails"] = json!({"guardrailId": "g7", "guardrailVersion": "2"});
    let read = guarded(json!({"messages": []}), answer(&json!({"inputAssessment": {"anything": applied}})));
    assert_eq!(read.expect("a trace").guardrail.as_deref(), Some("g7"));
}

#[test]
fn wrong_types_are_passed_over() {
    let broken = [
        json!(7),
        json!([]),
        json!({"inputAssessment": "private", "outputAssessments": [[[[[[{"g1": assessment(&json!({}))}]]]]]]}),
        json!({"inputAssessment": {"a sentence of someone": {"invocationMetrics": 7, "topicPolicy": "x", "wordPolicy": {"customWords": {}}}}}),
        json!({"input": {"g1": {"invocationMetrics": {"usage": {"contentPolicyUnits": -1, "topicPolicyUnits": 1e300, "wordPolicyUnits": "x"},
            "guardrailCoverage": {"textCharacters": {"guarded": null}}}}}}),
    ];
    let nothing = Guarded { guardrail: Some("g1".into()), ..Guarded::default() };
    for guardrail in &broken {
        assert_eq!(guarded(prompt(), answer(guardrail)), Some(nothing.clone()), "{guardrail}");
    }
    for config in [json!(7), json!("g1"), json!([])] {
        let mut input = prompt();
        input["guardrailConfig"] = config;
        assert_eq!(guarded(input, json!({"trace": {"promptRouter": {"invokedModelId": "x"}}})), None);
    }
    let mut input = prompt();
    input["guardrailConfig"]["guardrailIdentifier"] = json!("what somebody wrote");
    let read = logs(&bodies(input, json!({})).to_string());
    assert_eq!(read.requests[0].guarded.as_deref(), Some(&Guarded::default()), "its id is no word");
    assert!(!format!("{read:?}").contains("somebody"));
}
