//! `lode whatif capacity`: what committed capacity would come to.

mod notes;
mod v1;
mod verdict;

use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use lode_model::{Loss, Money, Rejected, Term};
use lode_sim::capacity::{Curve, Point, Series};
use lode_sim::{CapacityOffer, CapacityPart, OfferedUnits, WhatIfCapacity};

use super::{and, room};
use crate::Look;
use crate::bill::{cell, draw};
use crate::text::{count, percent, short, whole};

pub use v1::{WhatIfCapacityV1, whatif_capacity_json, whatif_capacity_schema};

/// What was asked of committed capacity, and the answer.
#[derive(Clone, Copy, Debug)]
pub struct CapacityPage<'a> {
    /// The answer.
    pub answer: &'a WhatIfCapacity,
    /// Whether the prices of prompt and answer tokens are the user's.
    pub own_prices: [bool; 2],
    /// Whether the price of a unit is the user's.
    pub own_unit_price: bool,
    /// Rows of a table that could not be used, and files that broke off: the first.
    pub rejected: &'a [Rejected],
    /// How many more there are.
    pub rejected_more: u64,
    /// The day of the list prices.
    pub prices_as_of: Date,
}

impl CapacityPage<'_> {
    /// Rows that could not be used; a file that broke off is none.
    fn rejected_rows(&self) -> u64 {
        self.rejected.iter().filter(|rejected| rejected.loss == Loss::Row).count() as u64 + self.rejected_more
    }
}

/// Rows of a curve that a table has, about.
const ROWS: usize = 12;
/// Columns from which a table has more figures.
const WIDE: usize = 120;

/// The answer, for a terminal.
#[must_use]
pub fn whatif_capacity_table(page: &CapacityPage<'_>, look: Look) -> String {
    let answer = page.answer;
    let mut out = String::new();
    out.push_str(&look.wrap(&look.dim(&title(answer)), ""));
    out.push_str(&look.wrap(&look.strong(&verdict::verdict(answer)), ""));
    demand(&mut out, answer, look);
    together(&mut out, answer, look);
    for part in &answer.parts {
        offers(&mut out, answer, part, look);
        curve(&mut out, answer, part, look);
    }
    out.push('\n');
    for note in notes::notes(page) {
        out.push_str(&look.wrap(&note, ""));
    }
    out
}

fn title(answer: &WhatIfCapacity) -> String {
    let mut words = vec!["Committed capacity".to_owned()];
    words.extend(answer.model.as_ref().map(|model| short(model.as_str(), 120)));
    match &answer.pool {
        Some(pool) => words.push(short(&format!("{} · {}", pool.region, pool.account), 80)),
        None if answer.model.is_some() => words.push(short(answer.region.as_str(), 40)),
        None => {}
    }
    words.push(format!("{} to {} UTC", moment(answer.first), moment(end(answer))));
    words.join(" · ")
}

/// Seconds since 1970 at which the last bin ends.
fn end(answer: &WhatIfCapacity) -> i64 {
    let seconds = i64::try_from(answer.bins).unwrap_or(i64::MAX).saturating_mul(i64::from(answer.bin_seconds));
    answer.first.saturating_add(seconds)
}

/// `2026-10-05 14:03`, with seconds where there are any.
fn moment(second: i64) -> String {
    let Ok(time) = Timestamp::from_second(second) else { return second.to_string() };
    let time = Offset::UTC.to_datetime(time);
    let seconds = if time.second() == 0 { String::new() } else { format!(":{:02}", time.second()) };
    format!("{} {:02}:{:02}{seconds}", time.date(), time.hour(), time.minute())
}

/// ` of reserved input`, where there are several kinds.
const fn named(part: &CapacityPart) -> &'static str {
    match part.units {
        OfferedUnits::Model => "",
        OfferedUnits::ReservedInput => " of reserved input",
        OfferedUnits::ReservedOutput => " of reserved output",
    }
}

/// `1 unit`.
fn units(units: u32) -> String {
    count(u64::from(units), "unit", "units")
}

const fn words(term: Term) -> &'static str {
    match term {
        Term::NoCommitment => "no commitment",
        Term::OneMonth => "1 month",
        Term::ThreeMonths => "3 months",
        Term::SixMonths => "6 months",
    }
}

/// A figure of a demand.
type Figure = fn(&Series) -> u64;

