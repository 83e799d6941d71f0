//! Answers on tables small enough to work out by hand. Logged calls: the tests of the command.

use super::*;

const LLAMA: &str = "meta.llama3-1-8b-instruct-v1:0";
const SONNET: &str = "anthropic.claude-sonnet-4-6";
/// 2026-10-05 00:00 UTC.
const START: i64 = 1_791_158_400;

fn usd(text: &str) -> Money {
    Money::parse(text).expect("an amount")
}

/// So many rows, one every `step` seconds.
fn rows(count: i64, step: i64, input: u64, output: u64) -> Vec<DemandRow> {
    (0..count).map(|place| DemandRow { second: START + place * step, input, output, requests: 1 }).collect()
}

/// A thousand tokens cost $1, whichever they are; a unit answers 1,000 a minute and costs $30 an hour.
fn question() -> CapacityQuestion {
    CapacityQuestion {
        unit_tokens: Some(1_000),
        unit_price: Some(usd("30")),
        input_price: Some(usd("1000")),
        output_price: Some(usd("1000")),
        ..CapacityQuestion::default()
    }
}

fn of_model(model: &str, region: &str) -> CapacityQuestion {
    CapacityQuestion {
        model: Some(ModelId::from(model)),
        region: Some(Region::from(region)),
        ..CapacityQuestion::default()
    }
}

#[track_caller]
fn answer(rows: &[DemandRow], question: &CapacityQuestion) -> WhatIfCapacity {
    whatif_capacity(Measured::Rows(rows), question, Catalogue::builtin()).expect("an answer")
}

#[test]
fn a_table_is_priced_bin_by_bin() {
    // Eight minutes of 1,000 tokens, two of 4,000, of which one comes in two rows; in any order.
    let mut table = rows(8, 60, 600, 400);
    table.extend(rows(1, 60, 3_000, 0).into_iter().map(|row| DemandRow { second: START + 545, ..row }));
    table.extend(rows(1, 60, 0, 1_000).into_iter().map(|row| DemandRow { second: START + 599, ..row }));
    table.extend(rows(1, 60, 4_000, 0).into_iter().map(|row| DemandRow { second: START + 480, ..row }));
    table.reverse();
    let answer = answer(&table, &question());
    assert_eq!((answer.first, answer.bins, answer.calls.requests), (START, 10, 11));
    assert_eq!((answer.on_demand(), answer.best_cost()), (usd("16"), Some(usd("11"))));
    let part = &answer.parts[0];
    assert_eq!((part.series.p90, part.series.mean(), part.best().map(|best| best.units)), (4_000, 1_600, Some(1)));
    assert_eq!(answer.step, Some(54), "the last two rows");
    // 30 $/h ÷ 60 ÷ $0.001 a token.
    assert_eq!(part.offers[0].break_even, Some(500));
    assert_eq!((answer.basis, answer.model), (None, None));
}

#[test]
fn idle_bins_count_and_so_does_what_is_asked_for() {
    // Two minutes an hour apart: 61 bins, $30.50 for a unit; on demand $2.
    let table = rows(2, 3_600, 1_000, 0);
    let whole = answer(&table, &question());
    assert_eq!((whole.bins, whole.best_cost(), whole.parts[0].series.p95), (61, Some(usd("2")), 0));
    let curve = whole.parts[0].curve.as_ref().expect("a curve");
    assert_eq!(curve.point(1).cost, usd("30.5"));
    // From half a minute before to ten minutes after the first: 12 whole bins, of which the first and the last in part.
    let part = CapacityQuestion { from: Some(START - 30), to: Some(START + 601), ..question() };
    let part = answer(&table, &part);
    assert_eq!((part.first, part.bins, part.calls.requests, part.calls.outside), (START - 60, 12, 1, 1));
    let nothing = CapacityQuestion { from: Some(START + 7_200), ..question() };
    let nothing = whatif_capacity(Measured::Rows(&table), &nothing, Catalogue::builtin());
    assert!(matches!(nothing, Err(CapacityError::NoDemand { calls, .. }) if calls.outside == 2));
}

