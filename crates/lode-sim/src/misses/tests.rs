//! One prompt habit each, with small round numbers: why it writes.
//!
//! A byte is a token in all of them. The model has no minimum here: it is not in the catalogue.

use lode_model::TaskForm;
use lode_prices::{Catalogue, PriceBook};
use lode_testkit::RequestRow;
use proptest::prelude::*;

use super::*;
use crate::{Basis, Demand, OwnerCalls, Window};

fn day(day: i8) -> Date {
    jiff::civil::date(2026, 10, day)
}

fn owner() -> Owner {
    Owner::Account("111111111111".into())
}

fn estate(calls: Vec<Arc<Request>>) -> Estate {
    let own = OwnerCalls::new(owner(), TaskForm::Text, calls);
    let cluster = Cluster::new("111111111111".into(), "us-east-1".into(), vec![own]);
    Estate {
        window: Window { first: day(1), last: day(28), complete_to: Some(day(28)) },
        basis: Basis::Net,
        prices: PriceBook::new(Catalogue::builtin(), std::iter::empty()),
        charges: Vec::new(),
        aside: Vec::new(),
        demand: Demand::new(vec![cluster]),
        tie_out: None,
        inventory: lode_model::Inventory::default(),
        metrics: lode_model::Metrics::default(),
        has_callers: true,
        has_principals: true,
        caller_keys: lode_model::CallerKey::defaults(),
        account_names: BTreeMap::new(),
        unspread_discounts: lode_model::Money::ZERO,
        missing_periods: Vec::new(),
        has_discounts: false,
        after_discounts: false,
        committed: lode_model::Money::ZERO,
        discounts_in_net: lode_model::Money::ZERO,
        implausible: Vec::new(),
    }
}

/// A call: second of 1 October 08:00, tokens read and written, milliseconds, blocks.
struct Row<'a>(i64, u64, u64, Option<u64>, &'a str);

fn request(nth: usize, Row(second, read, written, latency, blocks): &Row<'_>) -> Arc<Request> {
    let blocks: Vec<&str> = blocks.split_whitespace().collect();
    let bytes = |block: &&str| block.split('|').next()?.rsplit(':').next()?.parse::<u64>().ok();
    let prompt: u64 = blocks.iter().filter_map(bytes).sum();
    let start: jiff::Timestamp = "2026-10-01T08:00:00Z".parse().expect("a time");
    let time = start + jiff::SignedDuration::from_secs(*second);
    let row = serde_json::json!({
        "time": time.to_string(), "model": "m", "input": prompt.saturating_sub(read + written), "output": 10, "cache_read": read,
        "cache_write_5m": written, "latency_ms": latency, "segments": blocks,
    });
    let row: RequestRow = serde_json::from_value(row).expect("a row");
    Arc::new(row.expand(nth).remove(0))
}

