//! Kinds of call: task forms, leading parts, names.

use crate::common::{demand, estate, owners};
use lode_model::TaskForm;
use lode_sim::Estate;

/// Enough of everything on the bill.
const BILL: &str = r#"
    {"model": "NovaPro", "role": "app", "class": "input", "tokens": 1000000, "usd": "0.8"},
    {"model": "NovaPro", "role": "app", "class": "output", "tokens": 1000000, "usd": "3.2"},
    {"model": "NovaPro", "role": "app", "mode": "flex", "class": "input", "tokens": 1000000, "usd": "0.4"},
    {"model": "TitanEmbeddingV2-Text", "role": "app", "class": "input", "tokens": 1000000, "usd": "0.02"}"#;

/// So many equal calls on one day: output tokens and form, and segments.
fn calls(times: u32, output: u64, form: &str, segments: &str) -> String {
    format!(
        r#"{{"time": "2026-10-01T08:00:00Z", "repeat": {{"times": {times}, "every_seconds": 1}}, "model": "amazon.nova-pro-v1:0",
            "mode": "standard", "role": "app", "input": 1000, "output": {output}, "output_form": "{form}",
            "segments": [{segments}]}}"#
    )
}

fn of(requests: &[String]) -> Estate {
    estate(BILL, &requests.join(","))
}

fn names(requests: &[String]) -> Vec<String> {
    demand(&of(requests))
}