#[test]
fn bins_of_any_length_hold_what_a_unit_answers_in_them() {
    // Twelve bins of five minutes with 5,000 tokens: one unit answers them all, for the hour's $30 in place of $60.
    let five = CapacityQuestion { bin_seconds: 300, ..question() };
    let five = answer(&rows(12, 300, 5_000, 0), &five);
    let best = five.parts[0].best().expect("a best");
    assert_eq!((five.bins, best.units, best.cost, best.utilisation), (12, 1, usd("30"), 1.0));
    // In 90 seconds a unit answers 1,500: half of 3,000 is beyond one, none beyond two.
    let ninety = CapacityQuestion { bin_seconds: 90, unit_price: Some(usd("1")), ..question() };
    let ninety = answer(&rows(4, 90, 3_000, 0), &ninety);
    let points: Vec<f64> =
        ninety.parts[0].curve.iter().flat_map(|curve| curve.points().map(|p| p.overflow_share)).collect();
    assert_eq!(points, [1.0, 0.5, 0.0]);
    // Six minutes at $1 an hour.
    assert_eq!(ninety.parts[0].best().map(|best| (best.units, best.cost)), Some((2, usd("0.2"))));
}

#[test]
fn every_commitment_on_offer_is_compared() {
    // Llama 3.1 8B in us-west-2: $24, $21.18 and $13.08 an hour; $0.22 per million tokens. An hour of a million a minute.
    let table = rows(60, 60, 900_000, 100_000);
    let two_million = CapacityQuestion { unit_tokens: Some(2_000_000), ..of_model(LLAMA, "us-west-2") };
    let all = answer(&table, &two_million);
    let part = &all.parts[0];
    let offers: Vec<_> = part.offers.iter().map(|offer| (offer.term, offer.hourly, offer.break_even)).collect();
    assert_eq!(
        offers,
        [
            (Some(Term::NoCommitment), usd("24"), Some(1_818_182)),
            (Some(Term::OneMonth), usd("21.18"), Some(1_604_546)),
            (Some(Term::SixMonths), usd("13.08"), Some(990_910)),
        ]
    );
    let best: Vec<_> = part.offers.iter().map(|offer| offer.best.map(|best| (best.units, best.cost))).collect();
    assert_eq!(best, [Some((0, usd("13.2"))), Some((0, usd("13.2"))), Some((1, usd("13.08")))]);
    assert_eq!((part.chosen, all.basis), (2, Some(RateBasis::List)));
    // One alone; of several that are not worth it, the one whose unit costs least.
    let one = CapacityQuestion { term: Some(Term::OneMonth), ..two_million.clone() };
    let one = answer(&table, &one);
    assert_eq!((one.parts[0].offers.len(), one.parts[0].best().map(|best| best.units)), (1, Some(0)));
    let idle = answer(&rows(60, 60, 1_000, 0), &two_million);
    assert_eq!((idle.parts[0].chosen, idle.parts[0].best().map(|best| best.units)), (2, Some(0)));
    // What a unit answers may be known of the model.
    let known =
        CapacityQuestion { known_units: [(ModelId::from(LLAMA), 2_000_000)].into(), ..of_model(LLAMA, "us-west-2") };
    assert_eq!(answer(&table, &known).best_cost(), Some(usd("13.08")));
}

#[test]
fn without_the_capacity_of_a_unit_there_is_a_break_even_and_no_dollars() {
    let answer = answer(&rows(60, 60, 1_000_000, 0), &of_model(LLAMA, "us-west-2"));
    let part = &answer.parts[0];
    assert_eq!(
        (answer.best_cost(), part.best(), part.curve.is_none(), part.regret.is_none()),
        (None, None, true, true)
    );
    assert_eq!(part.offers[2].break_even, Some(990_910));
    assert_eq!(answer.on_demand(), usd("13.2"));
}

/// Units and cost of the best of both parts.
fn both(answer: &WhatIfCapacity) -> [(u32, Money); 2] {
    let [input, output] = &answer.parts[..] else { panic!("two parts") };
    [input, output].map(|part| part.best().map(|best| (best.units, best.cost)).expect("a best"))
}

