//! The replay of prompt caches on one core: calls a second, and how much it holds at a time. What it holds must follow
//! from how many calls a second there are, not from how many there were.
//!
//! The calls are made as they are replayed, the same in every run: applications with a static prefix of their own, each
//! with conversations that grow.

use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Args;
use lode_model::Ttl;
use lode_sim::{Block, Replay, ReplayRules, Served};

use crate::tables::aligned;

/// What is asked and shown; part of `--help`.
const ABOUT: &str = "\
Makes calls as it replays them, the same in every run, through `lode_sim::Replay` on one core: with
markers at the ends of system prompt and prompt, and with one after every block; then twice as many.
Calls come at a constant rate, so twice as many should take twice as long and hold no more entries.
Build it as what is measured is used: cargo run --release -p xtask -- bench replay";

/// What to replay.
#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(crate) struct Options {
    /// Calls of ten blocks; a second run has twice as many
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    requests: u64,
}

/// Applications, each with a static prefix.
const APPS: u64 = 50;
/// Conversations at a time.
const OPEN: u64 = 400;
/// Blocks of the static prefix, and of a whole prompt.
const FRONT: usize = 4;
const BLOCKS: usize = 10;
/// Tokens of a block.
const TOKENS: u64 = 500;
/// Calls a second.
const RATE: u64 = 5;

/// Where markers stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Markers {
    SystemAndPromptEnd,
    EveryBlock,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    seconds: f64,
    held: usize,
    served: Served,
}

/// Replays and prints.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let mut lines =
        vec![["markers", "calls", "s", "calls/s", "entries held", "read", "written"].map(str::to_owned).to_vec()];
    let mut ratios = Vec::new();
    for (markers, name) in
        [(Markers::SystemAndPromptEnd, "system and prompt end"), (Markers::EveryBlock, "every block")]
    {
        let mut runs = Vec::new();
        for requests in [options.requests, options.requests * 2] {
            let run = replay(requests, markers);
            lines.push(vec![
                name.to_owned(),
                requests.to_string(),
                format!("{:.3}", run.seconds),
                format!("{:.0}", per_second(requests, run.seconds)),
                run.held.to_string(),
                run.served.read.to_string(),
                run.served.written().to_string(),
            ]);
            runs.push(run);
        }
        let [once, twice] = runs[..] else { continue };
        ensure!(once.held > 0, "{name}: nothing was held");
        let time = twice.seconds / once.seconds;
        let held = per_second(twice.held as u64, 1.0) / per_second(once.held as u64, 1.0);
        ratios.push(format!("{name}: twice the calls take {time:.2} times as long and hold {held:.2} times as much"));
    }
    let making = making(options.requests);
    crate::say(&aligned(&lines, 1))?;
    crate::say(&[format!("of it, making the prompts of {} calls: {making:.3} s", options.requests)])?;
    crate::say(&ratios)?;
    let status = std::fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    let peak = super::measure::peak_of(&status).context("no peak of memory in /proc/self/status")?;
    crate::say(&[format!("peak of memory: {peak:.1} MiB")])
}

#[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
fn per_second(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds.max(1e-9)
}

/// Claude's rules, as most models have them.
fn rules(markers: Markers) -> ReplayRules {
    ReplayRules {
        min_tokens: 1024,
        max_tokens: None,
        max_checkpoints: if markers == Markers::EveryBlock { usize::MAX } else { lode_model::MOST_MARKERS },
        tools: true,
        ttls: vec![Ttl::FiveMinutes, Ttl::OneHour],
        refresh: true,
    }
}

#[expect(clippy::disallowed_methods, reason = "how long it took is the result")]
fn replay(requests: u64, markers: Markers) -> Run {
    let mut cache = Replay::new(rules(markers));
    let mut served = Served::default();
    let start = Instant::now();
    for request in 0..requests {
        let blocks = prompt(request);
        let second = i64::try_from(request / RATE).unwrap_or(i64::MAX);
        let ttl = Ttl::FiveMinutes;
        let one = match markers {
            Markers::SystemAndPromptEnd => cache.serve(second, 2, &blocks, [(FRONT - 1, ttl), (BLOCKS - 1, ttl)]),
            Markers::EveryBlock => cache.serve(second, 2, &blocks, (0..BLOCKS).map(|place| (place, ttl))),
        };
        served.read += one.read;
        served.write_5m += one.write_5m;
    }
    Run { seconds: start.elapsed().as_secs_f64(), held: cache.held(), served }
}

/// Seconds that the prompts of so many calls take to make.
#[expect(clippy::disallowed_methods, reason = "how long it took is the result")]
fn making(requests: u64) -> f64 {
    let start = Instant::now();
    for request in 0..requests {
        std::hint::black_box(prompt(request));
    }
    start.elapsed().as_secs_f64()
}

/// The prompt of a call. Conversations take turns, and each says one thing more than before until its prompt is full; then
/// another one takes its place.
fn prompt(request: u64) -> [Block; BLOCKS] {
    const GROWS: u64 = (BLOCKS - FRONT) as u64;
    let (conversation, turn) = (request % OPEN, request / OPEN);
    let (generation, said) = (turn / GROWS, turn % GROWS + 1);
    let app = conversation % APPS;
    let mut prefix = 0u128;
    std::array::from_fn(|place| {
        let at = place as u64;
        // What is static, what was said before, and behind the newest turn what is of this call alone.
        let name = if place < FRONT {
            mix(app, at)
        } else if at - (FRONT as u64) < said {
            mix(conversation.wrapping_mul(1_000_003).wrapping_add(generation), 1_000 + at)
        } else {
            mix(request, 2_000 + at)
        };
        prefix = prefix.rotate_left(5) ^ name;
        Block { prefix, tokens: TOKENS * (at + 1), tool: false }
    })
}

/// 128 bits from two numbers, the same everywhere (SplitMix64: Steele, Lea, Flood, Fast Splittable Pseudorandom Number
/// Generators, 2014).
fn mix(left: u64, right: u64) -> u128 {
    let step = |seed: u64| {
        let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let high = step(left ^ step(right));
    u128::from(high) << 64 | u128::from(step(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_does_not_grow_with_the_calls() {
        for markers in [Markers::SystemAndPromptEnd, Markers::EveryBlock] {
            let [once, twice] = [40_000, 80_000].map(|requests| replay(requests, markers));
            assert_eq!(once.held, twice.held, "{markers:?}");
            assert!(once.served.read > 0 && once.served.write_5m > 0, "{once:?}");
        }
    }

    #[test]
    fn conversations_grow_behind_a_static_prefix() {
        let [first, second, other] = [0, OPEN, APPS].map(prompt);
        assert_eq!(first[..FRONT], second[..FRONT]);
        assert_eq!(first[..FRONT], other[..FRONT]);
        assert_eq!(first[FRONT], second[FRONT]);
        assert_ne!(first[FRONT], other[FRONT]);
        assert_ne!(first[BLOCKS - 1], second[BLOCKS - 1]);
    }
}
