//! Hand-worked caches. The minimum of Sonnet 5.5 is 512 tokens; S is a system block of 1,000, U a question of 100.

use super::*;
use crate::call::{Block, Message, Piece, Prompt, Tool};
use crate::prices::{MISTRAL, Model, SONNET};

use Ttl::{FiveMinutes, OneHour};

fn text(topic: &'static str, number: u64, tokens: u32) -> Block {
    Block::of(Content::Text(Piece { role: "r", topic, number, tokens, seed: 0 }))
}

fn call(time: i64, system: Vec<Block>, user: Vec<Block>) -> Call {
    on(&SONNET, time, Vec::new(), system, user)
}

fn on(model: &'static Model, time: i64, tools: Vec<Block>, system: Vec<Block>, user: Vec<Block>) -> Call {
    let prompt = Prompt::Full { tools, system, messages: vec![Message::user(user)] };
    let answer = text("answer", 0, 10).content;
    let (app, number, global, mode) = (0, 0, true, Mode::Standard);
    Call { time, app, number, model, global, mode, prompt, max_output: 100, answer, guard: None, malformed: false }
}

/// Input, read, written for five minutes, written for an hour.
fn served(calls: &[Call]) -> Vec<(u64, u64, u64, u64)> {
    let mut cache = Cache::default();
    let each = |call: &Call| {
        let split = cache.serve(call);
        (split.input, split.read, split.write_5m, split.write_1h)
    };
    calls.iter().map(each).collect()
}

/// S with a marker, and a question of its own.
fn marked(time: i64, ttl: Ttl) -> Call {
    call(time, vec![text("s", 0, 1_000).marked(ttl)], vec![text("u", time.unsigned_abs(), 100)])
}

#[test]
fn a_read_restarts_five_minutes() {
    let times = [0, 300, 600, 901];
    let calls: Vec<Call> = times.iter().map(|time| marked(*time, FiveMinutes)).collect();
    // 0: written. 300 and 600: 300 seconds after the last use, still alive. 901: 301 seconds, dead, written again.
    assert_eq!(served(&calls), [(100, 0, 1_000, 0), (100, 1_000, 0, 0), (100, 1_000, 0, 0), (100, 0, 1_000, 0)]);
}

#[test]
fn an_hour_bridges_longer_gaps() {
    let calls: Vec<Call> = [0, 3_600, 7_201].iter().map(|time| marked(*time, OneHour)).collect();
    assert_eq!(served(&calls), [(100, 0, 0, 1_000), (100, 1_000, 0, 0), (100, 0, 0, 1_000)]);
}

#[test]
fn calls_of_one_second_do_not_read_each_other() {
    let calls = [marked(0, FiveMinutes), marked(0, FiveMinutes), marked(1, FiveMinutes)];
    assert_eq!(served(&calls), [(100, 0, 1_000, 0), (100, 0, 1_000, 0), (100, 1_000, 0, 0)]);
}

#[test]
fn below_the_minimum_nothing_happens() {
    let with = |tokens| {
        [0, 10].map(|time| call(time, vec![text("s", 0, tokens).marked(FiveMinutes)], vec![text("u", 0, 100)]))
    };
    assert_eq!(served(&with(511)), [(611, 0, 0, 0), (611, 0, 0, 0)]);
    assert_eq!(served(&with(512)), [(100, 0, 512, 0), (100, 512, 0, 0)]);
}

#[test]
fn the_minimum_counts_the_whole_prefix() {
    // Tools of 400 and a system block of 200, marked: 600 tokens are above 512, though neither block is.
    let tool = || Block::of(Content::Tool(Tool { name: "t", tokens: 400 }));
    let calls = [0, 10].map(|time| {
        let system = vec![text("s", 0, 200).marked(FiveMinutes)];
        on(&SONNET, time, vec![tool()], system, vec![text("u", 0, 50)])
    });
    assert_eq!(served(&calls), [(50, 0, 600, 0), (50, 600, 0, 0)]);
}

#[test]
fn a_change_before_the_marker_writes_again() {
    // "Now" of 16 tokens differs: every call writes 1,016 and reads nothing.
    let calls = [0_u8, 10, 20].map(|time| {
        let system = vec![text("now", u64::from(time), 16), text("s", 0, 1_000).marked(FiveMinutes)];
        call(i64::from(time), system, vec![text("u", 0, 100)])
    });
    assert_eq!(served(&calls), [(100, 0, 1_016, 0); 3]);
}

#[test]
fn a_conversation_reads_what_it_wrote_and_writes_the_rest() {
    // Marks after S and after the last block. 1: writes 1,000 and 100. 2 has two blocks more: reads 1,100, writes 50.
    let first = || vec![text("u", 1, 100)];
    let system = || vec![text("s", 0, 1_000).marked(OneHour)];
    let mut one = first();
    one[0].marker = Some(FiveMinutes);
    let mut two = first();
    two.extend([text("a", 1, 30), text("u", 2, 20).marked(FiveMinutes)]);
    let calls = [call(0, system(), one), call(60, system(), two.clone()), call(420, system(), two)];
    // 3, six minutes later: the five-minute entries are dead; S lives, reads 1,000 and writes 150.
    assert_eq!(served(&calls), [(0, 0, 100, 1_000), (0, 1_100, 50, 0), (0, 1_000, 150, 0)]);
}

