//! `lode whatif`: the simulators on their own. A figure never stands without what it assumes.

mod capacity;
mod chunking;
mod notes;
mod v1;

use std::fmt::Write;

use jiff::civil::Date;
use lode_model::{Marker, Ttl};
use lode_sim::{
    CachePlacement, CachedTokens, CachingCaller, CachingCalls, CachingGroup, CachingQuestion, WhatIfCaching, ratio,
};

use crate::Look;
use crate::bill::{cell, draw};
use crate::text::{count, percent, short, whole};

pub use capacity::{
    CapacityPage, WhatIfCapacityV1, whatif_capacity_json, whatif_capacity_schema, whatif_capacity_table,
};
pub use chunking::{
    ChunkingPage, ChunkingPrice, SkippedFile, WhatIfChunkingV1, whatif_chunking_json, whatif_chunking_schema,
    whatif_chunking_svg, whatif_chunking_table,
};
pub use v1::{WhatIfCachingV1, whatif_caching_json, whatif_caching_schema};

/// What was asked of the replay of prompt caches, and the answer.
#[derive(Clone, Copy, Debug)]
pub struct CachingPage<'a> {
    /// What was asked.
    pub question: &'a CachingQuestion,
    /// The answer.
    pub answer: &'a WhatIfCaching,
    /// The day of the list prices.
    pub prices_as_of: Date,
}

/// Groups and callers that a table lists, the largest.
const MOST: usize = 20;
/// Columns from which a table has counts beside shares.
const WIDE: usize = 120;

/// The answer, for a terminal.
#[must_use]
pub fn whatif_caching_table(page: &CachingPage<'_>, look: Look) -> String {
    let CachingPage { question, answer, .. } = page;
    let mut out = String::new();
    let lives = match (answer.common(|group| group.ttl), question.ttl) {
        (Some(ttl), _) | (None, Some(ttl)) => format!(" · {} to live", ttl_words(ttl)),
        (None, None) => String::new(),
    };
    out.push_str(&look.wrap(&look.dim(&format!("Prompt caching, replayed · {}{lives}", placement(question))), ""));
    out.push_str(&look.wrap(&look.strong(&verdict(answer)), ""));
    out.push('\n');
    groups(&mut out, answer, look);
    if !answer.groups.iter().all(|group| group.callers.is_empty()) {
        callers(&mut out, answer, look);
    }
    out.push('\n');
    for note in notes::notes(page) {
        out.push_str(&look.wrap(&note, ""));
    }
    out
}

/// What it all comes to, in a sentence.
fn verdict(answer: &WhatIfCaching) -> String {
    let CachedTokens { prompt, .. } = answer.tokens;
    let CachingCalls { requests, without_body, .. } = answer.calls;
    if without_body == requests {
        return format!(
            "Nothing can be replayed: of no call is the prompt known block by block ({}, {}).",
            count(requests, "call", "calls"),
            count(prompt, "token", "tokens")
        );
    }
    let cost = answer.cost_ratio;
    let taken = notes::unknown(answer).map(|names| format!(" {names} is taken for a Claude model: see below."));
    let range = if same(cost.low, cost.high) {
        String::new()
    } else {
        format!(" ({} to {}, by when entries can be read)", times(cost.low), times(cost.high))
    };
    let means = if same(cost.expected, 1.0) {
        "the same".to_owned()
    } else if cost.expected > 1.0 {
        format!("{} more: a loss", percent(cost.expected - 1.0))
    } else {
        format!("{} less", percent(1.0 - cost.expected))
    };
    format!(
        "The prompts of {}, {}, cost {} times what they cost uncached{range}: {means}.{}",
        count(requests, "call", "calls"),
        count(prompt, "token", "tokens"),
        times(cost.expected),
        taken.unwrap_or_default()
    )
}

fn same(left: f64, right: f64) -> bool {
    (left - right).abs() < 0.0005
}

/// `0.435`.
fn times(ratio: f64) -> String {
    format!("{ratio:.3}")
}

fn groups(out: &mut String, answer: &WhatIfCaching, look: Look) {
    let mut largest: Vec<&CachingGroup> = answer.groups.iter().collect();
    largest.sort_by_key(|group| std::cmp::Reverse(group.tokens.prompt));
    let mut rows: Vec<Row> = largest.iter().take(MOST).map(|group| Row::of_group(group)).collect();
    if largest.len() > MOST {
        let rest = &largest[MOST..];
        let mut row = Row::new(format!("{} more", rest.len()));
        for group in rest {
            row.add(&group.calls, &group.tokens);
        }
        rows.push(row);
    }
    if answer.groups.len() > 1 {
        let total = Row { cost: times(answer.cost_ratio.expected), ..Row::new("Total".to_owned()) };
        rows.push(Row { calls: answer.calls.requests, tokens: answer.tokens, ..total });
    }
    rows.push(Row {
        under: Some("the same calls, by the counters of their records".to_owned()),
        calls: answer.calls.requests,
        tokens: answer.recorded.tokens,
        cost: times(answer.recorded.cost_ratio),
        ..Row::new("As recorded".to_owned())
    });
    figures(out, "Account, source region and model", &rows, look);
}

/// A line of a table.
struct Row {
    name: String,
    under: Option<String>,
    calls: u64,
    tokens: CachedTokens,
    cost: String,
}

impl Row {
    fn new(name: String) -> Self {
        Self { name, under: None, calls: 0, tokens: CachedTokens::default(), cost: "–".to_owned() }
    }

