//! The case for or against capacity of a pool: what every number of units costs a month, at every term on sale, beside what
//! they leave on demand. The simulator's own state decides a saving; this tells which number to ask it for, and shows the
//! curve. Tokens are those of the logs.

use std::collections::BTreeMap;

use lode_model::{Edit, Money, Owner, PoolId, Rate, Reserved, Routing, Selector, Term, Unit};

use crate::apply::Simulator;
use crate::calls::Combo;
use crate::capacity::{Curve, Day, Load, Offer, OverDays, Point, Series, break_even, over_days};
use crate::cluster::Snapshot;
use crate::commitment::{MONTH, RESERVED_STEP};
use crate::group::{CLASSES, Pool, Sums};
use crate::{Projection, State};

const MINUTES_OF_DAY: u64 = 24 * 60;
/// Volumes, in per cent, at which a number of units is held against the best.
const VOLUMES: [u32; 2] = [70, 130];

/// What capacity of a pool would come to.
#[derive(Clone, Debug)]
pub struct PoolCase {
    /// Tokens that units would have to answer, by minute of the counted days.
    pub series: Series,
    /// What those tokens cost on demand, dollars a month.
    pub on_demand: Money,
    /// Tokens of the second half of the counted days over those of the first, minus one; `None` without tokens in the
    /// first.
    pub growth: Option<f64>,
    /// Model units by term; none where they have no price.
    pub units: Vec<UnitOffer>,
    /// The Reserved tier by routing and term.
    pub reserved: Vec<ReservedOffer>,
}

/// One kind of unit at one term.
#[derive(Clone, Debug)]
pub struct UnitOffer {
    /// How long it is bought for.
    pub term: Term,
    /// Dollars of one unit a month of 730 hours.
    pub monthly: Money,
    /// Tokens a minute that one unit has to answer, all the time, to be worth it; `None` where nothing is asked.
    pub break_even: Option<u64>,
    /// What every number costs; `None` where what a unit answers is not known.
    pub curve: Option<Curve>,
    /// The demand by day, for [`UnitOffer::over_days`].
    loads: Loads,
    per_unit: u64,
    least: u32,
}

/// The Reserved tier at one routing and term.
#[derive(Clone, Debug)]
pub struct ReservedOffer {
    /// The routing of the calls it serves.
    pub routing: Routing,
    /// How long it is bought for.
    pub term: Term,
    /// Thousands of input tokens a minute.
    pub input: UnitOffer,
    /// Thousands of output tokens a minute.
    pub output: UnitOffer,
}

/// Minutes with any token: day of the window, and what it asks for, dollars as a month counts them.
type Loads = Vec<(usize, Load)>;

/// What one owner asks for in a minute, priced alike: its place, the combo, and tokens by class.
type Asked = (usize, Combo, Sums);

impl UnitOffer {
    /// The number that costs least; 0 says: do not buy.
    #[must_use]
    pub fn best(&self) -> Option<Point> {
        self.curve.as_ref().map(Curve::best)
    }

    /// The cheapest number above 0.
    #[must_use]
    pub fn bought(&self) -> Option<Point> {
        let curve = self.curve.as_ref()?;
        let least = curve.units().filter(|units| *units > 0).min_by_key(|units| (curve.cost(*units), *units));
        Some(curve.point(least?))
    }

    /// What so many units cost a month beyond the best number, were the volume 70 or 130 per cent.
    #[must_use]
    pub fn at_other_volumes(&self, units: u32) -> [(u32, Money); 2] {
        let offer = self.offer(self.monthly);
        let minutes = self.curve.as_ref().map_or(0, Curve::minutes);
        VOLUMES.map(|percent| {
            let loads = self.loads.iter().map(|(_, load)| *load);
            (percent, Curve::at_percent(loads, minutes, offer, percent).regret(units))
        })
    }

