//! What the figures of committed capacity assume, and what stands behind them.

use lode_model::{Money, Term};
use lode_sim::{CapacityPart, CapacityPool, CapacityRegret, OfferedUnits, RateBasis};

use super::{CapacityPage, and, bin, named, price, units};
use crate::text::{count, short, usd, whole};

/// Pools in a sentence; more are a number.
const MOST_POOLS: usize = 3;

/// The sentences under the tables, and in JSON.
pub(super) fn notes(page: &CapacityPage<'_>) -> Vec<String> {
    let answer = page.answer;
    let mut notes = Vec::new();
    notes.extend(step(page));
    for part in &answer.parts {
        notes.extend(percentile(page, part));
    }
    notes.extend(regret(&answer.parts));
    for part in &answer.parts {
        notes.extend(break_even(part));
        notes.extend(capped(part));
    }
    notes.push(format!(
        "{} of {} each, from the first to the last, whole ones; idle bins count, in ranks (nearest rank) and in what units \
         cost. Figures are of this time, not of a month.",
        count(answer.bins, "bin", "bins"),
        count(u64::from(answer.bin_seconds), "second", "seconds")
    ));
    notes.push(format!(
        "What is beyond the units of a bin stays on demand, pro rata of its tokens. Within a bin demand is taken as even: \
         bursts shorter than {} spill over sooner.",
        bin(answer)
    ));
    notes.push(on_demand(page));
    notes.push(sold(page));
    notes.extend(left_out(page));
    notes.extend(others(&answer.others));
    notes
}

/// Rows further apart than a bin.
fn step(page: &CapacityPage<'_>) -> Option<String> {
    let step = page.answer.step.filter(|step| *step > u64::from(page.answer.bin_seconds))?;
    let bin = page.answer.bin_seconds;
    Some(format!(
        "Rows are {0} apart or more, and a bin is of {1}: each row is taken as what was asked for in one bin. If it is what \
         was asked for in {0}, give --bin-seconds {step}.",
        count(step, "second", "seconds"),
        count(u64::from(bin), "second", "seconds")
    ))
}

/// What a rank of the demand would have bought.
fn percentile(page: &CapacityPage<'_>, part: &CapacityPart) -> Option<String> {
    let (curve, best) = (part.curve.as_ref()?, part.best()?);
    let answers = u128::from(part.unit_tokens?) * u128::from(page.answer.bin_seconds);
    let wanted = (u128::from(part.series.p90) * 60).checked_div(answers).map(|whole| {
        let rest = (u128::from(part.series.p90) * 60) % answers;
        whole + u128::from(rest > 0)
    })?;
    let wanted = u32::try_from(wanted).ok().filter(|wanted| *wanted > 0 && *wanted != best.units)?;
    let point = curve.point(wanted);
    Some(format!(
        "To answer 90 % of the bins whole takes {}{}, which would cost {}: a unit is paid for in every bin.",
        units(wanted),
        named(part),
        usd(point.cost)
    ))
}

/// What the choice costs where demand is not as it was: of all parts together, since they are bought together. Nothing where
/// nothing is bought.
fn regret(parts: &[CapacityPart]) -> Option<String> {
    let chosen = |part: &CapacityPart| Some((named(part), part.best()?.units, part.regret.clone()?));
    let chosen: Vec<_> = parts.iter().map(chosen).collect::<Option<_>>()?;
    let (.., first) = chosen.first().filter(|_| chosen.iter().any(|(_, bought, _)| *bought > 0))?;
    let numbers = |of: &dyn Fn(u32, &CapacityRegret) -> Option<u32>| {
        let each = chosen.iter().filter_map(|(what, bought, regret)| Some((*what, of(*bought, regret)?)));
        let each: Vec<(&str, u32)> = each.collect();
        if each.iter().all(|(_, number)| *number == 0) {
            return "none".to_owned();
        }
        and(&each.iter().map(|(what, number)| format!("{}{what}", units(*number))).collect::<Vec<_>>())
    };
    let sum = |of: &dyn Fn(&CapacityRegret) -> Option<Money>| -> Money {
        chosen.iter().filter_map(|(.., regret)| of(regret)).sum()
    };
    let volumes = first.volumes.iter().enumerate().map(|(place, volume)| {
        format!(
            "at {} % of the volume {} above the best ({})",
            volume.percent,
            usd(sum(&|regret| Some(regret.volumes.get(place)?.regret))),
            numbers(&|_, regret| Some(regret.volumes.get(place)?.best_units))
        )
    });
    let volumes: Vec<String> = volumes.collect();
    let (mean, most) = (sum(&|regret| Some(regret.days.mean)), sum(&|regret| Some(regret.days.worst)));
    let worst = first.worst_day.filter(|_| !most.is_zero()).map_or_else(String::new, |day| format!(" on {day}"));
    Some(format!(
        "{} would cost {}. Against each UTC day's own best number {} {} a day more on average, {} at the worst{worst}.",
        numbers(&|bought, _| Some(bought)),
        volumes.join("; "),
        if chosen.len() > 1 { "they cost" } else { "it costs" },
        usd(mean),
        usd(most)
    ))
}

