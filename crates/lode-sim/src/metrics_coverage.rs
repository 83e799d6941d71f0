//! What CloudWatch counted against what the logs hold, by account and region: logging may have been off, and delivery
//! may fail without an error anywhere. No dollar depends on it.
//!
//! `Invocations` are compared with all calls of the logs, failed ones included: the User Guide once said that it counts
//! successful calls, and says by now that it counts those accepted, whatever became of them
//! (monitoring-runtime-metrics, copy of 2026-10).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{
    AccountId, Endpoint, MetricUsage, MetricValue, Metrics, Region, TokenCounts, UsageKey, UsageSpan, UsageTotals,
};

use crate::{TieOut, Window};

/// Calls and their tokens, in the classes that CloudWatch tells apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// Calls, failed ones included.
    pub calls: u64,
    /// Input tokens, without those of the cache.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Tokens read from the cache.
    pub cache_read: u64,
    /// Tokens written to the cache, however long they live.
    pub cache_write: u64,
}

impl CallCounts {
    /// Of one call.
    #[must_use]
    pub const fn of_call(tokens: &TokenCounts) -> Self {
        Self {
            calls: 1,
            input: tokens.input,
            output: tokens.output,
            cache_read: tokens.cache_read,
            cache_write: tokens.written(),
        }
    }
}

impl AddAssign for CallCounts {
    fn add_assign(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
    }
}

/// One figure of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// As CloudWatch counts.
    pub counted: u64,
    /// As the logs hold, on the same days.
    pub logged: u64,
}

impl Counted {
    /// Whether the logs lack more than one in a hundred of what CloudWatch counts.
    #[must_use]
    pub fn falls_short(&self) -> bool {
        u128::from(self.logged) * 100 < u128::from(self.counted) * 99
    }

    /// Whether the logs have more than one in a hundred beyond what CloudWatch counts.
    #[must_use]
    pub fn exceeds(&self) -> bool {
        u128::from(self.logged) * 100 > u128::from(self.counted) * 101
    }
}

/// CloudWatch against the logs of one account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceCoverage {
    /// Account.
    pub account: AccountId,
    /// Region.
    pub region: Region,
    /// UTC days compared: those on which CloudWatch counts calls and the logs hold some.
    pub days: u64,
    /// Calls on these days.
    pub calls: Counted,
    /// Input tokens without those of the cache, on those of these days of which CloudWatch has them; `None` where it has
    /// them of none.
    pub input: Option<Counted>,
    /// Output tokens, likewise.
    pub output: Option<Counted>,
    /// Tokens read from the cache, likewise.
    pub cache_read: Option<Counted>,
    /// Tokens written to the cache, likewise.
    pub cache_write: Option<Counted>,
    /// UTC days on which CloudWatch counts calls and the logs hold none.
    pub days_not_logged: u64,
    /// Calls that CloudWatch counts on them.
    pub calls_not_logged: u64,
}

impl PlaceCoverage {
    /// Calls on all days that CloudWatch knows, those without any log included.
    #[must_use]
    pub fn all_calls(&self) -> Counted {
        Counted { counted: self.calls.counted.saturating_add(self.calls_not_logged), ..self.calls }
    }
}

/// CloudWatch against the logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricsCoverage {
    /// Accounts and regions with a day that can be told, in order.
    pub places: Vec<PlaceCoverage>,
    /// Whether CloudWatch has figures that do not say whose they are: an account or a region is not known, and the logs
    /// are of several, or of another one.
    pub unplaced: bool,
}

type Place = (AccountId, Region);
type Days = BTreeMap<Date, UsageTotals>;

impl MetricsCoverage {
    /// Compares the metrics of models with the logs, on complete days of the window. The last day of all metrics and the
    /// last day of all logs do not count: they may have been collected in the midst of it. `None` where the metrics
    /// have nothing of models.
    #[must_use]
    pub fn of(tie: &TieOut, window: &Window, metrics: &Metrics) -> Option<Self> {
        if !metrics.series.keys().any(|series| &*series.namespace == "AWS/Bedrock") {
            return None;
        }
        let mut usage = metrics.usage(UsageSpan::Day);
        usage.totals.retain(|key, _| key.endpoint == Endpoint::Runtime);
        let last_counted = usage.totals.keys().map(|key| key.first).max();
        let last_logged = tie.by_day.keys().map(|(_, _, day)| *day).max();
        let end = window.complete_to.unwrap_or(window.last);
        let is_whole =
            |day: &Date| (window.first..=end).contains(day) && Some(*day) != last_counted && Some(*day) != last_logged;
        let (counted, unplaced) = placed(usage, &sole(tie));
        let places = counted.into_iter().filter_map(|(place, mut days)| {
            days.retain(|day, _| is_whole(day));
            compare(place, &days, tie)
        });
        Some(Self { places: places.collect(), unplaced })
    }
}