    /// What so many units cost beyond each day's own best number, a month's worth of such days.
    #[must_use]
    pub fn over_days(&self, units: u32) -> Option<OverDays> {
        let days = self.curve.as_ref().map_or(0, Curve::minutes) / MINUTES_OF_DAY;
        let daily = Rate::new(self.monthly, i128::from(days.max(1)))?.cost(1, 1);
        let mut by_day: BTreeMap<usize, Vec<Load>> = BTreeMap::new();
        for (day, load) in &self.loads {
            by_day.entry(*day).or_default().push(*load);
        }
        let day = |loads| Day { loads, minutes: MINUTES_OF_DAY, unit_cost: daily };
        let busy = by_day.values().map(|loads| day(&loads[..]));
        let idle = usize::try_from(days).unwrap_or(0).saturating_sub(by_day.len());
        over_days(busy.chain(std::iter::repeat_n(day(&[]), idle)), self.offer(daily), units)
    }

    fn offer(&self, cost: Money) -> Offer {
        Offer { per_unit: self.per_unit, unit_cost: cost.pico(), least: self.least }
    }
}

impl ReservedOffer {
    /// What to buy where something is bought, and what it costs a month with what is beyond: of input and of output the
    /// cheapest amount, each at least the least that is sold, since AWS asks for both.
    #[must_use]
    pub fn bought(&self) -> (Reserved, Money) {
        let [input, output] = [&self.input, &self.output].map(UnitOffer::bought);
        let units = |point: Option<Point>| point.map_or(0, |point| point.units);
        let cost = |point: Option<Point>| point.map_or(Money::ZERO, |point| point.cost);
        let held = Reserved { input: units(input), output: units(output), term: self.term };
        (held, cost(input) + cost(output))
    }
}