fn misses(rows: &[Row<'_>]) -> Arc<CacheMisses> {
    let calls = rows.iter().enumerate().map(|(nth, row)| request(nth, row)).collect();
    CacheMisses::logged(&estate(calls), &owner()).expect("markers")
}

fn tokens(found: &CacheMisses) -> Vec<(MissCause, u64)> {
    assert_eq!(found.tokens.values().sum::<u64>(), found.written_tokens);
    found.tokens.iter().map(|(cause, tokens)| (*cause, *tokens)).collect()
}

use MissCause::{AtOnce, Changing, Edited, FarBack, FirstUse, Other, Sliding, TooLate, ToolOrder, ToolsChanged};

const POLICY: &str = "system:policy:1000|5m user:";

/// The policy, then a question of 100.
fn policy(question: &str) -> String {
    format!("{POLICY}{question}:100")
}

#[test]
fn what_was_never_sent_is_needed() {
    let found = misses(&[Row(0, 0, 1000, None, &policy("a")), Row(60, 1000, 0, None, &policy("b"))]);
    assert_eq!(tokens(&found), [(FirstUse, 1000)]);
    assert_eq!((found.marked, found.wrote, found.read_tokens, found.written_tokens), (2, 1, 1000, 1000));
    assert_eq!((found.main, found.difference, found.since), (None, None, None));
    assert_eq!(found.examples, [] as [Arc<str>; 0]);
}

#[test]
fn a_conversation_that_grows_writes_what_is_new() {
    let found = misses(&[
        Row(0, 0, 1100, None, "system:s:1000 user:a:100|5m"),
        Row(60, 1100, 300, None, "system:s:1000 user:a:100 assistant:b:200 user:c:100|5m"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 1400)]);
}

#[test]
fn after_its_time_to_live_it_is_too_late() {
    let rows = [
        Row(0, 0, 1000, None, &policy("a")),
        // The read restarts the five minutes.
        Row(200, 1000, 0, None, &policy("b")),
        Row(490, 1000, 0, None, &policy("c")),
        Row(791, 0, 1000, None, &policy("d")),
        // Nothing is known of what was sent two hours before.
        Row(791 + MEMORY + 1, 0, 1000, None, &policy("e")),
    ];
    let found = misses(&rows);
    assert_eq!(tokens(&found), [(FirstUse, 2000), (TooLate, 1000)]);
    assert_eq!((found.main, found.difference), (Some(TooLate), None));
    assert_eq!(found.examples, ["request-3-0".into()] as [Arc<str>; 1]);
}

#[test]
fn calls_before_the_first_has_ended_are_at_once() {
    let rows = [
        Row(0, 0, 1000, Some(9500), &policy("a")),
        Row(0, 0, 1000, Some(9500), &policy("b")),
        Row(9, 0, 1000, Some(1000), &policy("c")),
        // Ten seconds after the first: there.
        Row(10, 1000, 0, Some(1000), &policy("d")),
    ];
    let found = misses(&rows);
    assert_eq!(tokens(&found), [(FirstUse, 1000), (AtOnce, 2000)]);
    let same_second = misses(&[Row(0, 0, 1000, None, &policy("a")), Row(0, 0, 1000, None, &policy("b"))]);
    assert_eq!(tokens(&same_second), [(FirstUse, 1000), (AtOnce, 1000)]);
}

#[test]
fn a_date_in_the_system_prompt_changes() {
    let call =
        |nth: i64| format!("system:intro:500 system:time{nth}:{} system:rules:400|5m user:q{nth}:100", 100 + nth);
    let calls: Vec<String> = (0..4).map(call).collect();
    let rows: Vec<Row<'_>> =
        (0..4).map(|nth| Row(nth * 10, 0, 1000, None, &calls[usize::try_from(nth).expect("small")])).collect();
    let found = misses(&rows);
    assert_eq!(tokens(&found), [(FirstUse, 1000), (Changing, 3000)]);
    let expected = FirstDifference { kind: SegmentKind::System, place: 2, tokens_before: 500, tokens: 101, calls: 3 };
    assert_eq!(found.difference, Some(expected));
    assert_eq!(found.calls[&Changing], 3);
}

#[test]
fn a_system_prompt_that_starts_with_a_name_changes_and_another_prompt_does_not() {
    let found = misses(&[
        Row(0, 0, 1000, None, "system:for-ann:1000|5m user:q:10"),
        Row(9, 0, 1003, None, "system:for-bob:1003|5m user:q:10"),
        Row(19, 0, 2000, None, "system:another:2000|5m user:q:10"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 3000), (Changing, 1003)]);
}

#[test]
fn a_marker_behind_the_question_is_behind_what_changes() {
    let found = misses(&[
        Row(0, 0, 1100, None, "system:s:1000 user:a:100|5m"),
        Row(9, 0, 1120, None, "system:s:1000 user:b:120|5m"),
        // Much longer: what is new of it is new.
        Row(19, 0, 1900, None, "system:s:1000 user:c:900|5m"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 1100 + 900), (Changing, 1120 + 1000)]);
    assert_eq!(found.difference.map(|first| (first.kind, first.place, first.calls)), Some((SegmentKind::User, 2, 2)));
}

#[test]
fn a_new_conversation_behind_a_cached_front_is_new() {
    let found = misses(&[
        Row(0, 0, 1100, None, "system:s:1000|5m user:a:100|5m"),
        Row(9, 1000, 100, None, "system:s:1000|5m user:b:100|5m"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 1200)]);
}

#[test]
fn tools_in_another_order() {
    let found = misses(&[
        Row(0, 0, 1000, None, "tool:a:300 tool:b:300 system:s:400|5m user:q:10"),
        Row(9, 0, 1000, None, "tool:b:300 tool:a:300 system:s:400|5m user:q:10"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 1000), (ToolOrder, 1000)]);
    let found = misses(&[
        Row(0, 0, 1000, None, "tool:x:100 tool:a:300 tool:b:200 system:s:400|5m user:q:10"),
        Row(9, 0, 1000, None, "tool:x:100 tool:b:200 tool:a:300 system:s:400|5m user:q:10"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 1000), (ToolOrder, 1000)]);
    assert_eq!(found.difference.map(|first| (first.place, first.tokens_before, first.tokens)), Some((2, 100, 200)));
}

#[test]
fn other_tools() {
    let found = misses(&[
        Row(0, 0, 1000, None, "tool:a:300 tool:b:300 system:s:400|5m user:q:10"),
        Row(9, 0, 700, None, "tool:a:300 system:s:400|5m user:q:10"),
        // Nothing in common: another kind of call.
        Row(19, 0, 900, None, "tool:z:500 system:t:400|5m user:q:10"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 1900), (ToolsChanged, 700)]);
}

#[test]
fn a_tool_whose_description_changes() {
    let found = misses(&[
        Row(0, 0, 1000, None, "tool:now-1#:600 system:s:400|5m user:q:10"),
        Row(9, 0, 1000, None, "tool:now-1-#:600 system:s:400|5m user:q:10"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 1000), (Changing, 1000)]);
}

#[test]
fn history_cut_from_its_front() {
    let found = misses(&[
        Row(0, 0, 1400, None, "system:s:1000 user:a:100 assistant:b:100 user:c:100 assistant:d:50 user:e:50|5m"),
        Row(60, 0, 1300, None, "system:s:1000 user:c:100 assistant:d:50 user:e:50 assistant:f:50 user:g:50|5m"),
    ]);
    // The last answer and question are new.
    assert_eq!(tokens(&found), [(FirstUse, 1400 + 100), (Sliding, 1200)]);
    assert_eq!(found.difference.map(|first| (first.kind, first.place)), Some((SegmentKind::User, 2)));
}

#[test]
fn another_conversation_in_between_hides_nothing() {
    let found = misses(&[
        Row(0, 0, 400, None, "system:s:1000|5m user:a:100 assistant:b:100 user:c:200|5m"),
        Row(9, 1000, 300, None, "system:s:1000|5m user:x:300|5m"),
        Row(60, 1000, 400, None, "system:s:1000|5m user:c:200 assistant:d:100 user:e:100|5m"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 400 + 300 + 200), (Sliding, 200)]);
}

#[test]
fn history_changed_in_its_middle() {
    let found = misses(&[
        Row(0, 0, 1400, None, "system:s:500 user:a:100 call:t1:100 result:r1:500 call:t2:100 result:r2:100|5m"),
        Row(
            60,
            0,
            1200,
            None,
            "system:s:500 user:a:100 call:t1:100 result:gone:100 call:t2:100 result:r2:100 call:t3:100 result:r3:100|5m",
        ),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 1400 + 200), (Edited, 1000)]);
    assert_eq!(found.difference.map(|first| (first.kind, first.place)), Some((SegmentKind::ToolResult, 4)));
    // Two turns summed up in one.
    let found = misses(&[
        Row(0, 0, 900, None, "system:s:500 user:a:100 assistant:b:100 user:c:100 assistant:d:50 user:e:50|5m"),
        Row(60, 0, 750, None, "system:s:500 user:sum:50 user:c:100 assistant:d:50 user:e:50|5m"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 900), (Edited, 750)]);
}

