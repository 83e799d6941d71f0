//! Units on sale, held against the demand.

use std::collections::BTreeMap;

use lode_model::{
    AccountId, BillingSource, Class, ContextBand, Mode, ModelId, Money, PriceKey, Rate, Region, Routing, Term,
};
use lode_prices::Catalogue;

use super::bins::Bin;
use super::regret::regrets;
use super::{CapacityError, CapacityOffer, CapacityPart, CapacityQuestion, OfferedUnits};
use crate::capacity::{Curve, Load, Offer, Point, Series, break_even};
use crate::list_rates::TOKENS;

/// Tokens a minute of a reserved unit: it is priced by the thousand (AWS' page of service tiers, copy of 2026-10).
const RESERVED_UNIT: u64 = 1_000;
const HOUR: i128 = 3_600;

/// The time covered.
pub(super) struct Covered<'a> {
    pub(super) bins: &'a BTreeMap<i64, Bin>,
    /// The first bin.
    pub(super) start: i64,
    /// The one after the last.
    pub(super) end: i64,
    /// Seconds of a bin.
    pub(super) seconds: u32,
}

impl Covered<'_> {
    pub(super) const fn count(&self) -> u64 {
        self.end.abs_diff(self.start)
    }

    /// What a unit costs over so many bins.
    pub(super) fn unit_cost(&self, hourly: Money, bins: u64) -> Money {
        let seconds = i128::from(bins) * i128::from(self.seconds);
        Rate::new(hourly, HOUR).map_or(Money::ZERO, |rate| rate.cost(seconds, 1))
    }
}

/// Who sells what.
pub(super) struct Seller<'a> {
    pub(super) question: &'a CapacityQuestion,
    pub(super) catalogue: &'a Catalogue,
    pub(super) model: Option<&'a ModelId>,
    pub(super) region: &'a Region,
    /// Whether every call goes through a `global.` profile.
    pub(super) global: bool,
}

impl Seller<'_> {
    /// What one unit costs an hour.
    fn price(&self, mode: Mode, class: Class) -> Option<Money> {
        let key = PriceKey {
            account: AccountId::from(""),
            region: self.region.clone(),
            model: self.model?.clone(),
            routing: if self.global && mode == Mode::Reserved { Routing::Global } else { Routing::Regional },
            mode,
            band: ContextBand::Standard,
            class,
            source: BillingSource::AmazonBedrock,
            custom: false,
        };
        Some(self.catalogue.list_price(&key).ok()?.rate.per(1_000_000))
    }

    /// The commitments asked for that have a price, the shortest first.
    fn prices(&self, mode: Mode, class: fn(Term) -> Class) -> Vec<(Option<Term>, Money)> {
        let asked = |term: &&Term| self.question.term.is_none_or(|asked| asked == **term);
        let priced = |term: &Term| Some((Some(*term), self.price(mode, class(*term))?));
        Term::ALL.iter().filter(asked).filter_map(priced).collect()
    }

    /// The commitments with a price, asked for or not.
    fn terms(&self, mode: Mode, class: fn(Term) -> Class) -> Vec<Term> {
        Term::ALL.iter().copied().filter(|term| self.price(mode, class(*term)).is_some()).collect()
    }

    fn model_units(&self) -> Result<Vec<(Option<Term>, Money)>, CapacityError> {
        if let Some(own) = self.question.unit_price {
            return Ok(vec![(self.question.term, own)]);
        }
        let prices = self.prices(Mode::Provisioned, Class::ModelUnitHour);
        if !prices.is_empty() {
            return Ok(prices);
        }
        let info = self.model.and_then(|model| self.catalogue.model(model));
        let sold = info.and_then(|info| info.provisioned.as_ref());
        Err(CapacityError::NoUnitPrice {
            model: self.model.cloned(),
            region: self.region.clone(),
            terms: self.terms(Mode::Provisioned, Class::ModelUnitHour),
            regions: sold.iter().flat_map(|sold| sold.rates.keys()).map(ToString::to_string).collect(),
        })
    }
}