    fn of_group(group: &CachingGroup) -> Self {
        Self {
            under: Some(short(&format!("{} · {}", group.region, group.account), 80)),
            calls: group.calls.requests,
            tokens: group.tokens,
            cost: times(group.cost_ratio.expected),
            ..Self::new(short(group.model.as_str(), 120))
        }
    }

    fn add(&mut self, calls: &CachingCalls, tokens: &CachedTokens) {
        self.calls += calls.requests;
        self.tokens.prompt += tokens.prompt;
        self.tokens.read += tokens.read;
        self.tokens.write += tokens.write;
    }
}

/// Rows as a table: shares of the prompt tokens, and counts beside them where there is room.
fn figures(out: &mut String, head: &str, rows: &[Row], look: Look) {
    let wide = look.width >= WIDE;
    let header: &[&str] = if wide {
        &["", "Calls", "Prompt tokens", "Read", "", "Written", "", "Plain input", "", "Cost ×"]
    } else {
        &["", "Prompt tokens", "Read", "Written", "Cost ×"]
    };
    let share = |part: u64, of: u64| percent(ratio(part, of));
    let figures = |row: &Row| -> Vec<String> {
        let CachedTokens { prompt, read, write } = row.tokens;
        let uncached = row.tokens.uncached();
        let tokens = |n: u64| whole(i128::from(n));
        if wide {
            vec![
                tokens(row.calls),
                tokens(prompt),
                tokens(read),
                share(read, prompt),
                tokens(write),
                share(write, prompt),
                tokens(uncached),
                share(uncached, prompt),
                row.cost.clone(),
            ]
        } else {
            vec![tokens(prompt), share(read, prompt), share(write, prompt), row.cost.clone()]
        }
    };
    let lines: Vec<Vec<String>> = rows.iter().map(figures).collect();
    let room = room(header, &lines, look);
    let _ = writeln!(out, "{}", look.heading(head));
    let records = rows
        .iter()
        .zip(lines)
        .map(|(row, figures)| std::iter::once(cell(&row.name, row.under.as_deref(), room)).chain(figures).collect());
    draw(out, header, records, room);
}

/// Columns left for the names beside the figures, each of which stands three apart from the one before.
fn room(header: &[&str], lines: &[Vec<String>], look: Look) -> usize {
    let column = |(place, head): (usize, &&str)| {
        let widest = lines.iter().filter_map(|line| Some(line.get(place)?.chars().count())).max();
        widest.unwrap_or_default().max(head.chars().count()) + 3
    };
    let figures: usize = header.iter().skip(1).enumerate().map(column).sum();
    look.width.saturating_sub(3 + figures).clamp(20, 90)
}

/// The best markers of each caller, and how near they come to what could be had.
fn callers(out: &mut String, answer: &WhatIfCaching, look: Look) {
    let mut all: Vec<_> =
        answer.groups.iter().flat_map(|group| group.callers.iter().map(move |caller| (group, caller))).collect();
    all.sort_by_key(|(_, caller)| std::cmp::Reverse(caller.tokens.prompt));
    let _ = writeln!(out, "\n{}", look.heading("Callers, and the best markers found for each"));
    let header = ["", "Prompt tokens", "Cost ×", "Every block ×", "Oracle ×"];
    let figures = |caller: &CachingCaller| {
        let ratios = [caller.cost_ratio, caller.every_block_ratio, caller.oracle_ratio].map(times);
        std::iter::once(whole(i128::from(caller.tokens.prompt))).chain(ratios).collect()
    };
    let lines: Vec<Vec<String>> = all.iter().take(MOST).map(|(_, caller)| figures(caller)).collect();
    let room = room(&header, &lines, look);
    let records = all.iter().zip(lines).map(|((group, caller), figures)| {
        let name = short(caller.caller.as_str(), 120);
        let place = format!("{} · {} · {}", group.model, group.region, group.account);
        let under = format!("{}: {}", short(&place, 200), markers(&caller.markers));
        std::iter::once(cell(&name, Some(&under), room)).chain(figures).collect()
    });
    draw(out, &header, records, room);
    if all.len() > MOST {
        let _ = writeln!(out, "  and {} more, which --format json lists", whole((all.len() - MOST) as i128));
    }
}

/// Markers in words.
fn markers(markers: &[Marker]) -> String {
    if markers.is_empty() {
        return "no marker".to_owned();
    }
    let words: Vec<String> = markers.iter().map(|marker| format!("{} ({})", marker.place, marker.ttl)).collect();
    words.join(", ")
}

/// Where the markers stand, in words.
fn placement(question: &CachingQuestion) -> String {
    match &question.placement {
        CachePlacement::InForce => "the markers of the records".to_owned(),
        CachePlacement::EveryBlock => "a marker after every block".to_owned(),
        CachePlacement::Best => "the best markers found for each caller".to_owned(),
        CachePlacement::Off => "no markers".to_owned(),
        CachePlacement::At(places) => {
            let words: Vec<String> = places.iter().map(|place| format!("the {place}")).collect();
            let markers = if words.len() == 1 { "a marker at" } else { "markers at" };
            format!("{markers} {}", and(&words))
        }
    }
}

/// `a, b and c`.
fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [several @ .., last] => format!("{} and {last}", several.join(", ")),
    }
}

const fn ttl_words(ttl: Ttl) -> &'static str {
    match ttl {
        Ttl::FiveMinutes => "5 minutes",
        Ttl::ThirtyMinutes => "30 minutes",
        Ttl::OneHour => "1 hour",
    }
}