#[test]
fn one_block_in_common_is_no_history() {
    // Two conversations that both end with the same short word; only the prompt before them is sent again.
    let found = misses(&[
        Row(0, 0, 710, None, "system:s:500 user:a:100 assistant:b:100 user:yes:10|5m"),
        Row(60, 0, 710, None, "system:s:500 user:x:100 assistant:y:100 user:yes:10|5m"),
    ]);
    assert_eq!(tokens(&found), [(FirstUse, 710 + 210), (Changing, 500)]);
}

#[test]
fn a_tenth_less_read_than_an_entry_covers_is_no_finding() {
    let second =
        |read, written| misses(&[Row(0, 0, 1000, None, &policy("a")), Row(60, read, written, None, &policy("b"))]);
    assert_eq!(tokens(&second(900, 100)), [(FirstUse, 1100)]);
    assert_eq!(tokens(&second(899, 101)), [(FirstUse, 1000), (Other, 101)]);
}

#[test]
fn a_marker_too_many_blocks_behind_the_last() {
    let more = |n: usize| (0..n).map(|at| format!("assistant:b{at}:10 ")).collect::<String>();
    let (near, far) = (more(20), more(21));
    let first = "system:s:990 user:a:10|5m";
    let second = |blocks: &str| format!("system:s:990 user:a:10 {}|5m", blocks.trim_end());
    let found = misses(&[Row(0, 0, 1000, None, first), Row(60, 0, 1210, None, &second(&far))]);
    assert_eq!(tokens(&found), [(FirstUse, 1000 + 210), (FarBack, 1000)]);
    // Twenty are near enough: the service did not read what was there.
    let found = misses(&[Row(0, 0, 1000, None, first), Row(60, 0, 1200, None, &second(&near))]);
    assert_eq!(tokens(&found), [(FirstUse, 1000 + 200), (Other, 1000)]);
}