/// One kind of units.
struct Wanted {
    units: OfferedUnits,
    unit_tokens: Option<u64>,
    least: u32,
    prices: Vec<(Option<Term>, Money)>,
    loads: fn(&Bin) -> (u64, i128),
}

/// Every kind of units, with the commitment that costs least for all of them together.
pub(super) fn parts(seller: &Seller<'_>, covered: &Covered<'_>) -> Result<Vec<CapacityPart>, CapacityError> {
    let question = seller.question;
    let wanted = if question.reserved {
        let reserved = |units, class: fn(Term) -> Class, minimum: u64, loads| {
            let prices = seller.prices(Mode::Reserved, class);
            let least = minimum.div_ceil(RESERVED_UNIT);
            let least = question.least.unwrap_or_else(|| u32::try_from(least).unwrap_or(u32::MAX));
            Wanted { units, unit_tokens: Some(RESERVED_UNIT), least, prices, loads }
        };
        let minimum = seller.model.and_then(|model| seller.catalogue.model(model)?.reserved_minimum());
        let [input, output] = minimum.unwrap_or_default();
        let parts = vec![
            reserved(OfferedUnits::ReservedInput, Class::ReservedInputTpmHour, input, |bin| {
                (bin.input, bin.input_cost)
            }),
            reserved(OfferedUnits::ReservedOutput, Class::ReservedOutputTpmHour, output, |bin| {
                (bin.output, bin.output_cost)
            }),
        ];
        if parts.iter().any(|part| part.prices.is_empty()) {
            let terms = seller.terms(Mode::Reserved, Class::ReservedInputTpmHour);
            return Err(CapacityError::NotReserved { model: seller.model.cloned(), terms });
        }
        parts
    } else {
        let known = || question.known_units.get(seller.model?).copied();
        vec![Wanted {
            units: OfferedUnits::Model,
            unit_tokens: question.unit_tokens.or_else(known),
            least: question.least.unwrap_or(1),
            prices: seller.model_units()?,
            loads: |bin| (bin.tokens(), bin.input_cost.saturating_add(bin.read_cost).saturating_add(bin.output_cost)),
        }]
    };
    let (mut parts, mut sold): (Vec<CapacityPart>, Vec<Sold>) =
        wanted.into_iter().map(|wanted| part(wanted, covered)).unzip();
    for place in 0..offers(&parts) {
        let curves: Option<Vec<&Curve>> = sold.iter().map(|sold| sold.curves.get(place)).collect();
        let Some(best) = curves.map(|curves| best(&curves)) else { continue };
        for (part, best) in parts.iter_mut().zip(best) {
            part.offers.iter_mut().skip(place).take(1).for_each(|offer| offer.best = Some(best));
        }
    }
    let chosen = cheapest(&parts);
    parts.iter_mut().for_each(|part| part.chosen = chosen);
    let regrets = regrets(&parts, &sold, covered).unwrap_or_default();
    for (part, regret) in parts.iter_mut().zip(regrets) {
        part.regret = Some(regret);
    }
    for (part, sold) in parts.iter_mut().zip(&mut sold) {
        part.curve = (chosen < sold.curves.len()).then(|| sold.curves.swap_remove(chosen));
    }
    Ok(parts)
}

/// The best number of each kind. All kinds are bought or none is: of the Reserved tier AWS sells input and output together,
/// at least the minimum of both (AWS' page of service tiers, copy of 2026-10). So the sum decides, and among purchases each
/// kind has its own cheapest number.
pub(super) fn best(curves: &[&Curve]) -> Vec<Point> {
    let none = || curves.iter().map(|curve| curve.point(0)).collect();
    let bought: Option<Vec<Point>> = curves.iter().map(|curve| curve.best_bought()).collect();
    let Some(bought) = bought else { return none() };
    let none: Vec<Point> = none();
    let sum = |points: &[Point]| points.iter().map(|point| point.cost).sum::<Money>();
    // A pico-dollar each is as exact as a cost is.
    let same = Money::from_pico(sum(&bought).pico().saturating_add(curves.len() as i128));
    if sum(&none) <= same { none } else { bought }
}

