//! What a person must see of a commitment before it is made: the curve, what another volume or other days would cost, and
//! what could happen in its term.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::ToSpan;
use lode_engine::Context;
use lode_model::{CostCurve, CostPoint, Money, Note, PoolId, Ratio, Routing, Term, UnitKind};
use lode_sim::{PoolCase, PoolDemand, ReservedOffer, UnitOffer};

/// Points of a curve that are shown.
const SHOWN: usize = 8;
/// Points of a curve that are kept to be drawn.
const DRAWN: usize = 200;
/// Share of the hours from which units count as standing all the time. A curve prices units in every hour: of units that
/// are bought for runs it would show a multiple of what they cost.
const STANDS: f64 = 0.95;

type Notes = Vec<Note>;

/// Of model units: at the term that is bought, or would be.
pub(crate) fn of_units(cx: &Context<'_>, pool: &PoolId, case: &PoolCase) -> Notes {
    let offers = case.units.iter().filter_map(|offer| Some((offer.bought()?, offer)));
    let Some((_, offer)) = offers.min_by_key(|(point, offer)| (point.cost, point.units, offer.term)) else {
        return Vec::new();
    };
    let mut notes = vec![note("capacity.curve", offer, UnitKind::ModelUnit)];
    let others = case.units.iter().filter(|other| other.term != offer.term);
    let others: Vec<String> =
        others.filter_map(|other| Some(format!("{}: {}", other.term, at(other, other.bought()?.units)))).collect();
    if !others.is_empty() {
        notes.push(("capacity.other_terms", others.join("; ")).into());
    }
    notes.extend(risks(cx, pool, &[offer], offer.term).into_iter().map(Note::from));
    notes
}

/// Of the Reserved tier at one routing: the same of input and output.
pub(crate) fn of_reserved(cx: &Context<'_>, pool: &PoolId, case: &PoolCase, routing: Routing) -> Notes {
    let of = case.reserved.iter().filter(|offer| offer.routing == routing);
    let Some(ReservedOffer { term, input, output, .. }) = of.min_by_key(|offer| offer.bought().1) else {
        return Vec::new();
    };
    let mut notes = vec![
        note("capacity.curve_input", input, UnitKind::ReservedInput),
        note("capacity.curve_output", output, UnitKind::ReservedOutput),
    ];
    notes.extend(risks(cx, pool, &[input, output], *term).into_iter().map(Note::from));
    notes
}

/// Of model units in force, whose bill says all that there is to say: the curve alone, at their term where it has a price;
/// nothing where they stood for part of the time.
pub(crate) fn of_units_in_force(case: &PoolCase, term: Option<Term>, demand: &PoolDemand) -> Notes {
    if demand.stood.is_some_and(|stood| stood.share() < STANDS) {
        return Vec::new();
    }
    let offers = || case.units.iter().filter(|offer| offer.curve.is_some());
    let same = offers().find(|offer| Some(offer.term) == term);
    let Some(offer) = same.or_else(|| offers().min_by_key(|offer| offer.term)) else { return Vec::new() };
    let curve = figures(offer, UnitKind::ModelUnit, demand.units);
    let curve = curve.map(|curve| Arc::new(CostCurve { capacity_seen: !demand.per_unit_stated, ..curve }));
    vec![Note { name: "capacity.curve", text: String::new(), curve }]
}

/// A curve in words and as figures.
fn note(name: &'static str, offer: &UnitOffer, kind: UnitKind) -> Note {
    Note {
        name,
        text: format!("{}, {}", offer.term, curve(offer, kind.several())),
        curve: figures(offer, kind, None).map(Arc::new),
    }
}

/// A curve as figures.
fn figures(offer: &UnitOffer, kind: UnitKind, owned: Option<u32>) -> Option<CostCurve> {
    let curve = offer.curve.as_ref()?;
    let (best, bought) = (curve.best().units, offer.bought().map(|point| point.units));
    let all: Vec<u32> = curve.units().collect();
    let named = [Some(0), Some(best), bought, owned].into_iter().flatten();
    let points = thinned(&all, named).into_iter().map(|units| {
        let point = curve.point(units);
        let share = Ratio::from_f64;
        CostPoint { units, cost: point.cost, used: share(point.utilisation), beyond: share(point.overflow_share) }
    });
    Some(CostCurve {
        kind,
        term: offer.term,
        points: points.collect(),
        best,
        bought,
        owned,
        break_even: offer.break_even,
        capacity_seen: false,
    })
}

/// Of many numbers so many that are evenly apart, with the first, the last and those that are named; rising.
fn thinned(all: &[u32], named: impl Iterator<Item = u32>) -> BTreeSet<u32> {
    let last = all.len().saturating_sub(1);
    let steps = last.min(DRAWN - 1);
    let even = (0..=steps).filter_map(|step| all.get(step * last / steps.max(1)).copied());
    even.chain(named).collect()
}

