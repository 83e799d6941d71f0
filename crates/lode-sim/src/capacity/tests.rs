//! The curve by hand, against every number of units minute by minute, and at the ends of what it takes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A dollar in pico-dollars.
const USD: i128 = 1_000_000_000_000;

/// The least common multiple of 1 to 40: of minutes of up to so many tokens, every cost is a whole number of its parts.
const PARTS: i128 = 5_342_931_457_063_200;

fn usd(text: &str) -> Money {
    Money::parse(text).expect("an amount")
}

fn load(tokens: u64, cost: i128) -> Load {
    Load { tokens, cost }
}

/// Eight minutes of 1,000 tokens and two of 4,000, at $1 per 1,000 tokens.
fn mostly_flat() -> Vec<Load> {
    let flat = std::iter::repeat_n(load(1_000, USD), 8);
    flat.chain(std::iter::repeat_n(load(4_000, 4 * USD), 2)).collect()
}

const FIVE_DOLLARS: Offer = Offer { per_unit: 1_000, unit_cost: 5 * USD, least: 1 };

#[test]
fn a_percentile_buys_four_units_where_one_costs_least() {
    let series = Series::of(mostly_flat().iter().map(|load| load.tokens), 10);
    assert_eq!(series.p90, 4_000, "four units answer 90 % of the minutes");

    // $16 on demand. One unit: $5 and the $6 of 3,000 tokens in two minutes. Each further one saves $2 and costs $5.
    let curve = Curve::of(mostly_flat(), 10, FIVE_DOLLARS);
    let costs: Vec<(u32, Money)> = curve.points().map(|point| (point.units, point.cost)).collect();
    assert_eq!(costs, [(0, usd("16")), (1, usd("11")), (2, usd("14")), (3, usd("17")), (4, usd("20"))]);
    let best = curve.best();
    assert_eq!(best, Point { units: 1, cost: usd("11"), utilisation: 1.0, overflow_share: 0.375 });
    let four = curve.point(4);
    assert_eq!((four.utilisation, four.overflow_share), (0.4, 0.0));
    assert_eq!(curve.regret(4), usd("9"));
    assert_eq!(curve.regret(1), Money::ZERO);
}

#[test]
fn idle_minutes_count_and_fewer_than_are_sold_cannot_be_bought() {
    // The same calls in 20 minutes: utilisation halves.
    assert_eq!(Curve::of(mostly_flat(), 20, FIVE_DOLLARS).point(1).utilisation, 0.5);
    // Three at least: $17, more than nothing bought at all.
    let three = Curve::of(mostly_flat(), 10, Offer { least: 3, ..FIVE_DOLLARS });
    assert_eq!(three.units().collect::<Vec<_>>(), [0, 3, 4]);
    assert_eq!((three.best().units, three.best().cost), (0, usd("16")));
    // Six at least, more than the busiest minute needs, are on offer all the same: at 10 cents each, 60 cents.
    let six = Curve::of(mostly_flat(), 10, Offer { least: 6, unit_cost: USD / 10, ..FIVE_DOLLARS });
    assert_eq!((six.best().units, six.best().cost), (6, usd("0.6")));
}

#[test]
fn of_equal_costs_the_fewest_units_are_best() {
    // A unit costs just what it saves: ten minutes of 1,000 tokens at $1.
    let curve = Curve::of(vec![load(1_000, USD); 10], 10, Offer { unit_cost: 10 * USD, ..FIVE_DOLLARS });
    assert_eq!((curve.cost(0), curve.cost(1)), (usd("10"), usd("10")));
    assert_eq!(curve.best().units, 0);
    // The same with thirds of a pico-dollar a token, which no fraction of two holds.
    let thirds = Curve::of(vec![load(3, 1); 3], 3, Offer { per_unit: 1, unit_cost: 1, least: 1 });
    assert_eq!(thirds.points().map(|point| point.cost.pico()).collect::<Vec<_>>(), [3, 3, 3, 3]);
    assert_eq!(thirds.best().units, 0);
}