/// Commitments that every kind has.
fn offers(parts: &[CapacityPart]) -> usize {
    parts.iter().map(|part| part.offers.len()).min().unwrap_or_default()
}

/// The commitment under which the best numbers of units cost least together; then with the fewest units, then with the
/// cheapest ones.
fn cheapest(parts: &[CapacityPart]) -> usize {
    let key = |place: &usize| {
        let mut key = (Money::ZERO, 0_u64, Money::ZERO);
        for offer in parts.iter().filter_map(|part| part.offers.get(*place)) {
            key.0 += offer.best.map_or(Money::ZERO, |best| best.cost);
            key.1 += offer.best.map_or(0, |best| u64::from(best.units));
            key.2 += offer.hourly;
        }
        key
    };
    (0..offers(parts)).min_by_key(key).unwrap_or_default()
}

/// What is kept of the units to compare them.
pub(super) struct Sold {
    /// By bin; tokens in whole parts of what a unit answers a bin.
    pub(super) loads: Vec<(i64, Load)>,
    /// Without its price.
    pub(super) offer: Offer,
    /// By commitment; none where what a unit answers is not known.
    pub(super) curves: Vec<Curve>,
}

fn part(wanted: Wanted, covered: &Covered<'_>) -> (CapacityPart, Sold) {
    // A unit answers so many tokens a minute, and a bin may be no whole number of minutes: both are counted in parts.
    let shared = gcd(60, u64::from(covered.seconds));
    let (times, answers) = (60 / shared, u64::from(covered.seconds) / shared);
    let of = |(bin, demand): (&i64, &Bin)| {
        let (tokens, cost) = (wanted.loads)(demand);
        (*bin, tokens, pico(cost))
    };
    let demand: Vec<(i64, u64, i128)> = covered.bins.iter().map(of).collect();
    let on_demand = Money::from_pico(demand.iter().fold(0, |sum: i128, (.., cost)| sum.saturating_add(*cost)));
    let tokens = demand.iter().fold(0, |sum: u64, (_, tokens, _)| sum.saturating_add(*tokens));
    let blended = Load { tokens, cost: on_demand.pico() };
    let load =
        |(bin, tokens, cost): &(i64, u64, i128)| (*bin, Load { tokens: tokens.saturating_mul(times), cost: *cost });
    let loads: Vec<(i64, Load)> = demand.iter().map(load).collect();
    let per_unit = wanted.unit_tokens.unwrap_or_default().saturating_mul(answers);
    let offer = Offer { per_unit, unit_cost: 0, least: wanted.least };
    let mut sold = Sold { loads, offer, curves: Vec::new() };
    let mut offers = Vec::new();
    for (term, hourly) in wanted.prices {
        let unit_cost = covered.unit_cost(hourly, covered.count()).pico();
        if wanted.unit_tokens.is_some() {
            sold.curves.push(sold.curve(covered, Offer { unit_cost, ..offer }, 100));
        }
        offers.push(CapacityOffer { term, hourly, break_even: break_even(hourly, 60, blended), best: None });
    }
    let part = CapacityPart {
        units: wanted.units,
        series: Series::of(demand.iter().map(|(_, tokens, _)| *tokens), covered.count()),
        on_demand,
        unit_tokens: wanted.unit_tokens,
        least: wanted.least,
        offers,
        chosen: 0,
        curve: None,
        regret: None,
    };
    (part, sold)
}

impl Sold {
    /// What numbers of units cost at a volume in per cent.
    pub(super) fn curve(&self, covered: &Covered<'_>, offer: Offer, percent: u32) -> Curve {
        Curve::at_percent(self.loads.iter().map(|(_, load)| *load), covered.count(), offer, percent)
    }
}

/// Pico-dollars of tokens times pico-dollars for a million, rounded half up.
const fn pico(cost: i128) -> i128 {
    cost.saturating_add(TOKENS / 2).div_euclid(TOKENS)
}

const fn gcd(left: u64, right: u64) -> u64 {
    let (mut a, mut b) = (left, right);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { 1 } else { a }
}
