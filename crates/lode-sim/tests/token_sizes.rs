//! What dropping a tool saves, where JSON takes fewer bytes a token than prose.

use lode_model::{Action, Edit, Money, Owner, Selector};
use lode_prices::NewRates;
use lode_sim::{Estate, Simulator, State};
use lode_testkit::EstateFile;
use serde_json::json;

/// What a tool takes of each prompt, really: 6,000 bytes of JSON at 3 bytes a token.
const TOOL_TOKENS: u64 = 2000;

/// The prompt of a call: whether it has the tool, tokens of its system prompt and of its question.
fn parts(call: u64) -> (bool, u64, u64) {
    (call.is_multiple_of(2), 1000, 300 + 13 * call)
}

/// Tokens of a prompt, and its bytes: prose at 5 bytes a token, give or take a twentieth.
fn prompt(call: u64) -> (u64, [u64; 3]) {
    let (tool, system, question) = parts(call);
    let tool = if tool { TOOL_TOKENS } else { 0 };
    (tool + system + question, [3 * tool, 5 * system, 5 * question * (95 + call * 7 % 11) / 100])
}

/// A hundred calls on Claude Sonnet 5.5 (global: input 2.00, output 10.00 a million), every other with the tool.
fn estate() -> Estate {
    let mut requests = Vec::new();
    let mut input = 0;
    for call in 0..100 {
        let (tokens, [tool, system, question]) = prompt(call);
        input += tokens;
        let mut segments = vec![format!("system:policy:{system}"), format!("user:q{call}:{question}")];
        if tool > 0 {
            segments.insert(0, format!("tool:orders:{tool}"));
        }
        requests.push(json!({
            "time": format!("2026-10-01T{:02}:{:02}:00Z", call / 60, call % 60), "model": "anthropic.claude-sonnet-5-5",
            "routing": "global", "role": "desk", "input": tokens, "output": 10, "segments": segments
        }));
    }
    let charge = |class: &str, tokens: u64, price: u64| {
        json!({
            "model": "anthropic.claude-sonnet-5-5", "routing": "global", "source": "AWS Marketplace", "role": "desk",
            "class": class, "tokens": tokens, "usd": Money::from_micro((tokens * price).into()).to_decimal(6)
        })
    };
    let file = json!({
        "first": "2026-10-01", "last": "2026-10-01", "requests": requests,
        "charges": [charge("input", input, 2), charge("output", 1000, 10)],
    });
    let file: EstateFile = serde_json::from_value(file).expect("an estate");
    file.build("2026-11-05".parse().expect("a date"))
}

/// Dollars that leaving out the tool saves every owner with calls.
fn saved(estate: &Estate) -> f64 {
    let baseline = State::baseline(estate);
    let total = |state: &State| state.daily(&estate.window).total();
    let mut state = baseline.clone();
    let owners: Vec<Owner> = baseline.owners().filter(|owner| estate.demand.of(owner).is_some()).cloned().collect();
    for owner in owners {
        let edits = vec![Edit::DropTools(vec!["orders".into()])];
        let selector = Selector::all(owner);
        let action = Action {
            key: "test".into(),
            selector,
            edits,
            one_off: Money::ZERO,
            title: String::new(),
            only_alternative: false,
            notes: Vec::new(),
        };
        if let Ok(after) = Simulator::new(estate, NewRates::Inherit).apply(&state, &action) {
            state = after;
        }
    }
    (total(&baseline) - total(&state)).to_f64()
}

#[test]
fn dropping_a_tool_saves_what_the_tool_takes() {
    let estate = estate();
    let saved = saved(&estate);
    let truth = 50.0 * TOOL_TOKENS as f64 * 2e-6;
    assert!((saved / truth - 1.0).abs() < 0.02, "saved {saved}, really {truth}");
    let by_bytes: f64 = (0..100)
        .map(prompt)
        .map(|(tokens, bytes)| tokens as f64 * bytes[0] as f64 / bytes.iter().sum::<u64>() as f64 * 2e-6)
        .sum();
    assert!((by_bytes / truth - 1.0).abs() > 0.15, "by bytes {by_bytes}, really {truth}");
    let (_, sizes) = estate.demand.token_sizes().first_key_value().expect("one model");
    assert_eq!(sizes.calls, 100);
    assert!(sizes.tokens_off * 4 < sizes.tokens_off_plain, "{sizes:?}");
}