/// The one account and region of the logs, where there is only one.
fn sole(tie: &TieOut) -> Option<Place> {
    let places: BTreeSet<_> = tie.by_day.keys().map(|(account, region, _)| (account, region)).collect();
    places.first().filter(|_| places.len() == 1).map(|&(account, region)| (account.clone(), region.clone()))
}

/// What CloudWatch counts by account, region and day, and whether some of it has no place. What does not say whose it
/// is belongs to the only account and region of the logs, if it can be theirs.
fn placed(usage: MetricUsage, sole: &Option<Place>) -> (BTreeMap<Place, Days>, bool) {
    // Of one model on one day, what says more of whose it is comes first: another file may tell the same with less.
    let mut told: BTreeMap<(Place, Arc<str>, Date), (u8, UsageTotals)> = BTreeMap::new();
    let mut unplaced = false;
    for (key, totals) in usage.totals {
        let unknown = 2 * u8::from(key.account.is_none()) + u8::from(key.region.is_none());
        let Some(place) = place_of(&key, sole) else {
            unplaced = true;
            continue;
        };
        let best = told.entry((place, key.model, key.first)).or_insert((unknown, totals));
        if unknown < best.0 {
            *best = (unknown, totals);
        }
    }
    let mut places: BTreeMap<Place, Days> = BTreeMap::new();
    for ((place, _, day), (_, totals)) in told {
        add(places.entry(place).or_default().entry(day).or_default(), &totals);
    }
    (places, unplaced)
}

fn place_of(key: &UsageKey, sole: &Option<Place>) -> Option<Place> {
    if let (Some(account), Some(region)) = (&key.account, &key.region) {
        return Some((account.clone(), region.clone()));
    }
    let (account, region) = sole.as_ref()?;
    let fits = key.account.as_ref().is_none_or(|it| it == account) && key.region.as_ref().is_none_or(|it| it == region);
    fits.then(|| (account.clone(), region.clone()))
}

/// Sums of models; of what no model has, nothing is known.
fn add(sum: &mut UsageTotals, more: &UsageTotals) {
    let both = |a: Option<MetricValue>, b: Option<MetricValue>| match (a, b) {
        (Some(a), Some(b)) => Some(MetricValue::from_millionths(a.millionths().saturating_add(b.millionths()))),
        (one, other) => one.or(other),
    };
    *sum = UsageTotals {
        calls: both(sum.calls, more.calls),
        input: both(sum.input, more.input),
        output: both(sum.output, more.output),
        cache_read: both(sum.cache_read, more.cache_read),
        cache_write: both(sum.cache_write, more.cache_write),
    };
}