/// A number of units in words: what it costs a month with what is beyond, and how it is used.
fn at(offer: &UnitOffer, units: u32) -> String {
    let Some(curve) = &offer.curve else { return String::new() };
    let point = curve.point(units);
    let (used, beyond) = (point.utilisation * 100.0, point.overflow_share * 100.0);
    let use_of = if units == 0 { String::new() } else { format!(" (used {used:.0} %, {beyond:.0} % beyond)") };
    format!("{units} cost ${} a month{use_of}", point.cost.to_decimal(2))
}

/// The curve around its best number, none and the cheapest purchase among the points.
fn curve(offer: &UnitOffer, what: &str) -> String {
    let Some(curve) = &offer.curve else { return String::new() };
    let (all, best): (Vec<u32>, u32) = (curve.units().collect(), curve.best().units);
    let bought = offer.bought().map_or(0, |point| point.units);
    let place = all.iter().position(|units| *units == bought.max(best)).unwrap_or_default();
    let from = place.saturating_sub(SHOWN / 2);
    let near = all.iter().skip(from).take(SHOWN).copied();
    let shown = std::iter::once(0).chain(near.filter(|units| *units > 0)).map(|units| at(offer, units));
    let answer = if best == 0 { "do not buy".to_owned() } else { format!("best {best}") };
    format!("{what}: {answer}; {}", shown.collect::<Vec<_>>().join("; "))
}

/// What could make the number that is bought the wrong one.
fn risks(cx: &Context<'_>, pool: &PoolId, offers: &[&UnitOffer], term: Term) -> Vec<(&'static str, String)> {
    let sum = |of: &dyn Fn(&UnitOffer, u32) -> Option<Money>| -> Money {
        offers.iter().filter_map(|offer| of(offer, offer.bought()?.units)).sum()
    };
    let volume =
        |place: usize| sum(&|offer, units| offer.at_other_volumes(units).get(place).map(|(_, regret)| *regret));
    let by_day = |worst: bool| {
        sum(&|offer, units| offer.over_days(units).map(|days| if worst { days.worst } else { days.mean }))
    };
    let usd = |money: Money| format!("${}", money.to_decimal(2));
    let mut notes = vec![(
        "capacity.regret",
        format!(
            "beyond the best number of each case, the cheapest purchase costs {} a month at 70 % of the volume and {} at 130 \
             %; a day {} on average and {} on the worst, since days differ",
            usd(volume(0)),
            usd(volume(1)),
            usd(by_day(false)),
            usd(by_day(true))
        ),
    )];
    // What the units answer would cost on demand, against what they cost.
    let answered = sum(&|offer, units| {
        let curve = offer.curve.as_ref()?;
        Some(curve.cost(0) - curve.cost(units) + units_cost(offer, units))
    });
    let paid = sum(&|offer, units| Some(units_cost(offer, units)));
    if answered > paid {
        let cut = 100.0 - paid.to_f64() / answered.to_f64() * 100.0;
        notes.push((
            "capacity.price_cut",
            format!("a cut of the on-demand price by {cut:.1} % within the term takes all of the saving"),
        ));
    }
    let months = match term {
        Term::NoCommitment => 0,
        Term::OneMonth => 1,
        Term::ThreeMonths => 3,
        Term::SixMonths => 6,
    };
    let lifecycle = cx.catalogue().model(&pool.model).map(|model| &model.lifecycle);
    let ends = lifecycle.and_then(|lifecycle| lifecycle.eol.or(lifecycle.eol_no_sooner_than));
    let over = cx.as_of().saturating_add(months.months());
    if let Some(day) = ends.filter(|day| *day <= over) {
        notes.push(("capacity.end_of_life", format!("the model may end on {day}, within the term")));
    }
    notes
}

/// What so many units cost a month by themselves.
fn units_cost(offer: &UnitOffer, units: u32) -> Money {
    Money::from_pico(offer.monthly.pico().saturating_mul(i128::from(units)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_is_thinned_evenly_and_keeps_what_is_named() {
        let few: Vec<u32> = vec![0, 5, 6, 7];
        assert_eq!(thinned(&few, [6].into_iter()), BTreeSet::from([0, 5, 6, 7]));
        assert_eq!(thinned(&[0], [0].into_iter()), BTreeSet::from([0]));
        // 0 and 100 to 2,088: 1,990 numbers, of which every tenth is kept.
        let many: Vec<u32> = std::iter::once(0).chain(100..=2_088).collect();
        let kept = thinned(&many, [0, 100, 1_003].into_iter());
        assert_eq!(kept.len(), 202, "200, and two that are named besides");
        assert!([0, 100, 1_003, 2_088].iter().all(|units| kept.contains(units)));
        assert_eq!(kept.range(101..130).copied().collect::<Vec<_>>(), [108, 118, 128]);
    }
}