#[test]
fn a_year_of_thirds_adds_up() {
    // Each minute is beyond one unit by two of its three tokens, at a third of a pico-dollar each.
    let year = 365 * 24 * 60;
    let curve = Curve::of(std::iter::repeat_n(load(3, 1), year), 0, Offer { per_unit: 1, unit_cost: 0, least: 1 });
    assert_eq!((curve.cost(1).pico(), curve.cost(2).pico(), curve.cost(3).pico()), (350_400, 175_200, 0));
}

#[test]
fn another_volume_is_another_series() {
    let curve = |percent| Curve::at_percent(mostly_flat(), 10, FIVE_DOLLARS, percent);
    // 0.7: eight minutes of 700 at $0.70, two of 2,800 at $2.80: $11.20; one unit leaves 2 × 1,800 tokens: $5 + $3.60.
    assert_eq!((curve(70).cost(0), curve(70).cost(1), curve(70).cost(3)), (usd("11.2"), usd("8.6"), usd("15")));
    assert_eq!((curve(70).best().units, curve(70).point(1).overflow_share), (1, 3.6 / 11.2));
    // 1.3: eight of 1,300 and two of 5,200: $20.80; one unit leaves 8 × 300 and 2 × 4,200: $5 + $10.80.
    assert_eq!((curve(130).cost(0), curve(130).cost(1)), (usd("20.8"), usd("15.8")));
    // Without any volume nothing costs anything but the units.
    assert_eq!((curve(0).cost(0), curve(0).cost(2), curve(0).best().units), (Money::ZERO, usd("10"), 0));
}

#[test]
fn days_are_held_against_their_own_best() {
    // One unit at $5 a day: a flat day (best one unit, $5), an idle day (best none) and one of two units ($10; one is $15).
    let flat = vec![load(1_000, USD); 10];
    let busy = vec![load(2_000, 2 * USD); 10];
    let day = |loads| Day { loads, minutes: 10, unit_cost: usd("5") };
    let found = over_days([day(&flat), day(&[]), day(&busy)], FIVE_DOLLARS, 1).expect("days");
    // $0, $5 and $5.
    assert_eq!(found, OverDays { days: 3, mean: Money::from_pico(10 * USD / 3), worst: usd("5"), worst_day: 1 });
    assert_eq!(over_days([], FIVE_DOLLARS, 1), None);
}

#[test]
fn a_unit_breaks_even_at_the_tokens_that_cost_as_much() {
    // $60 an hour is $1 a minute; at $2 per million tokens that is 500,000 tokens a minute.
    let million = load(1_000_000, 2 * USD);
    assert_eq!(break_even(usd("60"), 60, million), Some(500_000));
    // Rounded up: $1 at $3 per million.
    assert_eq!(break_even(usd("1"), 1, load(1_000_000, 3 * USD)), Some(333_334));
    assert_eq!(break_even(Money::ZERO, 60, million), Some(0));
    assert_eq!(break_even(usd("60"), 60, load(0, USD)), None);
    assert_eq!(break_even(usd("60"), 60, load(5, 0)), None);
    assert_eq!(break_even(usd("60"), 0, million), None);
    assert_eq!(break_even(Money::from_pico(i128::MAX), 1, load(u64::MAX, 1)), None, "no unit answers as many");
}

#[test]
fn ranks_by_hand() {
    // Six idle bins and 1, 2, 3, 100: of ten, p50 is the fifth, p90 the ninth, p95 and p99 the tenth.
    let series = Series::of([100, 1, 3, 2], 10);
    assert_eq!(series, Series { bins: 10, tokens: 106, p50: 0, p90: 3, p95: 100, p99: 100, max: 100 });
    assert_eq!(series.mean(), 10, "10.6, rounded down");
    // 200 bins: the 100th, 180th, 190th and 198th.
    let rising = Series::of(1..=200, 0);
    assert_eq!((rising.p50, rising.p90, rising.p95, rising.p99, rising.max), (100, 180, 190, 198, 200));
    assert_eq!((Series::of([], 0), Series::default().mean()), (Series::default(), 0));
}

