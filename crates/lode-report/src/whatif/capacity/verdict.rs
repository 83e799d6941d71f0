//! What to do, in a few sentences.

use lode_model::{Money, Term};
use lode_sim::capacity::Point;
use lode_sim::{CapacityPart, WhatIfCapacity};

use super::{and, named, units, words};
use crate::text::{count, percent, usd};

/// Days from which on a demand speaks for itself: two weeks, as for evidence of a report.
const DAYS: u64 = 14;
const DAY: u64 = 86_400;

/// Whether to buy, and what is to be known of it before.
pub(super) fn verdict(answer: &WhatIfCapacity) -> String {
    let mut text = match answer.best_cost() {
        None => break_even(answer),
        Some(_) if answer.parts.iter().all(|part| part.best().is_none_or(|best| best.units == 0)) => leave(answer),
        Some(cost) => buy(answer, cost),
    };
    if answer.parts.iter().any(|part| part.offer().and_then(|offer| offer.term) == Some(Term::NoCommitment)) {
        text.push_str(" Units are held around the clock here; a unit without commitment can be had for hours only.");
    }
    text.push_str(&short(answer));
    text
}

/// What a unit has to answer, where that is not known.
fn break_even(answer: &WhatIfCapacity) -> String {
    let on_demand = usd(answer.on_demand());
    let offers = answer.parts.iter().flat_map(|part| &part.offers);
    match offers.filter_map(|offer| offer.break_even).min() {
        Some(tokens) => format!(
            "What a unit answers is not known. A unit is worth its price if it answers at least {} a minute, and if they are \
             asked for in every minute. On demand this time cost {on_demand}.",
            count(tokens, "token", "tokens")
        ),
        None => format!("No unit can be worth its price: the tokens of this time cost {on_demand} on demand."),
    }
}

/// Nothing is worth it.
fn leave(answer: &WhatIfCapacity) -> String {
    let nearest: Option<Vec<Point>> = answer.parts.iter().map(|part| part.curve.as_ref()?.best_bought()).collect();
    let nearest = nearest.map_or_else(String::new, |points| {
        let cost = points.iter().map(|point| point.cost).sum();
        format!(" The nearest, {}, would cost {}.", bought(&answer.parts, &points), usd(cost))
    });
    let (what, numbers) = if answer.parts.len() > 1 {
        (" the Reserved tier", "no numbers of input and output units, which are sold together, cost")
    } else {
        ("", "no number of units costs")
    };
    format!("Do not buy{what}: {numbers} less than the {} on demand.{nearest}", usd(answer.on_demand()))
}

/// Something is.
fn buy(answer: &WhatIfCapacity, cost: Money) -> String {
    let on_demand = answer.on_demand();
    let best: Vec<Point> = answer.parts.iter().filter_map(CapacityPart::best).collect();
    let term = answer.parts.iter().find_map(|part| part.offer()?.term);
    let term = term.map_or_else(String::new, |term| format!(" ({})", words(term)));
    format!(
        "Buy {}{term}: {} in place of {} on demand, {} less.",
        bought(&answer.parts, &best),
        usd(cost),
        usd(on_demand),
        percent((on_demand - cost).share_of(on_demand))
    )
}

/// `200 units of reserved input and 10 units of reserved output`.
fn bought(parts: &[CapacityPart], points: &[Point]) -> String {
    let each = parts.iter().zip(points).map(|(part, point)| format!("{}{}", units(point.units), named(part)));
    and(&each.collect::<Vec<_>>())
}

/// That the time covered is short, where it is.
fn short(answer: &WhatIfCapacity) -> String {
    let days = answer.bins.saturating_mul(u64::from(answer.bin_seconds)) / DAY;
    match days {
        DAYS.. => String::new(),
        0 => format!(" This is of less than 1 day; {DAYS} days or more say what is usual."),
        days => format!(" This is of {}; {DAYS} days or more say what is usual.", count(days, "day", "days")),
    }
}
