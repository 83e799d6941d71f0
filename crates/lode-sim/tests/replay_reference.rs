//! The cache replay against a slow reference written straight from the documented rules: entries are whole prompts
//! compared block by block, nothing is hashed, nothing is swept out.

use lode_model::Ttl;
use lode_sim::{Block, LOOK_BACK, Replay, ReplayRules, Served, lifetime};

/// One call: block names with their tokens, and markers by place.
struct Call {
    second: i64,
    takes: u32,
    blocks: Vec<(u8, u64)>,
    markers: Vec<(usize, Ttl)>,
}

struct Entry {
    prefix: Vec<(u8, u64)>,
    readable: i64,
    dies: i64,
    ttl: Ttl,
}

/// The same, by pairwise comparison.
fn reference(calls: &[Call], rules: &ReplayRules) -> Vec<Served> {
    let mut entries: Vec<Entry> = Vec::new();
    let tokens = |blocks: &[(u8, u64)]| blocks.iter().map(|block| block.1).sum::<u64>();
    let mut all = Vec::new();
    for call in calls {
        let now = call.second;
        let marked: Vec<(usize, Ttl)> = call
            .markers
            .iter()
            .map(|(place, ttl)| (place + 1, *ttl))
            .filter(|(length, _)| tokens(&call.blocks[..*length]) >= rules.min_tokens)
            .take(rules.max_checkpoints)
            .collect();
        let is_live = |entry: &Entry, length: usize| {
            entry.readable <= now && now <= entry.dies && entry.prefix == call.blocks[..length]
        };
        let found = |length: &usize| entries.iter().any(|entry| is_live(entry, *length));
        let looked = marked.iter().flat_map(|(length, _)| length.saturating_sub(LOOK_BACK).max(1)..=*length);
        let hit = looked.filter(found).max().unwrap_or(0);
        let mut served = Served { read: tokens(&call.blocks[..hit]), ..Served::default() };
        if rules.refresh {
            for length in marked.iter().map(|(length, _)| *length).filter(|length| *length < hit).chain([hit]) {
                for entry in &mut entries {
                    if entry.readable <= now && now <= entry.dies && entry.prefix == call.blocks[..length] {
                        entry.dies = now + lifetime(entry.ttl);
                    }
                }
            }
        }
        let mut covered = hit;
        for (length, ttl) in marked {
            if length <= covered {
                continue;
            }
            let written = tokens(&call.blocks[covered..length]);
            match ttl {
                Ttl::FiveMinutes => served.write_5m += written,
                Ttl::ThirtyMinutes => served.write_30m += written,
                Ttl::OneHour => served.write_1h += written,
            }
            covered = length;
            let prefix = call.blocks[..length].to_vec();
            let mut readable = now + i64::from(call.takes);
            // An entry that others have written, and that is not there yet or not looked for, is there from their end on.
            if let Some(known) = entries.iter().position(|entry| entry.prefix == prefix) {
                let known = entries.remove(known);
                if known.dies >= now {
                    readable = readable.min(known.readable);
                }
            }
            entries.push(Entry { prefix, readable, dies: now + lifetime(ttl), ttl });
        }
        all.push(served);
    }
    all
}

fn replayed(calls: &[Call], rules: &ReplayRules) -> Vec<Served> {
    let mut cache = Replay::new(rules.clone());
    let serve = |call: &Call| {
        let (mut prefix, mut tokens) = (1u128, 0);
        let block = |(name, more): &(u8, u64)| {
            prefix = prefix.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645)
                ^ u128::from(*name) << 64
                ^ u128::from(*more);
            tokens += more;
            Block { prefix, tokens, tool: false }
        };
        let blocks: Vec<Block> = call.blocks.iter().map(block).collect();
        cache.serve(call.second, call.takes, &blocks, call.markers.iter().copied())
    };
    calls.iter().map(serve).collect()
}

/// A plain generator: the same sequences everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn sequence(random: &mut Random) -> (Vec<Call>, ReplayRules) {
    const TTLS: [Ttl; 3] = [Ttl::OneHour, Ttl::ThirtyMinutes, Ttl::FiveMinutes];
    let gap = [3, 100, 400, 2500][usize::try_from(random.below(4)).expect("small")];
    let (mut second, mut history) = (0i64, Vec::new());
    let mut calls = Vec::new();
    for _ in 0..4 + random.below(20) {
        second += i64::try_from(random.below(gap)).expect("small");
        // Mostly the history grows; sometimes it is cut, or begins anew.
        match random.below(6) {
            0 => history.clear(),
            1 => history.truncate(usize::try_from(random.below(4)).expect("small")),
            _ => {}
        }
        let most = if random.below(8) == 0 { 24 } else { 3 };
        for _ in 0..=random.below(most) {
            let name = u8::try_from(random.below(3)).expect("small");
            history.push((name, 200 + u64::from(name) * 300));
        }
        let places = history.len() as u64;
        let mut at: Vec<usize> =
            (0..random.below(7)).map(|_| usize::try_from(random.below(places)).expect("small")).collect();
        at.sort_unstable();
        at.dedup();
        // Longer times to live first, as the service asks.
        let mut ttls: Vec<Ttl> = at.iter().map(|_| TTLS[usize::try_from(random.below(3)).expect("small")]).collect();
        ttls.sort_unstable_by(|a, b| b.cmp(a));
        let markers = at.into_iter().zip(ttls).collect();
        let takes = u32::try_from(random.below(5)).expect("small");
        calls.push(Call { second, takes, blocks: history.clone(), markers });
    }
    let rules = ReplayRules {
        min_tokens: [0, 512, 1024][usize::try_from(random.below(3)).expect("small")],
        max_tokens: None,
        max_checkpoints: 4,
        tools: true,
        ttls: TTLS.to_vec(),
        refresh: random.below(3) > 0,
    };
    (calls, rules)
}

#[test]
fn five_thousand_sequences_agree_to_the_token() {
    let mut random = Random(20_261_129);
    let (mut read, mut written) = (0u64, 0u64);
    for number in 0..5_000 {
        let (calls, rules) = sequence(&mut random);
        let (slow, fast) = (reference(&calls, &rules), replayed(&calls, &rules));
        assert_eq!(slow, fast, "sequence {number}");
        read += slow.iter().map(|served| served.read).sum::<u64>();
        written += slow.iter().map(Served::written).sum::<u64>();
    }
    assert!(read > 1_000_000 && written > 1_000_000, "the sequences read and write: {read}, {written}");
}

#[test]
fn without_restart_an_entry_ends_with_its_first_life() {
    let call = |second| Call { second, takes: 1, blocks: vec![(0, 1000)], markers: vec![(0, Ttl::FiveMinutes)] };
    let calls: Vec<Call> = [0, 200, 400, 600].map(call).into();
    let rules = |refresh| ReplayRules {
        min_tokens: 512,
        max_tokens: None,
        max_checkpoints: 4,
        tools: true,
        ttls: vec![Ttl::FiveMinutes],
        refresh,
    };
    let reads = |refresh| replayed(&calls, &rules(refresh)).iter().map(|served| served.read).collect::<Vec<_>>();
    assert_eq!(reads(true), [0, 1000, 1000, 1000]);
    // Written at 0, dead at 301; written again at 400.
    assert_eq!(reads(false), [0, 1000, 0, 1000]);
}