#[test]
fn what_neither_read_nor_wrote_says_nothing() {
    // Below the minimum: both counters are zero, and no entry is left.
    let found = misses(&[Row(0, 0, 0, None, &policy("a")), Row(9, 0, 1000, None, &policy("b"))]);
    assert_eq!(tokens(&found), [(FirstUse, 1000)]);
    assert_eq!((found.marked, found.wrote), (2, 1));
    // Without markers there is nothing to explain.
    let plain = estate(vec![request(0, &Row(0, 0, 0, None, "system:s:10"))]);
    assert_eq!(CacheMisses::logged(&plain, &owner()), None);
}

/// Each day's tokens written for five minutes and read.
fn began(days: &[(u64, u64)]) -> Option<Date> {
    let texts: Vec<String> = (0..days.len()).map(|at| policy(&format!("q{at}"))).collect();
    let rows: Vec<Row<'_>> = days
        .iter()
        .zip(&texts)
        .zip(0..)
        .map(|(((written, read), text), at)| Row(at * 86_400, *read, *written, None, text))
        .collect();
    misses(&rows).since
}

#[test]
fn writes_that_cost_no_more_than_input_are_always_repaid() {
    let list = |model: &str| {
        let priced = Priced { routing: Routing::Regional, mode: Mode::Standard, band: ContextBand::Standard };
        Rates::of(Catalogue::builtin(), &"us-east-1".into(), &model.into(), &priced).prompt
    };
    let day = DayTokens { read: 0, written: [1000, 0, 0] };
    assert!(!day.is_repaid(&list("anthropic.claude-sonnet-4-6")));
    assert!(day.is_repaid(&list("amazon.nova-pro-v1:0")));
    // 1,000 × 0.25 over plain, against 278 × 0.9 saved.
    assert!(!DayTokens { read: 277, ..day }.is_repaid(&list("anthropic.claude-sonnet-4-6")));
    assert!(DayTokens { read: 278, ..day }.is_repaid(&list("anthropic.claude-sonnet-4-6")));
}

#[test]
fn the_day_on_which_losing_began() {
    // 1,000 written cost 250 above plain input, 278 read save 250.2.
    let (good, bad, none) = ((1000, 278), (1000, 277), (0, 0));
    assert_eq!(began(&[good, good, bad, none, bad]), Some(day(3)));
    assert_eq!(began(&[bad, good, none, bad]), Some(day(4)), "an earlier run has ended");
    assert_eq!(began(&[bad, bad]), None, "so from the first day");
    assert_eq!(began(&[bad, good]), None, "it is over");
    assert_eq!(began(&[none, bad]), None, "a day without writes is none that repaid");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn causes_add_up_to_what_was_written(
        calls in prop::collection::vec(
            (0i64..400, 0u64..900, 0u64..900, prop::option::of(0u64..20_000), prop::collection::vec((0usize..4, 0u8..3, any::<bool>()), 1..6)),
            1..20,
        )
    ) {
        let mut second = 0;
        let texts: Vec<String> = calls.iter().map(|(.., blocks)| {
            let mut blocks = blocks.clone();
            blocks.sort_by_key(|(kind, ..)| (*kind).min(2));
            let block = |(kind, name, marker): &(usize, u8, bool)| {
                let kind = ["tool", "system", "user", "assistant"][*kind];
                format!("{kind}:{name}:{}{}", 100 + name, if *marker { "|5m" } else { "" })
            };
            blocks.iter().map(block).collect::<Vec<_>>().join(" ")
        }).collect();
        let rows: Vec<Row<'_>> = calls.iter().zip(&texts).map(|((gap, read, written, latency, _), text)| {
            second += gap;
            Row(second, *read, *written, *latency, text)
        }).collect();
        let requests: Vec<Arc<Request>> = rows.iter().enumerate().map(|(nth, row)| request(nth, row)).collect();
        let marked = |call: &&Arc<Request>| call.segments.iter().any(|segment| segment.marker.is_some());
        let written: u64 = requests.iter().filter(marked).map(|call| call.tokens.cache_write_5m).sum();
        let found = CacheMisses::logged(&estate(requests), &owner());
        prop_assert_eq!(found.as_ref().map_or(0, |found| found.written_tokens), written);
        if let Some(found) = found {
            prop_assert_eq!(found.tokens.values().sum::<u64>(), written);
            prop_assert!(found.calls.values().all(|calls| *calls > 0 && *calls <= found.wrote));
            prop_assert_eq!(found.main.is_some(), found.tokens.keys().any(|cause| cause.is_loss()));
            prop_assert_eq!(found.main.is_some(), !found.examples.is_empty());
        }
    }
}
