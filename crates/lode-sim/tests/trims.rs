//! What shorter prompts leave: white space, examples, one cut block, answers from a store. Prompts of one token a byte
//! on Claude Sonnet 5.5 (global: input 2.00, output 10.00 a million), so that every figure can be checked by hand.

use lode_model::{Action, Edit, Money, Owner, Ratio, Selector};
use lode_prices::NewRates;
use lode_sim::{Estate, Simulator, State, Traffic};
use lode_testkit::EstateFile;

/// Calls of one role: second of 2026-10-01 from 08:00, bytes and tokens of the prompt, its segments. Each gets 10
/// tokens.
type Row = (u32, u64, &'static str);

fn estate(rows: &[Row]) -> Estate {
    let call = |(second, tokens, segments): &Row| {
        let (hour, minute, second) = (8 + second / 3600, second / 60 % 60, second % 60);
        format!(
            r#"{{"time":"2026-10-01T{hour:02}:{minute:02}:{second:02}Z","model":"anthropic.claude-sonnet-5-5",
                "routing":"global","role":"app","input":{tokens},"output":10,"segments":[{segments}]}}"#
        )
    };
    let tokens: u64 = rows.iter().map(|(_, tokens, _)| tokens).sum();
    let charge = |class: &str, tokens: u64, micro: u64| {
        format!(
            r#"{{"model":"anthropic.claude-sonnet-5-5","routing":"global","source":"AWS Marketplace","role":"app",
                "class":"{class}","tokens":{tokens},"usd":"0.{:06}"}}"#,
            tokens * micro
        )
    };
    let text = format!(
        r#"{{"first":"2026-10-01","last":"2026-10-01","charges":[{},{}],"requests":[{}]}}"#,
        charge("input", tokens, 2),
        charge("output", rows.len() as u64 * 10, 10),
        rows.iter().map(call).collect::<Vec<_>>().join(",")
    );
    let file: EstateFile = serde_json::from_str(&text).expect("an estate");
    file.build("2026-11-05".parse().expect("a date"))
}

fn owner(estate: &Estate) -> Owner {
    let baseline = State::baseline(estate);
    let found = baseline.owners().find(|owner| matches!(owner, Owner::Workload(_)));
    found.expect("the role calls").clone()
}

/// Calls, prompt tokens and answer tokens after an edit; and what is billed, in millionths of a dollar.
fn after(rows: &[Row], edit: Edit) -> (u64, u64, u64, i128) {
    let estate = estate(rows);
    let action = Action {
        key: "trim".into(),
        selector: Selector::all(owner(&estate)),
        edits: vec![edit],
        one_off: Money::ZERO,
        title: String::new(),
        only_alternative: false,
        notes: Vec::new(),
    };
    let baseline = State::baseline(&estate);
    let state = Simulator::new(&estate, NewRates::Inherit).apply(&baseline, &action).expect("simulated");
    let traffic = Traffic::of(&estate, &state, &owner(&estate)).expect("known calls");
    let billed = state.daily(&estate.window).total().pico() / 1_000_000;
    (traffic.calls, traffic.prompt_tokens, traffic.output_tokens, billed)
}

#[test]
fn json_without_white_space_is_shorter_by_what_white_space_weighs() {
    let rows = [(0, 1100, r#""system:s:100", "user:a:1000~white=400""#)];
    assert_eq!(after(&rows, Edit::DropWhiteSpace(Ratio::ONE)), (1, 700, 10, 1_400 + 100));
    // 700 other bytes and 400 that weigh 100: of 1,100 tokens the others have 700 / 800.
    assert_eq!(after(&rows, Edit::DropWhiteSpace(Ratio::from_f64(0.25))), (1, 963, 10, 1_926 + 100));
}

#[test]
fn of_twenty_examples_the_first_five_are_a_quarter() {
    let rows = [(0, 1100, r#""system:s:1000~examples=20/800", "user:a:100""#)];
    assert_eq!(after(&rows, Edit::KeepExamples(5)), (1, 500, 10, 1_000 + 100));
}

#[test]
fn a_limit_cuts_the_longest_block_of_long_prompts_alone() {
    let rows =
        [(0, 2000, r#""system:s:500", "user:a:300", "user:b:1200""#), (9, 900, r#""system:s:500", "user:c:400""#)];
    assert_eq!(after(&rows, Edit::CapPrompt(900)), (2, 1800, 20, 3_600 + 200));
    // The longest block is cut first, then the next; instructions are not.
    assert_eq!(after(&rows, Edit::CapPrompt(700)), (2, 700 + 700, 20, 2_800 + 200));
    assert_eq!(after(&rows, Edit::CapPrompt(100)), (2, 500 + 500, 20, 2_000 + 200));
}

#[test]
fn a_store_answers_what_was_answered_within_its_time() {
    let again = r#""system:s:500", "user:same:100""#;
    let rows = [
        (0, 600, again),
        (60, 600, again),
        (3601, 600, again),
        (3660, 600, again),
        (4000, 600, r#""system:s:500", "user:new:100""#),
    ];
    // The first answer is there a second after its call: at 3,601 it is an hour old, at 3,660 it is older.
    assert_eq!(after(&rows, Edit::AnswerRepeats(3600)), (3, 1800, 30, 3_600 + 300));
    // Answers that the store gives do not make it younger: at 60 it is 59 seconds old.
    assert_eq!(after(&rows, Edit::AnswerRepeats(59)), (3, 1800, 30, 3_600 + 300));
    assert_eq!(after(&rows, Edit::AnswerRepeats(58)).0, 4, "only 3,660 finds one young enough: of 3,602");
}

/// Sixty prompts of 100 other bytes and 0 to 236 bytes of white space, a byte of which is a fourth of a token.
#[test]
fn calls_tell_what_white_space_weighs() {
    let rows: Vec<String> =
        (0..60).map(|n: u64| format!(r#""system:s:100", "user:u{n}:{}~white={}""#, 40 + 4 * n, 4 * n)).collect();
    let leak = |text: &String| -> &'static str { Box::leak(text.clone().into_boxed_str()) };
    let rows: Vec<Row> =
        (0u32..).zip(&rows).map(|(n, segments)| (n * 10, 140 + u64::from(n), leak(segments))).collect();
    let estate = estate(&rows);
    let traffic = |estate: &Estate| Traffic::of(estate, &State::baseline(estate), &owner(estate)).expect("known calls");
    let weight = traffic(&estate).white_space_weight.expect("told");
    assert!((weight - 0.25).abs() < 0.01, "{weight}");
    assert_eq!(traffic(&self::estate(&rows[..50])).white_space_weight, None, "49 with white space are too few");
}
