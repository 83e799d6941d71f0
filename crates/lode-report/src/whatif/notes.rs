//! What the figures of a replay assume, and what stands behind them.

use std::collections::BTreeSet;

use lode_sim::{CachePlacement, CachingGroup, LATE, LOOK_BACK, RateBasis, TOLERANCE, WhatIfCaching};

use super::{CachingPage, and, ttl_words};
use crate::text::{count, percent, short, whole};

/// Names in a sentence; more are a number.
const MOST_NAMES: usize = 4;

/// The sentences under the tables, and in JSON.
pub(super) fn notes(page: &CachingPage<'_>) -> Vec<String> {
    let CachingPage { question, answer, .. } = page;
    let mut notes = Vec::new();
    notes.extend(check(page));
    notes.extend(left_out(page));
    notes.push(
        "Assumed: entries are shared within an account, source region and model, whoever calls and through whichever \
         inference profile; a call through another region, or an entry that the service drops early, reads less."
            .to_owned(),
    );
    notes.push(rules(page));
    let late = LATE.max(question.readable_after);
    notes.push(format!(
        "An entry can be read once the call that wrote it has ended, where its record has a latency, else {} after it \
         began ({} of {}). The range is from entries that can be read at once to those of a call without latency after \
         {late} seconds.",
        count(u64::from(question.readable_after), "second", "seconds"),
        whole(i128::from(answer.calls.without_latency)),
        count(answer.calls.requests, "call", "calls"),
    ));
    notes.push(rates(page));
    notes.push(
        "Tokens of a block are its share of its prompt's, by bytes and kind of content; the total of each call is exact \
         and counts what was read or written once."
            .to_owned(),
    );
    if let Some(model) = &question.model {
        notes.push(format!(
            "Every call is replayed with the rules and prices of {}; caches stay apart by the model called, and tokens \
             are those of the records: another tokenizer counts others.",
            short(model.as_str(), 120)
        ));
    }
    for (model, offered) in &answer.other_ttls {
        let offered: Vec<String> = offered.iter().map(|ttl| ttl_words(*ttl).to_owned()).collect();
        notes.push(format!(
            "{} does not offer the time to live asked for, but {}: its shortest counts.",
            short(model.as_str(), 120),
            and(&offered)
        ));
    }
    if question.placement == CachePlacement::Best {
        notes.push(
            "Best: up to four markers, a time to live each, found by trying: after the tools, the system prompt, the \
             history, the prompt, or so many blocks as many calls have in common. One or two are added at a time, as long \
             as each saves half a per cent of what its caller's prompts cost uncached; three that pay only together are not \
             found. They are chosen on the caller's calls alone, and what stands in the table is all callers with theirs. \
             Chosen and judged on the same calls: other calls may cost otherwise, and so may the same blocks in another \
             order. Every block is a marker after each, the caller alone: more than a request can carry. Oracle is the \
             caller alone with each block written only where reading it again pays for that: no markers cost less, and most \
             cannot reach it."
                .to_owned(),
        );
    }
    if question.placement == CachePlacement::EveryBlock {
        notes.push(
            "A marker after every block is more than the four a request can carry: a bound on what can be read, which \
             pays for writing all of every prompt; no policy to set."
                .to_owned(),
        );
    }
    notes
}

/// The look-back, the minimum and the time to live.
fn rules(page: &CachingPage<'_>) -> String {
    let CachingPage { question, answer, .. } = page;
    let minimum = match (answer.common(|group| group.min_tokens), question.min_tokens) {
        (Some(tokens), _) | (None, Some(tokens)) => count(tokens, "token", "tokens"),
        (None, None) => "its model's minimum".to_owned(),
    };
    let most = if question.placement == CachePlacement::EveryBlock { "" } else { "; at most four count" };
    let refresh = if question.refresh { "A read restarts" } else { "As asked, a read does not restart" };
    let mut text = format!(
        "A marker looks back over {LOOK_BACK} blocks for an entry; one that covers less than {minimum} is not \
         cached{most}. {refresh} the time to live."
    );
    let capped = answer.groups.iter().filter(|group| group.max_tokens.is_some());
    let most = answer.groups.iter().filter_map(|group| group.max_tokens).max();
    if let (Some(names), Some(most)) = (models(capped), most) {
        text.push_str(&format!(
            " Of {names} at most {} can be cached, and no tools by themselves: a marker that covers more is taken to cache \
             nothing, which AWS does not say.",
            count(most, "token", "tokens")
        ));
    }
    text
}