#[test]
fn the_ends_of_what_can_be_given_hold() {
    let huge = load(u64::MAX, i128::MAX);
    let tiny = Offer { per_unit: 1, unit_cost: 1, least: 1 };
    // A unit of one token and a minute of a billion: the curve ends at the most units and says so.
    let curve = Curve::of([load(1_000_000_000, USD), huge], 2, tiny);
    assert!(curve.is_capped());
    assert_eq!(curve.units().last(), Some(MOST_UNITS));
    assert!(curve.points().all(|point| point.cost >= Money::ZERO));
    let capped = Curve::of([load(1 << 21, USD << 21)], 1, tiny);
    assert_eq!(capped.cost(MOST_UNITS).pico(), (USD << 20) + (1 << 20), "a half is beyond");
    // Units that answer nothing are no choice, and tokens that nobody can take over stay.
    let none = Curve::of([load(10, USD)], 1, Offer { per_unit: 0, unit_cost: -5, least: 0 });
    assert_eq!((none.units().collect::<Vec<_>>(), none.cost(3)), (vec![0], usd("1")));
    let fixed = Curve::of([load(0, USD), load(1_000, USD)], 2, FIVE_DOLLARS);
    assert_eq!((fixed.cost(0), fixed.cost(1)), (usd("2"), usd("6")));
    let too_many = Curve::of([load(10, USD)], 1, Offer { per_unit: 10, unit_cost: 1, least: u32::MAX });
    assert_eq!(too_many.units().collect::<Vec<_>>(), [0]);
    assert_eq!(
        Curve::of([], 0, FIVE_DOLLARS).best(),
        Point { units: 0, cost: Money::ZERO, utilisation: 0.0, overflow_share: 0.0 }
    );
    let _ = Curve::at_percent([huge, load(1, i128::MIN)], u64::MAX, Offer { unit_cost: i128::MAX, ..tiny }, u32::MAX)
        .best();
}

/// What so many units cost, minute by minute, in parts of a pico-dollar. Exact.
fn slowly(loads: &[Load], offer: Offer, units: u32, percent: i128) -> i128 {
    let beyond = loads.iter().map(|load| {
        let tokens = i128::from(load.tokens) * percent;
        let answered = i128::from(units) * i128::from(offer.per_unit) * 100;
        // cost × percent/100 × (tokens − answered) / tokens
        load.cost * (tokens - answered).max(0) * (PARTS / i128::from(load.tokens)) / 100
    });
    beyond.sum::<i128>() + i128::from(units) * offer.unit_cost * PARTS
}