#[test]
fn a_longer_hit_keeps_the_shorter_checkpoints_alive() {
    // Calls at 0 and 200 read and write S and S+U; the one at 450 asks something else: S was last used at 200, by
    // way of the longer prefix, and is still alive.
    let both = |time, number| {
        call(time, vec![text("s", 0, 1_000).marked(FiveMinutes)], vec![text("u", number, 100).marked(FiveMinutes)])
    };
    let calls = [both(0, 1), both(200, 1), both(450, 2)];
    assert_eq!(served(&calls), [(0, 0, 1_100, 0), (0, 1_100, 0, 0), (0, 1_000, 100, 0)]);
}

#[test]
fn twenty_blocks_before_a_checkpoint_are_looked_at() {
    // An entry of one block; a call whose only marker is behind n blocks more.
    let first = call(0, vec![text("s", 0, 1_000).marked(FiveMinutes)], vec![text("u", 0, 10)]);
    let then = |more: u64| {
        let mut user: Vec<Block> = (0..more).map(|number| text("u", number, 10)).collect();
        user.last_mut().expect("some").marker = Some(FiveMinutes);
        call(10, vec![text("s", 0, 1_000)], user)
    };
    // 20 blocks more: positions 21 down to 1 are looked at, the entry is at 1. 21 more: 22 down to 2.
    assert_eq!(served(&[first.clone(), then(20)])[1], (0, 1_000, 200, 0));
    assert_eq!(served(&[first, then(21)])[1], (0, 0, 1_210, 0));
}

#[test]
fn four_checkpoints_are_the_most() {
    let system: Vec<Block> = (0..5).map(|number| text("s", number, 600).marked(FiveMinutes)).collect();
    let calls = [0, 10].map(|time| call(time, system.clone(), vec![text("u", 0, 100)]));
    assert_eq!(served(&calls), [(700, 0, 2_400, 0), (700, 2_400, 0, 0)]);
}

#[test]
fn batch_jobs_units_and_other_models_have_no_cache() {
    for mode in [Mode::Batch, Mode::Provisioned] {
        let calls = [0, 10].map(|time| Call { mode, ..marked(time, FiveMinutes) });
        assert_eq!(served(&calls), [(1_100, 0, 0, 0); 2]);
    }
    let calls = [0, 10].map(|time| Call { model: &MISTRAL, ..marked(time, FiveMinutes) });
    assert_eq!(served(&calls), [(1_100, 0, 0, 0); 2]);
}

proptest::proptest! {
    /// Of one static prefix, every gap above its life costs one more write, and nothing else does.
    #[test]
    fn gaps_above_the_life_are_the_writes(gaps in proptest::collection::vec(1_i64..900, 1..60), hour in proptest::bool::ANY) {
        let ttl = if hour { OneHour } else { FiveMinutes };
        let mut times = vec![0];
        for gap in &gaps {
            times.push(times[times.len() - 1] + gap);
        }
        let calls: Vec<Call> = times.iter().map(|time| marked(*time, ttl)).collect();
        let writes = served(&calls).iter().filter(|(_, _, five, one)| five + one > 0).count();
        let expected = 1 + gaps.iter().filter(|gap| **gap > ttl.seconds()).count();
        proptest::prop_assert_eq!(writes, expected);
    }

    /// Whatever the blocks and markers: every token has one price, reads never exceed what was written before, and
    /// serving a call again a second later reads up to its last checkpoint.
    #[test]
    fn every_token_is_counted_once(
        prompts in proptest::collection::vec(proptest::collection::vec((0_u64..3, proptest::option::of(proptest::bool::ANY)), 1..30), 1..12),
    ) {
        let calls: Vec<Call> = prompts
            .iter()
            .zip(0..)
            .flat_map(|(blocks, at)| {
                let user = blocks.iter().map(|(number, marker)| {
                    let block = text("u", *number, 200);
                    marker.map_or_else(|| block.clone(), |hour| block.clone().marked(if hour { OneHour } else { FiveMinutes }))
                });
                let user: Vec<Block> = user.collect();
                [0, 1].map(|more| call(at * 100 + more, Vec::new(), user.clone()))
            })
            .collect();
        let splits = served(&calls);
        let mut written = 0;
        for (call, (input, read, five, hour)) in calls.iter().zip(&splits) {
            proptest::prop_assert_eq!(input + read + five + hour, call.prompt_tokens());
            proptest::prop_assert!(*read == 0 || written > 0);
            written += five + hour;
        }
        for pair in splits.chunks(2) {
            let ((_, read, five, hour), again) = (pair[0], pair[1]);
            proptest::prop_assert_eq!(again.1, read + five + hour);
            proptest::prop_assert_eq!(again.2 + again.3, 0);
        }
    }
}