fn break_even(part: &CapacityPart) -> Option<String> {
    let offer = part.offer().filter(|offer| offer.best.is_some())?;
    let tokens = whole(i128::from(offer.break_even?));
    let answers = whole(i128::from(part.unit_tokens?));
    Some(format!(
        "A unit{} is worth its ${} an hour from {tokens} tokens a minute on, all the time; it answers {answers}.",
        named(part),
        price(offer.hourly)
    ))
}

fn capped(part: &CapacityPart) -> Option<String> {
    let curve = part.curve.as_ref().filter(|curve| curve.is_capped())?;
    let last = curve.units().last().unwrap_or_default();
    Some(format!("The busiest bin needs more than {}, where the curve ends: check what a unit answers.", units(last)))
}

/// Prices by the token.
fn on_demand(page: &CapacityPage<'_>) -> String {
    let answer = page.answer;
    let amounts = [("prompt", answer.input_price), ("answer", answer.output_price)];
    let said = |((what, price), own): (&(&str, Option<Money>), bool)| {
        let from = if own { "as given" } else { "list price" };
        price.map(|price| format!("${} per million {what} tokens ({from})", super::price(price)))
    };
    let said: Vec<String> = amounts.iter().zip(page.own_prices).filter_map(said).collect();
    let mut text = if said.is_empty() { "On demand".to_owned() } else { format!("On demand: {}", and(&said)) };
    if page.own_prices.contains(&false) {
        text.push_str(&format!("; list prices of {} as built in, no discount of a bill", page.prices_as_of));
    }
    text.push('.');
    if answer.pool.is_some() {
        text.push_str(
            " Each call counts at its own tier, routing and context band; what a cache reads and writes at its own rate.",
        );
    }
    match answer.basis {
        Some(RateBasis::OtherRegion) => {
            text.push_str(" The catalogue has no price in this region: that of us-east-1 counts.");
        }
        Some(RateBasis::Multiples) => text.push_str(
            " The catalogue lacks a price of caching: Claude's multiples of the input rate count (0.1 for a read, 1.25 for a \
             write of 5 or 30 minutes, 2 for one of an hour).",
        ),
        _ => {}
    }
    text
}

/// What is known of the units.
fn sold(page: &CapacityPage<'_>) -> String {
    let answer = page.answer;
    let reserved = answer.parts.iter().any(|part| part.units != OfferedUnits::Model);
    let mut text = if reserved {
        "Reserved tier: a unit is a thousand tokens a minute. Input and output are sold together, at least the minimum of each: \
         their sum decides. Prompt tokens written to a cache count, those read from one do \
         not: they are in no figure. What is beyond goes to Standard."
            .to_owned()
    } else {
        "Model units answer prompt and generated tokens alike; prompt tokens that a cache reads or writes on demand count in \
         full, since caching is not known to work on them. AWS publishes for no model what a unit answers: measure it."
            .to_owned()
    };
    let least: Vec<String> = answer
        .parts
        .iter()
        .filter(|part| part.least > 1)
        .map(|part| format!("{}{}", units(part.least), named(part)))
        .collect();
    if !least.is_empty() {
        text.push_str(&format!(" Sold are {} or more.", and(&least)));
    }
    let binds = |term: Option<Term>| term.is_some_and(|term| term != Term::NoCommitment);
    if answer.parts.iter().any(|part| part.offers.iter().any(|offer| binds(offer.term))) {
        text.push_str(" A commitment bills every hour of its term, also those after this time.");
    }
    if !page.own_unit_price {
        text.push_str(&format!(" Prices of units: list prices of {}.", page.prices_as_of));
    }
    text
}

/// What is not in the figures, and what is in them though it is not on demand.
fn left_out(page: &CapacityPage<'_>) -> Vec<String> {
    let calls = &page.answer.calls;
    let noun = if page.answer.pool.is_some() { ["call", "calls"] } else { ["row", "rows"] };
    let out = [
        (calls.failed, "that failed"),
        (calls.batch, "in batch"),
        (calls.outside, "outside of the time asked for"),
        (page.rejected_rows(), "that could not be used"),
    ];
    let out: Vec<String> = out
        .iter()
        .filter(|(calls, _)| *calls > 0)
        .map(|(calls, why)| format!("{} {why}", count(*calls, noun[0], noun[1])))
        .collect();
    let mut notes = Vec::new();
    if !out.is_empty() {
        notes.push(format!("Left out: {}.", out.join("; ")));
    }
    if calls.dedicated > 0 {
        notes.push(format!(
            "{} on dedicated capacity today: what they would cost on demand counts.",
            count(calls.dedicated, "call is", "calls are")
        ));
    }
    notes
}

/// Other pools of the input.
fn others(others: &[CapacityPool]) -> Option<String> {
    let named = |pool: &CapacityPool| {
        let place = short(&format!("{} in {}, account {}", pool.model, pool.region, pool.account), 160);
        format!("{place} ({})", count(pool.tokens, "token", "tokens"))
    };
    let mut said: Vec<String> = others.iter().take(MOST_POOLS).map(named).collect();
    let more = others.len().saturating_sub(MOST_POOLS);
    if more > 0 {
        said.push(format!("{} more", whole(more as i128)));
    }
    (!said.is_empty()).then(|| {
        format!(
            "Capacity serves one model in one account and region: here, of those with a price, the one with most tokens. Not in \
             the figures: {}. --model, --region and --account choose.",
            and(&said)
        )
    })
}