#[test]
fn the_shape_of_a_call_tells_what_it_asks_for() {
    let task = |output, form, segments: &str| {
        let estate = of(&[calls(3, output, form, segments)]);
        let [owner] = owners(&estate)[..] else { panic!("one owner") };
        owner.task
    };
    assert_eq!(task(300, "text", r##""tool:a:10", "tool:b:10", "user:#:10""##), TaskForm::Agentic);
    assert_eq!(task(300, "text", r##""user:#:10", "result:a-#:10""##), TaskForm::Agentic);
    assert_eq!(task(300, "text", r##""user:#:10", "media:#:10""##), TaskForm::Vision);
    assert_eq!(task(300, "text", r##""passage:#:10", "user:#:10""##), TaskForm::Retrieval);
    assert_eq!(task(300, "json", r##""user:#:10""##), TaskForm::Extraction);
    assert_eq!(task(20, "text", r##""user:#:10""##), TaskForm::Label);
    assert_eq!(task(21, "text", r##""user:#:10""##), TaskForm::Text);
    assert_eq!(task(300, "text", r##""user:a:10", "assistant:b:10", "user:#:10""##), TaskForm::Chat);
    assert_eq!(task(5, "unknown", ""), TaskForm::Unknown, "counts alone tell nothing");
    assert_eq!(task(300, "tool-use", ""), TaskForm::Agentic, "the prompt was not logged, the answer was");
}

#[test]
fn an_embedding_model_embeds() {
    let call = calls(1, 0, "unknown", "").replace("amazon.nova-pro-v1:0", "amazon.titan-embed-text-v2:0");
    assert_eq!(names(&[call]), ["role/app embedding: 1"]);
}

#[test]
fn one_tool_that_every_answer_calls_is_a_form_to_fill_in() {
    let forced = calls(3, 50, "tool-use", r##""tool:record:100", "user:#:10""##)
        .replace(r#""mode""#, r#""tools_called": ["record"], "mode""#);
    assert_eq!(names(std::slice::from_ref(&forced)), ["role/app extraction: 3"]);
    let free = calls(1, 50, "text", r##""tool:record:100", "user:free-#:10""##);
    assert_eq!(names(&[forced, free]), ["role/app agentic: 4"], "one answered in words");
}

#[test]
fn one_application_does_not_flicker() {
    let system = r##""system:s:100", "user:#:10""##;
    // Two of five answers happen to be short.
    assert_eq!(names(&[calls(3, 80, "text", system), calls(2, 20, "text", system)]), ["role/app text: 5"]);
    // The first call of each conversation has no earlier turns.
    let later = r##""system:s:100", "user:a:10", "assistant:b:10", "user:#:10""##;
    assert_eq!(names(&[calls(2, 80, "text", system), calls(1, 80, "text", later)]), ["role/app chat: 3"]);
    assert_eq!(names(&[calls(3, 80, "text", system), calls(1, 80, "text", later)]), ["role/app text: 4"]);
}

#[test]
fn applications_differ_by_how_their_prompts_begin() {
    let of_system = |times, system: &str| calls(times, 80, "text", &format!(r##""system:{system}:100", "user:#:10""##));
    assert_eq!(names(&[of_system(2, "one"), of_system(3, "two")]), ["role/app text: 3", "role/app text-2: 2"]);
    // A block that changes does not hide the one before it.
    let dated = calls(3, 80, "text", r##""system:one:100", "system:now-#:10", "user:#:10""##);
    assert_eq!(names(&[of_system(2, "one"), dated]), ["role/app text: 5"]);
    // Less than one in a hundred of the calls, or a single one: varied.
    let odd = [of_system(300, "one"), of_system(3, "rare"), of_system(1, "once")];
    assert_eq!(names(&odd), ["role/app text: 300", "role/app text-2: 4"]);
}

#[test]
fn modes_are_apart() {
    let flex = calls(1, 0, "unknown", "").replace("standard", "flex");
    assert_eq!(names(&[calls(2, 0, "unknown", ""), flex]), ["role/app unknown: 2", "role/app unknown-2: 1"]);
}

#[test]
fn failed_calls_go_with_the_rest() {
    let system = r##""system:s:100", "user:#:10""##;
    let failed = |segments| {
        calls(1, 0, "unknown", segments).replace("\"input\": 1000", "\"input\": 0, \"error\": \"ThrottlingException\"")
    };
    assert_eq!(names(&[calls(3, 80, "text", system), failed(system), failed("")]), ["role/app text: 5"]);
}

#[test]
fn thirty_two_have_a_name() {
    // Thirty-four applications; the first makes ten calls, the last forty-three.
    let many: Vec<String> =
        (0..34).map(|app| calls(app + 10, 80, "text", &format!(r##""system:app-{app}:100", "user:#:10""##))).collect();
    let names = names(&many);
    assert_eq!(names.len(), 33);
    assert!(names.contains(&"role/app text: 43".to_owned()) && names.contains(&"role/app text-32: 12".to_owned()));
    assert!(names.contains(&"role/app other: 21".to_owned()), "{names:?}");
}

/// Form, rule and first clause of three equal calls.
fn told(output: u64, form: &str, segments: &str) -> (TaskForm, String) {
    let estate = of(&[calls(3, output, form, segments)]);
    let [owner] = owners(&estate)[..] else { panic!("one owner") };
    let clauses = owner.told.iter().flat_map(|told| {
        let clause = |clause: &lode_sim::ToldClause| format!("{} {}", clause.signal, clause.value);
        [told.rule.to_owned()].into_iter().chain(told.clauses.iter().map(clause))
    });
    (owner.task, clauses.collect::<Vec<_>>().join(", "))
}

#[test]
fn what_instructions_ask_for_decides_with_the_answers_length() {
    // A thousand prompt tokens, half of them from the user.
    let asked = |ask: &str| format!(r##""system:s:100~{ask}", "user:#:100""##);
    assert_eq!(
        told(100, "text", &asked("summarise")),
        (TaskForm::Summarisation, "summary-asked, instructions.summarise_share 1, answers.of_given 0.2".to_owned())
    );
    assert_eq!(told(301, "text", &asked("summarise")).0, TaskForm::Text, "more than six tenths of 500 is no summary");
    assert_eq!(told(125, "text", &asked("rewrite")).0, TaskForm::Rewriting);
    assert_eq!(told(124, "text", &asked("rewrite")).0, TaskForm::Text);
    assert_eq!(told(20, "text", &asked("rewrite")).0, TaskForm::Text, "short, and no label");
    assert_eq!(told(200, "text", &asked("write")).0, TaskForm::Generation);
    assert_eq!(told(1000, "text", &asked("answer")).0, TaskForm::Question);
    assert_eq!(told(5, "text", &asked("answer")).0, TaskForm::Label, "of a prompt of a thousand tokens");
    assert_eq!(told(5, "text", &asked("label")).0, TaskForm::Label);
    assert_eq!(told(1001, "text", &asked("answer")).0, TaskForm::Generation, "longer than what was given, by far");
    assert_eq!(told(300, "code", &asked("write")).0, TaskForm::Code);
    assert_eq!(told(300, "text", &asked("code")).0, TaskForm::Code);
    assert_eq!(told(60, "text", &asked("label")).0, TaskForm::Label);
    assert_eq!(told(61, "text", &asked("label")).0, TaskForm::Text);
    assert_eq!(told(40, "json", &asked("label")).0, TaskForm::Label);
    assert_eq!(told(41, "json", &asked("label")).0, TaskForm::Extraction);
    assert_eq!(told(300, "text", &asked("extract")).0, TaskForm::Extraction);
}

#[test]
fn the_system_prompt_asks_before_the_user_and_the_newest_block_before_older_ones() {
    let both = r##""system:s:100~rewrite", "user:#:100~summarise""##;
    assert_eq!(told(300, "text", both).0, TaskForm::Rewriting);
    let code = r##""system:s:100~rewrite", "user:#:100~code""##;
    assert_eq!(told(300, "text", code).0, TaskForm::Code);
    let silent = r##""system:s:100", "user:#:100~answer", "user:b-#:100~summarise""##;
    assert_eq!(told(100, "text", silent).0, TaskForm::Summarisation);
}

#[test]
fn most_calls_of_a_group_must_ask_for_the_same() {
    let asking =
        |times, ask: &str| calls(times, 100, "text", &format!(r##""system:s:100", "user:{times}-#:100{ask}""##));
    let mixed = |asking_for: u32, silent| of(&[asking(asking_for, "~summarise"), asking(silent, "")]);
    let task = |estate: &Estate| owners(estate)[0].task;
    assert_eq!(task(&mixed(3, 2)), TaskForm::Summarisation);
    assert_eq!(task(&mixed(2, 2)), TaskForm::Text);
}

#[test]
fn examples_written_as_a_conversation_are_no_turns() {
    let examples = r##""system:s:100", "user:e:10", "assistant:e:10", "user:#:100~summarise""##;
    assert_eq!(names(&[calls(10, 50, "text", examples)]), ["role/app summarisation: 10"]);
    assert_eq!(names(&[calls(9, 50, "text", examples)]), ["role/app chat: 9"], "too few calls to tell");
}