/// `None` where no day can be told.
fn compare((account, region): Place, days: &Days, tie: &TieOut) -> Option<PlaceCoverage> {
    let nothing = Counted::default();
    let (mut compared, mut without) = (Vec::new(), Vec::new());
    for (day, totals) in days {
        let Some(calls) = totals.calls.filter(|calls| calls.floor() > 0) else { continue };
        match tie.by_day.get(&(account.clone(), region.clone(), *day)) {
            Some(logged) => compared.push((totals, logged)),
            None => without.push(calls.floor()),
        }
    }
    let figure = |counted: fn(&UsageTotals) -> Option<MetricValue>, logged: fn(&CallCounts) -> u64| {
        let both = compared.iter().filter_map(|(totals, held)| Some((counted(totals)?, logged(held))));
        both.fold(None, |sum: Option<Counted>, (counted, logged)| {
            let sum = sum.unwrap_or_default();
            Some(Counted {
                counted: sum.counted.saturating_add(counted.floor()),
                logged: sum.logged.saturating_add(logged),
            })
        })
    };
    (!compared.is_empty() || !without.is_empty()).then(|| PlaceCoverage {
        days: compared.len() as u64,
        calls: figure(|totals| totals.calls, |held| held.calls).unwrap_or(nothing),
        input: figure(|totals| totals.input, |held| held.input),
        output: figure(|totals| totals.output, |held| held.output),
        cache_read: figure(|totals| totals.cache_read, |held| held.cache_read),
        cache_write: figure(|totals| totals.cache_write, |held| held.cache_write),
        days_not_logged: without.len() as u64,
        calls_not_logged: without.iter().fold(0, |sum, calls| sum.saturating_add(*calls)),
        account,
        region,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::Offset;
    use lode_model::Series;

    use super::*;

    const ONE: (&str, &str) = ("111111111111", "us-east-1");
    const TWO: (&str, &str) = ("222222222222", "eu-west-1");

    /// October, and logs of these calls of ten input tokens each: account and region, day, how many.
    fn logs(days: &[((&str, &str), i8, u64)]) -> TieOut {
        let by_day = days.iter().map(|&((account, region), day, calls)| {
            let held = CallCounts { calls, input: 10 * calls, ..CallCounts::default() };
            ((account.into(), region.into(), date(2026, 10, day)), held)
        });
        TieOut { by_day: by_day.collect(), ..TieOut::default() }
    }

    fn window() -> Window {
        Window { first: date(2026, 10, 1), last: date(2026, 10, 28), complete_to: Some(date(2026, 10, 27)) }
    }

    fn series(place: (Option<&str>, Option<&str>), metric: &str, model: &str, points: &[(i8, u64)]) -> Metrics {
        let series = Series {
            account: place.0.map(Into::into),
            region: place.1.map(Into::into),
            namespace: "AWS/Bedrock".into(),
            metric: metric.into(),
            dimensions: [("ModelId".into(), model.into())].into(),
            stat: "Sum".into(),
            period: 3600,
        };
        let at = |day| Offset::UTC.to_timestamp(date(2026, 10, day).at(9, 0, 0, 0)).expect("a time");
        let points = points.iter().map(|&(day, value)| (at(day), value.into())).collect();
        Metrics { series: [(series, points)].into(), ..Metrics::default() }
    }

    fn all(parts: impl IntoIterator<Item = Metrics>) -> Metrics {
        Metrics { series: parts.into_iter().flat_map(|metrics| metrics.series).collect(), ..Metrics::default() }
    }

    fn known((account, region): (&'static str, &'static str)) -> (Option<&'static str>, Option<&'static str>) {
        (Some(account), Some(region))
    }

    fn coverage(tie: &TieOut, metrics: &Metrics) -> MetricsCoverage {
        MetricsCoverage::of(tie, &window(), metrics).expect("metrics of models")
    }

    fn counted(counted: u64, logged: u64) -> Counted {
        Counted { counted, logged }
    }

    /// CloudWatch: 3 October 6 + 4 calls of two models, 4 October 8. Logs: 3 October 9 calls, 5 October 7. The days
    /// that both have are the third; the fourth is in no log, the fifth CloudWatch does not know. The twentieth is the
    /// last day of both.
    #[test]
    fn days_of_both_are_compared() {
        let tie = logs(&[(ONE, 3, 9), (ONE, 5, 7), (ONE, 20, 1)]);
        let metrics = all([
            series(known(ONE), "Invocations", "a", &[(3, 6), (4, 8), (20, 5)]),
            series(known(ONE), "Invocations", "b", &[(3, 4)]),
            series(known(ONE), "InputTokenCount", "a", &[(3, 100), (4, 80)]),
            series(known(ONE), "OutputTokenCount", "a", &[(4, 80)]),
        ]);
        let [one] = &coverage(&tie, &metrics).places[..] else { panic!("one place") };
        assert_eq!((one.days, one.calls, one.input), (1, counted(10, 9), Some(counted(100, 90))));
        assert_eq!((one.output, one.cache_read), (None, None), "not counted on a day of both");
        assert_eq!((one.days_not_logged, one.calls_not_logged), (1, 8));
        assert_eq!(one.all_calls(), counted(18, 9));
    }

    #[test]
    fn days_outside_the_window_and_at_the_end_do_not_count() {
        // The export is complete up to the 27th.
        let tie = logs(&[(ONE, 26, 5), (ONE, 27, 5), (ONE, 28, 5), (ONE, 30, 5)]);
        let mut metrics = series(known(ONE), "Invocations", "a", &[(26, 5), (27, 5), (28, 9), (31, 9)]);
        assert_eq!(coverage(&tie, &metrics).places[0].calls, counted(10, 10));
        // Where CloudWatch ends with the 27th, that day may be a part of one; and so it may where the logs do.
        metrics = series(known(ONE), "Invocations", "a", &[(26, 5), (27, 2)]);
        assert_eq!(coverage(&tie, &metrics).places[0].calls, counted(5, 5));
        let tie = logs(&[(ONE, 26, 5), (ONE, 27, 2)]);
        metrics = series(known(ONE), "Invocations", "a", &[(26, 5), (27, 5), (28, 5)]);
        assert_eq!(coverage(&tie, &metrics).places[0].calls, counted(5, 5));
    }

    #[test]
    fn a_place_without_any_log_is_told() {
        let tie = logs(&[(ONE, 3, 9), (ONE, 20, 1)]);
        let metrics = all([
            series(known(ONE), "Invocations", "a", &[(3, 9), (21, 1)]),
            series(known(TWO), "Invocations", "a", &[(3, 400), (4, 100)]),
            series(known(("333333333333", "us-east-1")), "InputTokenCount", "a", &[(3, 400)]),
        ]);
        let [one, two] = &coverage(&tie, &metrics).places[..] else {
            panic!("two places: calls of the third are not known")
        };
        assert_eq!((one.calls, one.days_not_logged), (counted(9, 9), 0));
        assert_eq!((two.region.as_str(), two.days, two.calls), ("eu-west-1", 0, counted(0, 0)));
        assert_eq!((two.days_not_logged, two.calls_not_logged), (2, 500));
    }

    #[test]
    fn what_does_not_say_whose_it_is_goes_to_the_only_place_of_the_logs() {
        let alone = logs(&[(ONE, 3, 9), (ONE, 20, 1)]);
        let both = logs(&[(ONE, 3, 9), (TWO, 3, 9), (ONE, 20, 1)]);
        let points = &[(3, 9), (21, 1)];
        for (place, fits) in [
            ((None, None), true),
            ((Some(ONE.0), None), true),
            ((None, Some(ONE.1)), true),
            ((Some(TWO.0), None), false),
            ((None, Some(TWO.1)), false),
        ] {
            let metrics = series(place, "Invocations", "a", points);
            let found = coverage(&alone, &metrics);
            let calls: Vec<Counted> = found.places.iter().map(|place| place.calls).collect();
            assert_eq!((calls, found.unplaced), (vec![counted(9, 9); usize::from(fits)], !fits), "{place:?}");
            assert_eq!(coverage(&both, &metrics), MetricsCoverage { places: Vec::new(), unplaced: true });
        }
        // The same figures from two collections, of which one says whose they are, count once.
        let twice =
            all([series((None, None), "Invocations", "a", points), series(known(ONE), "Invocations", "a", points)]);
        assert_eq!(coverage(&alone, &twice).places[0].calls, counted(9, 9));
    }

    #[test]
    fn only_metrics_of_models_are_compared() {
        let tie = logs(&[(ONE, 3, 9)]);
        assert_eq!(MetricsCoverage::of(&tie, &window(), &Metrics::default()), None);
        let mut mantle = series(known(ONE), "Inferences", "a", &[(3, 9)]);
        mantle.series = mantle
            .series
            .into_iter()
            .map(|(series, points)| (Series { namespace: "AWS/BedrockMantle".into(), ..series }, points))
            .collect();
        assert_eq!(MetricsCoverage::of(&tie, &window(), &mantle), None, "no log holds them");
        let latency = series(known(ONE), "InvocationLatency", "a", &[(3, 9)]);
        assert_eq!(coverage(&tie, &latency), MetricsCoverage::default());
    }

    #[test]
    fn one_in_a_hundred_is_tolerated() {
        for (counts, short, more) in [
            ((1000, 990), false, false),
            ((1000, 989), true, false),
            ((1000, 1010), false, false),
            ((1000, 1011), false, true),
            ((0, 0), false, false),
        ] {
            let it = counted(counts.0, counts.1);
            assert_eq!((it.falls_short(), it.exceeds()), (short, more), "{it:?}");
        }
    }
}