/// At 70 % and 130 % of the volume, the best number and what the one chosen costs above it.
fn regrets(part: &CapacityPart) -> Vec<(u32, Money)> {
    part.regret.iter().flat_map(|regret| &regret.volumes).map(|volume| (volume.best_units, volume.regret)).collect()
}

#[test]
fn reserved_input_and_output_are_bought_together_or_not_at_all() {
    // Sonnet 4.6, an hour of 200,000 prompt tokens and 5,000 generated a minute. A thousand reserved prompt tokens a minute
    // cost an hour what 60,000 cost on demand ($0.198), for three months a tenth less; least 100 and 10 units.
    let reserved = CapacityQuestion { reserved: true, ..of_model(SONNET, "us-east-1") };
    let tied = answer(&rows(60, 60, 200_000, 5_000), &reserved);
    let [input, output] = &tied.parts[..] else { panic!("two parts") };
    assert_eq!((input.units, output.units), (OfferedUnits::ReservedInput, OfferedUnits::ReservedOutput));
    assert_eq!((input.least, output.least, input.unit_tokens), (100, 10, Some(1_000)));
    assert_eq!(input.offer().map(|offer| offer.term), Some(Some(Term::ThreeMonths)));
    // 200 × $0.1782 in place of $39.60, and of output $8.91 at the least in place of $4.95: $44.55 both ways.
    assert_eq!(both(&tied), [(0, usd("39.6")), (0, usd("4.95"))]);
    assert_eq!((tied.on_demand(), tied.best_cost()), (usd("44.55"), Some(usd("44.55"))));
    // At 130 % it is worth it: 260 and 10 units, $46.332 and $8.91, in place of $51.48 and $6.435.
    assert_eq!(regrets(input), [(0, Money::ZERO), (260, usd("5.148"))]);
    assert_eq!(regrets(output), [(0, Money::ZERO), (10, usd("-2.475"))]);
    assert_eq!(input.offers[0].best.map(|best| best.units), Some(0), "for a month no token is cheaper");
    // A thousand tokens a minute are all that a unit answers; 900 pay for three months.
    assert_eq!(input.offers.iter().map(|offer| offer.break_even).collect::<Vec<_>>(), [Some(1_000), Some(900)]);
    // 300 × $0.1782 in place of $59.40 is enough to carry the output.
    let more = answer(&rows(60, 60, 300_000, 5_000), &reserved);
    assert_eq!(both(&more), [(300, usd("53.46")), (10, usd("8.91"))]);
    assert_eq!((more.on_demand(), more.best_cost()), (usd("64.35"), Some(usd("62.37"))));
    // At 70 % nothing would be best, on demand $41.58 and $3.465; at 130 % 90,000 tokens a minute are beyond, $17.82 in place of
    // $16.038.
    assert_eq!(regrets(&more.parts[0]), [(0, usd("11.88")), (390, usd("1.782"))]);
    assert_eq!(regrets(&more.parts[1]), [(0, usd("5.445")), (10, Money::ZERO)]);
    // Sold by fewer, the output of the first costs $4.455.
    let fewer = answer(&rows(60, 60, 200_000, 5_000), &CapacityQuestion { least: Some(5), ..reserved.clone() });
    assert_eq!(both(&fewer), [(200, usd("35.64")), (5, usd("4.455"))]);
    // A week of 202,000 and 2,000: input alone would save $4 an hour, and the output that comes with it costs $6.93.
    let week = answer(&rows(10_080, 60, 202_000, 2_000), &reserved);
    assert_eq!(both(&week), [(0, usd("6719.328")), (0, usd("332.64"))]);
    assert_eq!(week.best_cost(), Some(week.on_demand()));
    let not = CapacityQuestion { reserved: true, ..of_model(LLAMA, "us-east-1") };
    let not = whatif_capacity(Measured::Rows(&rows(1, 60, 1, 1)), &not, Catalogue::builtin());
    assert!(matches!(not, Err(CapacityError::NotReserved { .. })));
}