/// What the multiples are of.
fn rates(page: &CachingPage<'_>) -> String {
    let groups = &page.answer.groups;
    let mut text = format!(
        "Cost: list prices of {} as built in, no discount of a bill; output tokens are not in it.",
        page.prices_as_of
    );
    let of = |basis: RateBasis| models(groups.iter().filter(|group| group.basis == basis));
    if let Some(names) = of(RateBasis::OtherRegion) {
        text.push_str(&format!(" Of {names} the catalogue has no price in this region: that of us-east-1 counts."));
    }
    if let Some(names) = of(RateBasis::Multiples) {
        text.push_str(&format!(
            " Of {names} the catalogue lacks a price of caching: Claude's multiples of the input rate count (0.1 for a \
             read, 1.25 for a write of 5 or 30 minutes, 2 for one of an hour)."
        ));
    }
    if let Some(names) = of(RateBasis::Unpriced) {
        text.push_str(&format!(
            " Of {names} the catalogue has no price: Claude's multiples of the input rate count (0.1 for a read, 1.25 \
             for a write of 5 or 30 minutes, 2 for one of an hour){}.",
            if groups.len() > 1 { ", and in the total every token weighs the same" } else { "" }
        ));
    }
    if let Some(names) = unknown(page.answer) {
        text.push_str(&format!(
            " The catalogue does not know {names}: taken for a Claude model; --model says which. Inventory beside the \
             logs tells what inference profiles call."
        ));
    }
    text
}

/// Models that the catalogue does not know, each once; `None` where it knows all.
pub(super) fn unknown(answer: &WhatIfCaching) -> Option<String> {
    models(answer.groups.iter().filter(|group| !group.known))
}

/// What is plain input because it cannot be cached or is not known, and what is not in the figures at all.
fn left_out(page: &CachingPage<'_>) -> Vec<String> {
    let CachingPage { question, answer, .. } = page;
    let calls = &answer.calls;
    let mut notes = Vec::new();
    if calls.without_body > 0 {
        notes.push(format!(
            "{} without a readable body, or with images or documents in places to be marked, are plain input.",
            count(calls.without_body, "call", "calls")
        ));
    }
    let not_served = [
        (calls.failed, "that failed"),
        (calls.not_on_demand, "in batch or on dedicated capacity, where nothing is cached"),
    ];
    let not_served = not_served.iter().filter(|(calls, _)| *calls > 0);
    let not_served: Vec<String> =
        not_served.map(|(calls, why)| format!("{} {why}", count(*calls, "call", "calls"))).collect();
    if !not_served.is_empty() {
        notes.push(format!("Left out: {}.", not_served.join("; ")));
    }
    if let Some(names) = models(answer.groups.iter().filter(|group| group.min_tokens.is_none())) {
        notes.push(format!("{names}: no cache markers are offered, as far as the catalogue knows: plain input."));
    }
    let plain = calls.marked == 0 && question.placement != CachePlacement::Off;
    if plain {
        notes.push("No marker stands for a block of any call: nothing is cached.".to_owned());
    }
    notes
}

/// Whether the replay tells what the records do.
fn check(page: &CachingPage<'_>) -> Option<String> {
    let check = page.check()?;
    let off = percent(check.share_off());
    let tolerance = percent(TOLERANCE);
    Some(if check.share_off() <= TOLERANCE {
        format!(
            "Self-check: replay and records differ by {off} of the prompt tokens of calls with markers, within {tolerance}."
        )
    } else {
        format!(
            "Self-check failed: replay and records differ by {off} of the prompt tokens of calls with markers, above \
             {tolerance}. What is replayed here is not what the service did; other placements may be as far off."
        )
    })
}

/// Models of groups, each once; `None` of no group.
fn models<'a>(groups: impl Iterator<Item = &'a CachingGroup>) -> Option<String> {
    let names: BTreeSet<&str> = groups.map(|group| group.as_model.as_str()).collect();
    let mut shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| short(name, 120)).collect();
    if names.len() > MOST_NAMES {
        shown.push(count((names.len() - MOST_NAMES) as u64, "more model", "more models"));
    }
    (!shown.is_empty()).then(|| and(&shown))
}
