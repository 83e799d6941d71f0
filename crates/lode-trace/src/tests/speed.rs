//! How long everything takes. Ignored: a measurement, no test.
//!
//! `cargo test -p lode-trace speed -- --ignored --nocapture`

use std::sync::Arc;

use jiff::Timestamp;
use lode_model::{Caller, Chain, Mode, OutputForm, Request, Routing, Segment, SegmentKind, TokenCounts, Traits};

use crate::id::Id;
use crate::{Block, Collection, Merge, Source, Tables, TraceFault, requests};

const REQUESTS: u64 = 200_000;

/// Numbers without a pattern (splitmix64, Steele, Lea and Flood 2014).
fn random(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn wide(n: u64) -> u128 {
    u128::from(random(n)) << 64 | u128::from(random(!n))
}

/// Six segments a request, two of them new, four of the request 20 before: ten requests a second, a little out of order.
fn all() -> Vec<Request> {
    let mut all: Vec<Request> = Vec::new();
    for n in 0..REQUESTS {
        let segment = |hash: u64| {
            let tool = hash.is_multiple_of(3).then(|| format!("tool-{}", hash % 7).into());
            Arc::new(Segment {
                kind: SegmentKind::User,
                hash: wide(hash),
                bytes: hash % 5000,
                tool,
                marker: None,
                traits: Traits::NONE,
            })
        };
        let before = n.checked_sub(20).map_or_else(
            || (0..4).map(|at| segment(9_000_000 + at)).collect(),
            |before| all[usize::try_from(before).expect("small")].segments[2..].to_vec(),
        );
        let second = 1_769_904_000 + i64::try_from((n + random(n) % 40) / 10).expect("small");
        all.push(Request {
            id: Id::Uuid(wide(n)).text(),
            time: Timestamp::from_second(second).expect("a time"),
            account: "111111111111".into(),
            region: "us-east-1".into(),
            model: if n.is_multiple_of(4) { "anthropic.claude-haiku" } else { "anthropic.claude-sonnet" }.into(),
            routing: Routing::Global,
            caller: Caller::from(format!("role/application-{}", random(n) % 12).as_str()),
            mode: Some(Mode::Standard),
            streaming: n.is_multiple_of(2),
            tokens: TokenCounts { input: n % 9000, output: n % 700, cache_read: n % 31, ..TokenCounts::default() },
            error: None,
            output_form: OutputForm::Text,
            output_limit: Some(4096),
            stop_reason: Some("end_turn".into()),
            latency_ms: Some(n % 10_000),
            tools_called: if n.is_multiple_of(3) { vec!["tool-1".into()] } else { Vec::new() },
            chain: Chain { opens: Some(random(n)), continues: None },
            has_body: true,
            schema_bound: false,
            guarded: None,
            segments: before.into_iter().chain([segment(2 * n), segment(2 * n + 1)]).collect(),
        });
    }
    all
}

/// Processor time of this thread in nanoseconds, which other work on the machine does not lengthen. Linux alone tells.
fn spent() -> u128 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

#[expect(clippy::print_stderr, reason = "a measurement")]
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begin = spent();
    let out = work();
    eprintln!("{what:>28} {:>6} ns per request", (spent() - begin) / u128::from(REQUESTS));
    out
}

#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement")]
fn speed() {
    let all = all();
    let collect = |requests: &mut dyn Iterator<Item = &Request>| {
        let mut collection = Collection::new();
        requests.for_each(|request| collection.add(request).expect("few"));
        collection
    };
    for _ in 0..3 {
        let collection = timed("add", || collect(&mut all.iter()));
        eprintln!("{:>28} {:>6} bytes per request", "held", collection.bytes() / all.len());
        let run = timed("seal", || collection.seal());
        let encode = |rows| run.blocks().flat_map(|block| block.tables(rows).collect::<Vec<_>>()).collect::<Vec<_>>();
        let tables = timed("encode, 65,536 rows", || encode(65_536));
        timed("encode, 8,192 rows", || encode(8_192));
        let decode = || tables.iter().map(|table| Block::of(table.as_ref().expect("sound")).map(Arc::new)).collect();
        let blocks: Vec<Result<Arc<Block>, TraceFault>> = timed("decode", decode);
        let runs: Vec<_> = (0..8).map(|part| collect(&mut all.iter().skip(part).step_by(8)).seal()).collect();
        let groups: Vec<_> = run.groups().cloned().collect();
        let merge = |group: &crate::Group, split: bool| {
            let own = blocks.iter().filter(|block| block.as_ref().is_ok_and(|block| block.group() == group)).cloned();
            let one: Source<'_, TraceFault> = Box::new(own.collect::<Vec<_>>().into_iter());
            let sources = if split { runs.iter().map(|run| run.source(group)).collect() } else { vec![one] };
            Merge::new(group.clone(), sources)
        };
        for (name, split) in [("one source", false), ("eight runs", true)] {
            let rows = timed(&format!("merge to tables, {name}"), || {
                groups.iter().map(|group| Tables::new(merge(group, split)).count()).sum::<usize>()
            });
            assert!(rows >= groups.len());
            let mut segments = 0;
            timed(&format!("merge to requests, {name}"), || {
                for group in &groups {
                    requests(merge(group, split), &mut |request| segments += request.segments.len()).expect("sound");
                }
            });
            assert_eq!(segments, all.len() * 6);
        }
    }
}