impl PoolCase {
    /// The case of a pool in a state, whatever the state holds of it; `None` without calls.
    #[must_use]
    pub fn of(simulator: &Simulator<'_>, state: &State, id: &PoolId) -> Option<Self> {
        let estate = simulator.estate();
        let owner = Owner::Pool(id.clone());
        let cluster = estate.demand.cluster(&id.account, &id.region)?;
        let only = estate.demand.of(&owner).map(|(_, place)| place);
        let mut free = state.without_pool(id);
        if only.is_some() {
            // Calls that units in force serve, as they would be on demand.
            let edits = vec![Edit::Commitment { units: Some(0), term: None }];
            free = free.with_edit(&owner, (Selector::all(owner.clone()), edits));
        }
        let snapshot = Snapshot::of(estate, &free, cluster);
        let projection = Projection::of(&estate.window);
        let mut rates: BTreeMap<(usize, Combo), [Option<Rate>; CLASSES.len()]> = BTreeMap::new();
        let mut minutes: BTreeMap<(usize, i64), Vec<Asked>> = BTreeMap::new();
        snapshot.each_call(&id.model, |place, combo, second, day, counts| {
            let all = minutes.entry((day, second.div_euclid(60))).or_default();
            match all.iter_mut().find(|(owner, known, _)| *owner == place && known == combo) {
                Some((_, _, sums)) => {
                    sums.iter_mut().zip(counts).for_each(|(sum, more)| *sum = sum.saturating_add(more))
                }
                None => all.push((place, combo.clone(), counts)),
            }
            rates.entry((place, combo.clone())).or_insert_with(|| {
                let billed = State::charges_billed(estate, snapshot.owner(place));
                std::array::from_fn(|class| {
                    let price = snapshot.price(&billed, combo, &CLASSES[class], simulator.new_rates());
                    price.ok().map(|(_, quote)| quote.rate)
                })
            });
        });
        // The loads that one of a pool's capacities would have; `None` where a price of a token is not known.
        let loads = |pool: Pool, which: usize| -> Option<Loads> {
            let mut loads = Loads::new();
            for ((day, _), parts) in &minutes {
                let (mut tokens, mut cost) = (0u64, Money::ZERO);
                for (place, combo, counts) in parts.iter().filter(|(place, combo, _)| pool.serves(*place, combo)) {
                    let known = &rates[&(*place, combo.clone())];
                    for class in (0..CLASSES.len()).filter(|class| pool.is_taken_by(which, *class)) {
                        if counts[class] > 0 {
                            cost += known[class]?.cost(i128::from(counts[class]), 1);
                        }
                    }
                    tokens = tokens.saturating_add(pool.demand(counts)[which]);
                }
                if let Some(cost) = projection.of_day(*day, cost).filter(|_| tokens > 0) {
                    loads.push((*day, Load { tokens, cost: cost.pico() }));
                }
            }
            Some(loads)
        };
        let counted = u64::try_from(projection.counted_days()).unwrap_or(0) * MINUTES_OF_DAY;
        let offer = |loads: &Loads, rate: Rate, per_unit: Option<u64>, least: u32, term: Term| {
            let monthly = rate.cost(MONTH * Unit::MicroHour.steps(), 1);
            let offer = Offer { per_unit: per_unit.unwrap_or_default(), unit_cost: monthly.pico(), least };
            let all = loads.iter().fold(Load::default(), |all, (_, load)| Load {
                tokens: all.tokens.saturating_add(load.tokens),
                cost: all.cost + load.cost,
            });
            UnitOffer {
                term,
                monthly,
                break_even: break_even(monthly, counted, all),
                curve: per_unit.map(|_| Curve::of(loads.iter().map(|(_, load)| *load), counted, offer)),
                loads: loads.clone(),
                per_unit: offer.per_unit,
                least,
            }
        };
        let units = Pool::Units { per_minute: 0, only };
        let of_units = loads(units, 0)?;
        let per_unit = simulator.capacity(id);
        let today =
            State::charges_billed(estate, &owner).into_iter().find(|c| c.key.class.is_standing()).map(|c| c.key);
        let priced = |term: &Term| Some((*term, simulator.unit_quote(id, *term, today.as_ref()).ok()?.1.rate));
        let terms = [Term::NoCommitment, Term::OneMonth, Term::SixMonths];
        let minimum = estate.prices.catalogue().model(&id.model).and_then(|info| info.reserved_minimum());
        let [least_in, least_out] =
            minimum.unwrap_or_default().map(|tokens| u32::try_from(tokens.div_ceil(RESERVED_STEP)).unwrap_or(u32::MAX));
        let mut reserved = Vec::new();
        for routing in [Routing::Regional, Routing::Global] {
            let pool = Pool::Reserved { routing, per_minute: [0, 0] };
            let (Some(input), Some(output)) = (loads(pool, 0), loads(pool, 1)) else { continue };
            if input.is_empty() && output.is_empty() {
                continue;
            }
            for term in [Term::OneMonth, Term::ThreeMonths] {
                let Ok([price_in, price_out]) = simulator.reserved_quotes(id, routing, term) else { continue };
                reserved.push(ReservedOffer {
                    routing,
                    term,
                    input: offer(&input, price_in.1.rate, Some(RESERVED_STEP), least_in, term),
                    output: offer(&output, price_out.1.rate, Some(RESERVED_STEP), least_out, term),
                });
            }
        }
        Some(Self {
            growth: growth(&of_units, estate.window.days()),
            series: Series::of(of_units.iter().map(|(_, load)| load.tokens), counted),
            on_demand: Money::from_pico(of_units.iter().map(|(_, load)| load.cost).sum()),
            units: terms
                .iter()
                .filter_map(priced)
                .map(|(term, rate)| offer(&of_units, rate, per_unit, 1, term))
                .collect(),
            reserved,
        })
    }
}

/// How much more tokens the second half of the days has than the first.
#[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
fn growth(loads: &Loads, days: usize) -> Option<f64> {
    let sum = |later: bool| -> u128 {
        let half = loads.iter().filter(|(day, _)| (*day >= days.div_ceil(2)) == later);
        half.map(|(_, load)| u128::from(load.tokens)).sum()
    };
    let (first, second) = (sum(false), sum(true));
    (days > 1 && first > 0).then(|| second as f64 / first as f64 - 1.0)
}