/// Up to sixty minutes of up to 40 tokens, each at a price of its own, in whole millionths of a cent so that a volume
/// in percent stays exact.
fn series() -> impl Strategy<Value = Vec<Load>> {
    vec((1u64..=40, 0i128..50_000_000), 0..60)
        .prop_map(|loads| loads.into_iter().map(|(tokens, cost)| load(tokens, cost * 100)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn every_number_of_units_costs_what_it_does_minute_by_minute(
        loads in series(),
        per_unit in 1u64..50,
        price in 0i128..20_000_000_000,
        least in 0u32..12,
        percent in prop::sample::select(vec![70u32, 100, 100, 100, 130]),
    ) {
        let offer = Offer { per_unit, unit_cost: price, least };
        let curve = Curve::at_percent(loads.iter().copied(), 60, offer, percent);
        let slow = |units| slowly(&loads, offer, units, i128::from(percent));

        // What can be bought: nothing, or from the fewest sold to what answers the busiest minute.
        let peak = loads.iter().map(|load| load.tokens * u64::from(percent)).max().unwrap_or_default();
        let last = u32::try_from(peak.div_ceil(per_unit * 100)).expect("few").max(least.max(1));
        let sold: Vec<u32> = std::iter::once(0).chain(least.max(1)..=last).collect();
        prop_assert_eq!(curve.units().collect::<Vec<_>>(), sold.clone());

        for point in curve.points() {
            let off = point.cost.pico() * PARTS - slow(point.units);
            prop_assert!(off.abs() <= 2 * PARTS, "{} units are off by {} parts", point.units, off);
        }
        let least_cost = sold.iter().map(|units| slow(*units)).min().expect("none is sold, too");
        let first = sold.iter().copied().find(|units| slow(*units) == least_cost).expect("the least");
        let best = curve.best();
        prop_assert!(best.units <= first, "{} units, and {} cost no more", best.units, first);
        prop_assert!(slow(best.units) - least_cost <= 2 * PARTS);
        prop_assert!((best.cost.pico() * PARTS - least_cost).abs() <= 2 * PARTS);
    }

    #[test]
    fn each_further_unit_saves_no_more_than_the_one_before(loads in series(), per_unit in 1u64..12, price in 0i128..1_000_000) {
        let curve = Curve::of(loads, 60, Offer { per_unit, unit_cost: price, least: 1 });
        let costs: Vec<i128> = curve.points().map(|point| point.cost.pico()).collect();
        for three in costs.windows(3) {
            prop_assert!(three[0] - three[1] >= three[1] - three[2] - 4, "{three:?}");
        }
    }

    #[test]
    fn what_is_answered_and_what_is_beyond_are_all(loads in series(), per_unit in 1u64..50) {
        let all: u64 = loads.iter().map(|load| load.tokens).sum();
        let curve = Curve::of(loads.iter().copied(), 60, Offer { per_unit, unit_cost: 1, least: 1 });
        for point in curve.points().skip(1) {
            let could = u64::from(point.units) * per_unit;
            let answered: u64 = loads.iter().map(|load| load.tokens.min(could)).sum();
            prop_assert_eq!(point.utilisation, answered as f64 / (could * 60) as f64);
            prop_assert_eq!(point.overflow_share, if all == 0 { 0.0 } else { (all - answered) as f64 / all as f64 });
        }
    }

    #[test]
    fn order_leaves_no_mark_and_idle_minutes_cost_nothing(mut loads in series(), per_unit in 1u64..50, price in 0i128..1_000_000) {
        let offer = Offer { per_unit, unit_cost: price, least: 1 };
        let points: Vec<Point> = Curve::of(loads.iter().copied(), 100, offer).points().collect();
        loads.reverse();
        loads.extend([Load::default(); 7]);
        prop_assert_eq!(Curve::of(loads, 100, offer).points().collect::<Vec<_>>(), points);
    }

    /// Minutes of up to a trillion tokens and a million dollars: the sum over them, each to 2⁻⁶⁰ of a pico-dollar.
    #[test]
    fn large_minutes_stay_right_to_two_pico_dollars(
        loads in vec((1u64..1_000_000_000_000, 0i128..1_000_000_000_000_000_000), 200..400),
        per_unit in 1_000_000u64..1_000_000_000_000,
        price in 0i128..1_000_000_000_000_000_000,
    ) {
        let loads: Vec<Load> = loads.into_iter().map(|(tokens, cost)| load(tokens, cost)).collect();
        let curve = Curve::of(loads.iter().copied(), 525_600, Offer { per_unit, unit_cost: price, least: 1 });
        let last = curve.units().last().expect("none is sold, too");
        for units in [0, 1, last / 7, last / 2, last.saturating_sub(1), last] {
            let (mut whole, mut parts) = (i128::from(units) * price, 0i128);
            for load in &loads {
                let tokens = i128::from(load.tokens);
                let beyond = load.cost * (tokens - i128::from(units) * i128::from(per_unit)).max(0);
                whole += beyond / tokens;
                parts += ((beyond % tokens) << 60) / tokens;
            }
            let off = ((curve.cost(units).pico() - whole) << 60) - parts;
            prop_assert!(off.abs() <= 2 << 60, "{units} units are off by {off} parts");
        }
    }
}