#[test]
fn the_worst_day_is_that_of_both_parts_together() {
    // Twenty days of 400,000 and 20,000 tokens a minute, and one with a single token, on which nothing bought is best.
    let reserved = CapacityQuestion {
        reserved: true,
        bin_seconds: 86_400,
        term: Some(Term::ThreeMonths),
        ..of_model(SONNET, "us-east-1")
    };
    let mut table = rows(20, 86_400, 400_000 * 1_440, 20_000 * 1_440);
    table.push(DemandRow { second: START + 20 * 86_400, input: 0, output: 1, requests: 1 });
    let found = answer(&table, &reserved);
    assert_eq!(both(&found).map(|(units, _)| units), [400, 20]);
    let worst: Vec<_> = found.parts.iter().filter_map(|part| Some(part.regret.as_ref()?.days)).collect();
    assert_eq!(worst.iter().map(|days| (days.days, days.worst_day)).collect::<Vec<_>>(), [(21, 20), (21, 20)]);
    // 400 × $4.2768; 20 × $21.384 less the token's $0.0000165.
    assert_eq!(worst[0].worst, usd("1710.72"));
    assert!(worst[1].worst > usd("427.67") && worst[1].worst <= usd("427.68"), "{:?}", worst[1].worst);
}

#[test]
fn another_volume_and_single_days_have_their_own_best() {
    // Bins of half a day in which a unit answers 720 tokens, at $0.10 a token and $12 a bin. Day one is full, day two has a
    // single token.
    let question = CapacityQuestion {
        unit_tokens: Some(1),
        unit_price: Some(usd("1")),
        input_price: Some(usd("100000")),
        bin_seconds: 43_200,
        ..question()
    };
    let mut table = rows(2, 43_200, 720, 0);
    table.push(DemandRow { second: START + 3 * 43_200, input: 1, output: 0, requests: 1 });
    let answer = answer(&table, &question);
    let part = &answer.parts[0];
    assert_eq!(part.best().map(|best| (best.units, best.cost)), Some((1, usd("48"))));
    let regret = part.regret.as_ref().expect("a regret");
    // Day two: $24 in place of $0.10.
    assert_eq!((regret.days.days, regret.days.mean, regret.days.worst), (2, usd("11.95"), usd("23.9")));
    assert_eq!(regret.worst_day.map(|day| day.to_string()).as_deref(), Some("2026-10-06"));
    // At 0.7 one unit is best as well. At 1.3 a second one would cost $48 and save 2 × 216 tokens, $43.20: not worth it.
    let volumes: Vec<_> = regret.volumes.iter().map(|v| (v.percent, v.best_units, v.regret)).collect();
    assert_eq!(volumes, [(70, 1, Money::ZERO), (130, 1, Money::ZERO)]);
}

#[test]
fn what_has_no_price_is_said() {
    let ask = |question: &CapacityQuestion| {
        whatif_capacity(Measured::Rows(&rows(1, 60, 5, 5)), question, Catalogue::builtin()).expect_err("no price")
    };
    let nothing = CapacityQuestion::default();
    assert!(matches!(ask(&nothing), CapacityError::NoOnDemandPrice { model: None, output: false, .. }));
    let half = CapacityQuestion { input_price: Some(usd("1")), ..nothing };
    assert!(matches!(ask(&half), CapacityError::NoOnDemandPrice { output: true, .. }));
    // Nova Pro can be bought, and nobody publishes for how much; Llama is sold elsewhere.
    let nova = ask(&of_model("amazon.nova-pro-v1:0", "us-east-1"));
    assert!(matches!(nova, CapacityError::NoUnitPrice { ref regions, .. } if regions.is_empty()), "{nova:?}");
    let llama = ask(&of_model(LLAMA, "us-east-1"));
    assert!(
        matches!(llama, CapacityError::NoUnitPrice { ref regions, .. } if regions[..] == ["us-west-2"]),
        "{llama:?}"
    );
}