/// The demand by bin.
fn demand(out: &mut String, answer: &WhatIfCapacity, look: Look) {
    let name = |part: &CapacityPart| match part.units {
        OfferedUnits::Model => "Prompt and answer",
        OfferedUnits::ReservedInput => "Prompt",
        OfferedUnits::ReservedOutput => "Answer",
    };
    let header: Vec<&str> = std::iter::once("").chain(answer.parts.iter().map(name)).collect();
    let rows: [(&str, Figure); 6] = [
        ("mean", Series::mean),
        ("p50", |series| series.p50),
        ("p90", |series| series.p90),
        ("p95", |series| series.p95),
        ("p99", |series| series.p99),
        ("most", |series| series.max),
    ];
    let figures =
        |of: Figure| -> Vec<String> { answer.parts.iter().map(|part| whole(i128::from(of(&part.series)))).collect() };
    let lines: Vec<Vec<String>> = rows.iter().map(|(_, of)| figures(*of)).collect();
    let room = room(&header, &lines, look).min(20);
    let heading = format!("Demand, tokens in {}: {}", bin(answer), count(answer.bins, "bin", "bins"));
    let _ = writeln!(out, "\n{}", look.heading(&heading));
    let records = rows.iter().zip(lines);
    let records = records.map(|((name, _), figures)| std::iter::once(cell(name, None, room)).chain(figures).collect());
    draw(out, &header, records, room);
}

/// `a minute`, or `300 seconds`.
fn bin(answer: &WhatIfCapacity) -> String {
    match answer.bin_seconds {
        60 => "a minute".to_owned(),
        3_600 => "an hour".to_owned(),
        seconds => count(u64::from(seconds), "second", "seconds"),
    }
}

/// Both parts of the Reserved tier, and their sum, which decides.
fn together(out: &mut String, answer: &WhatIfCapacity, look: Look) {
    let Some(best_cost) = answer.best_cost().filter(|_| answer.parts.len() > 1) else { return };
    let header = ["", "Units", "Cost $", "On demand $", "Saves"];
    let figures = |units: String, cost: Money, on_demand: Money| -> Vec<String> {
        let saves = percent((on_demand - cost).share_of(on_demand));
        vec![units, cost.to_string(), on_demand.to_string(), saves]
    };
    let of = |part: &CapacityPart| {
        let best = part.best()?;
        let name = named(part).strip_prefix(" of ").unwrap_or_default();
        Some((name, figures(whole(i128::from(best.units)), best.cost, part.on_demand)))
    };
    let mut rows: Vec<(&str, Vec<String>)> = answer.parts.iter().filter_map(of).collect();
    rows.push(("both", figures(String::new(), best_cost, answer.on_demand())));
    let (names, lines): (Vec<&str>, Vec<Vec<String>>) = rows.into_iter().unzip();
    let room = room(&header, &lines, look);
    let term = answer
        .parts
        .iter()
        .find_map(|part| part.offer()?.term)
        .map_or_else(String::new, |term| format!(", {}", words(term)));
    let _ = writeln!(out, "\n{}", look.heading(&format!("Reserved input and output together{term}")));
    let records = names.into_iter().zip(lines);
    let records = records.map(|(name, figures)| std::iter::once(cell(name, None, room)).chain(figures).collect());
    draw(out, &header, records, room);
}

/// The commitments compared.
fn offers(out: &mut String, answer: &WhatIfCapacity, part: &CapacityPart, look: Look) {
    if part.offers.len() == 1 && part.best().is_some() {
        return;
    }
    let known = part.best().is_some();
    let header: &[&str] = if known {
        &["", "Unit $/hour", "Best units", "Cost $"]
    } else {
        &["", "Unit $/hour", "Break-even tokens/minute"]
    };
    let figures = |offer: &CapacityOffer| -> Vec<String> {
        let mut figures = vec![price(offer.hourly)];
        match offer.best {
            Some(best) => figures.extend([whole(i128::from(best.units)), best.cost.to_string()]),
            None => figures.push(offer.break_even.map_or_else(|| "–".to_owned(), |tokens| whole(i128::from(tokens)))),
        }
        figures
    };
    let lines: Vec<Vec<String>> = part.offers.iter().map(figures).collect();
    let room = room(header, &lines, look);
    let _ = writeln!(out, "\n{}", look.heading(&format!("Commitments{}", of_part(answer, part))));
    let records = part.offers.iter().zip(lines).enumerate().map(|(place, (offer, figures))| {
        let name = offer.term.map_or("as given", words);
        let under = (known && place == part.chosen).then_some("the curve below");
        std::iter::once(cell(name, under, room)).chain(figures).collect()
    });
    draw(out, header, records, room);
}

/// `, reserved input`, where there are several kinds.
fn of_part(answer: &WhatIfCapacity, part: &CapacityPart) -> &'static str {
    match part.units {
        OfferedUnits::ReservedInput if answer.parts.len() > 1 => ", reserved input",
        OfferedUnits::ReservedOutput if answer.parts.len() > 1 => ", reserved output",
        _ => "",
    }
}

/// What numbers of units come to.
fn curve(out: &mut String, answer: &WhatIfCapacity, part: &CapacityPart, look: Look) {
    let (Some(curve), Some(best)) = (&part.curve, part.best()) else { return };
    // Of several, the sum decides: the number chosen need not cost least of its own.
    let several = answer.parts.len() > 1;
    let wide = look.width >= WIDE;
    let header: &[&str] = if wide {
        &["", "Tokens/minute", "Cost $", "Saves $", "Saves", "Utilisation", "Beyond the units"]
    } else {
        &["", "Cost $", "Saves", "Utilisation", "Beyond"]
    };
    let shown = points(curve, best, ROWS);
    let figures = |point: &Point| -> Vec<String> {
        let saves = part.on_demand - point.cost;
        let share = percent(saves.share_of(part.on_demand));
        let used = if point.units == 0 { "–".to_owned() } else { percent(point.utilisation) };
        let beyond = percent(point.overflow_share);
        if wide {
            let tokens = i128::from(point.units) * i128::from(part.unit_tokens.unwrap_or_default());
            vec![whole(tokens), point.cost.to_string(), saves.to_string(), share, used, beyond]
        } else {
            vec![point.cost.to_string(), share, used, beyond]
        }
    };
    let lines: Vec<Vec<String>> = shown.iter().map(figures).collect();
    let room = room(header, &lines, look);
    let (hourly, term) = part.offer().map_or((Money::ZERO, None), |offer| (offer.hourly, offer.term));
    let term = term.map_or_else(String::new, |term| format!(", {}", words(term)));
    let _ = writeln!(out, "\n{}", look.heading(&format!("Units{} at ${} an hour{term}", named(part), price(hourly))));
    let records = shown.iter().zip(lines).map(|(point, figures)| {
        let name = if point.units == 0 { "none: all on demand".to_owned() } else { units(point.units) };
        let name = match (point.units == best.units, several) {
            (true, true) => format!("{name}: chosen"),
            (true, false) => format!("{name}: least"),
            (false, _) => name,
        };
        std::iter::once(cell(&name, None, room)).chain(figures).collect()
    });
    draw(out, header, records, room);
}

/// An amount with the decimals it has, at least two.
fn price(money: Money) -> String {
    let text = money.to_decimal(6);
    let least = text.len().saturating_sub(4);
    let short = text.trim_end_matches('0').len().max(least);
    text.get(..short).unwrap_or(&text).to_owned()
}

/// At most so many points of a curve, evenly apart: none, the fewest, the most, the best and
/// its neighbours are among them.
fn points(curve: &Curve, best: Point, most: usize) -> Vec<Point> {
    let all: Vec<u32> = curve.units().collect();
    if all.len() <= most {
        return all.into_iter().map(|units| curve.point(units)).collect();
    }
    let even = most.saturating_sub(4).max(2);
    let mut places: Vec<usize> = (0..even).map(|step| step * (all.len() - 1) / (even - 1)).collect();
    let at = all.partition_point(|units| *units < best.units);
    places.extend([1, at.saturating_sub(1), at, (at + 1).min(all.len() - 1)]);
    places.sort_unstable();
    places.dedup();
    places.into_iter().filter_map(|place| Some(curve.point(*all.get(place)?))).collect()
}

#[cfg(test)]
mod tests {
    use lode_sim::capacity::{Load, Offer};

    use super::*;

    #[test]
    fn a_long_curve_keeps_its_ends_and_its_best() {
        // 5,000 minutes of 1 to 5,000 tokens, units of one token: the best is somewhere in the middle.
        let loads = (1..=5_000).map(|tokens| Load { tokens, cost: i128::from(tokens) * 1_000 });
        let curve = Curve::of(loads, 5_000, Offer { per_unit: 1, unit_cost: 2_500_000, least: 1 });
        let best = curve.best();
        assert_eq!(best.units, 2_500);
        for most in [12, 1_000, 4_999] {
            let shown = points(&curve, best, most);
            assert!(shown.len() <= most, "{most}: {}", shown.len());
            let units: Vec<u32> = shown.iter().map(|point| point.units).collect();
            assert!(units.windows(2).all(|pair| pair[0] < pair[1]));
            assert!([0, 1, 2_499, 2_500, 2_501, 5_000].iter().all(|kept| units.contains(kept)), "{most}: {units:?}");
        }
        assert_eq!(points(&curve, best, 5_001).len(), 5_001);
    }

    #[test]
    fn prices_keep_their_decimals() {
        let price = |text: &str| super::price(Money::parse(text).expect("money"));
        assert_eq!(["24", "21.18", "0.0594", "3.3"].map(price), ["24.00", "21.18", "0.0594", "3.30"]);
    }
}
