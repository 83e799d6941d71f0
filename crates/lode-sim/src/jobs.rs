//! Jobs among the calls of an owner: runs that come on a schedule, above what trickles in all the time. Timing alone, no
//! prices; whether somebody waits for the answers, rules decide.
//!
//! Calls whose gaps are short make a run, at each of several lengths of gap. Runs that start at about the same time of the
//! day on most of the days, or of the working days, or on one day of the week, make a schedule. The length of gap wins whose
//! runs stand out most against calls that come evenly (the Poisson log likelihood ratio of a scan statistic: Kulldorff, "A
//! spatial scan statistic", Communications in Statistics 26, 1481 (1997)).

mod schedule;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::Offset;
use lode_model::{Mode, Owner, Request, Run, SegmentKind};

use crate::calls::may_run_alone;
use crate::{Estate, OwnerCalls};

use schedule::{Cluster, Slot, slots, weekday};

/// Seconds between two calls of one run, at most; each is tried.
const GAPS: [i64; 4] = [60, 180, 600, 1800];
/// Fewer calls are no run.
const LEAST_CALLS: usize = 5;
/// Runs of one job may differ in size by so much.
const ALIKE: u64 = 4;
/// So much of what stands out most is nearly as good.
const NEARLY: f64 = 0.95;
/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
/// Hours of a week.
const HOURS_OF_WEEK: usize = 168;

/// A job: the runs of an owner that come on a schedule. Where there are several of very different size, the largest.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its runs, in time order. The trickle of each is what comes at the same hour of the day without a run.
    pub runs: Arc<[Run]>,
    /// When runs start, as a sentence, UTC.
    pub schedule: String,
    /// Runs that the schedule would have in the time in which it holds; some may be missed.
    pub due: u64,
    /// The chance that runs at random times would keep to the schedule so often.
    pub chance: f64,
    /// Hours of the day (UTC) in which a run starts.
    pub hours_of_day: u64,
    /// Calls of the runs by hour of the week (Monday 00:00 UTC first).
    pub by_hour_of_week: Vec<u64>,
    /// All other calls of the owner by hour of the day (UTC).
    pub others_by_hour: [u64; 24],
    /// Days of the week on which it runs.
    pub days_of_week: u64,
    /// Calls of the runs, and those of them that are the trickle's.
    pub calls: u64,
    /// Of them, the trickle's.
    pub stay: u64,
    /// Calls in the time of the runs, Standard tier, that are streamed, have tools, are bound to a schema or failed: they stay
    /// too.
    pub kept: u64,
    /// Calls of the runs whose prompts hold an earlier answer.
    pub conversations: u64,
    /// Calls of the runs whose request body is known: only those tell of tools, earlier answers and schemas.
    pub with_body: u64,
    /// Calls of the middle run.
    pub calls_per_run: u64,
    /// Calls of the smallest run.
    pub smallest_run: u64,
    /// Calls that move, by the UTC day on which their run starts, of each day with any.
    pub by_day: Vec<u64>,
    /// Runs that the schedule would have had since the last one, to the end of the window: of one that goes on, hardly any.
    pub missed_since: u64,
    /// Seconds of the longest run.
    pub longest: u64,
    /// Seconds from the end of a run to the start of the next one, of the middle pair.
    pub to_next: u64,
    /// Calls a minute of the middle run; a run lasts a minute at least.
    pub per_minute: f64,
    /// Calls a minute of all that could move, were a day to have twelve hours; at least one in two minutes, below which
    /// nothing can be told from chance.
    pub per_minute_of_day: f64,
    /// Most calls of a run that were being answered at once, as far as records tell how long they took.
    pub at_once: u64,
    /// Up to three request ids of the newest run.
    pub examples: Vec<Arc<str>>,
}

impl Job {
    /// The job of an owner as logged; `None` without one, or where the calls are not known.
    #[must_use]
    pub fn of(estate: &Estate, owner: &Owner) -> Option<Arc<Self>> {
        let (cluster, place) = estate.demand.of(owner)?;
        let last = Offset::UTC.to_timestamp(estate.window.last.to_datetime(jiff::civil::Time::midnight())).ok()?;
        cluster.memo.job(place, || Self::among(&cluster.owners[place], last.as_second() + DAY))
    }

    /// The job of an owner's calls in a window that ends at a second.
    fn among(own: &OwnerCalls, until: i64) -> Option<Self> {
        let moves = |call: &&Arc<Request>| is_standard(call) && may_run_alone(call);
        let calls: Vec<&Request> = own.calls.iter().filter(moves).map(|call| &**call).collect();
        let seconds: Vec<i64> = calls.iter().map(|call| call.time.as_second()).collect();
        let span = seconds.last()? - seconds.first()? + 1;
        #[expect(clippy::cast_precision_loss, reason = "a rate is compared, not billed")]
        let even = seconds.len() as f64 / span as f64;
        let found = GAPS.map(|gap| {
            let slots = alike(slots(&clusters(&seconds, gap), span));
            let stands_out: f64 = slots.iter().flat_map(|slot| &slot.runs).map(|run| run.stands_out(even)).sum();
            (stands_out, gap, slots)
        });
        let most = found.iter().map(|(stands_out, ..)| *stands_out).fold(0.0, f64::max);
        // Runs that a pause cuts in two stand out a little more than whole ones: of those that hardly differ the fewest runs
        // count, and of equals the shortest gap.
        let near = found.into_iter().filter(|(stands_out, ..)| *stands_out >= most * NEARLY);
        let runs = |slots: &[Slot]| slots.iter().map(|slot| slot.runs.len()).sum::<usize>();
        let (_, gap, slots) = near.min_by_key(|(_, gap, slots)| (runs(slots), *gap))?;
        (!slots.is_empty()).then(|| Self::made(own, &calls, &slots, (gap, until)))
    }

    #[expect(clippy::cast_precision_loss, reason = "rates are compared and shown, not billed")]
    fn made(own: &OwnerCalls, calls: &[&Request], slots: &[Slot], (gap, until): (i64, i64)) -> Self {
        let mut runs: Vec<Cluster> = slots.iter().flat_map(|slot| slot.runs.iter().copied()).collect();
        runs.sort_unstable();
        // A run that was interrupted may have taken in the beginning of another.
        runs = runs.into_iter().fold(Vec::new(), |mut apart: Vec<Cluster>, run| {
            match apart.last_mut().filter(|last| run.from < last.until) {
                Some(last) => last.take_in(&run),
                None => apart.push(run),
            }
            apart
        });
        let mut trickle = Trickle::of(calls, &runs, gap);
        let within = |run: &Cluster| &calls[run.first..run.first + run.calls];
        let as_run = |run: &Cluster| {
            let calls = u32::try_from(run.calls).unwrap_or(u32::MAX);
            Run { from: run.from, until: run.until, calls, stay: trickle.take(run).min(calls) }
        };
        let selected: Arc<[Run]> = runs.iter().map(as_run).collect();
        let mut by_hour_of_week = vec![0; HOURS_OF_WEEK];
        let mut by_day: BTreeMap<i64, u64> = BTreeMap::new();
        for run in selected.iter() {
            *by_day.entry(run.from.div_euclid(DAY)).or_default() += u64::from(run.calls - run.stay);
        }
        let (mut conversations, mut with_body) = (0, 0);
        for call in runs.iter().flat_map(within) {
            let second = call.time.as_second();
            if let Some(calls) = by_hour_of_week.get_mut(hour_of_week(second)) {
                *calls += 1;
            }
            conversations += u64::from(call.segments.iter().any(|segment| segment.kind == SegmentKind::Assistant));
            with_body += u64::from(call.has_body);
        }
        let mut others_by_hour = [0; 24];
        let mut in_time = 0usize;
        for call in &own.calls {
            let second = call.time.as_second();
            let next = runs.partition_point(|run| run.from <= second);
            if next.checked_sub(1).is_some_and(|at| second < runs[at].until) {
                in_time += usize::from(is_standard(call));
            } else {
                others_by_hour[hour_of_day(second)] += 1;
            }
        }
        let all_calls: usize = runs.iter().map(|run| run.calls).sum();
        let kept = in_time.saturating_sub(all_calls);
        let days = runs.last().map_or(0, |_| {
            let of = |call: &&Request| call.time.as_second().div_euclid(DAY);
            calls.last().map(of).unwrap_or_default() - calls.first().map(of).unwrap_or_default() + 1
        });
        let hours: BTreeSet<i64> = slots.iter().map(|slot| slot.start.div_euclid(3600).rem_euclid(24)).collect();
        let newest = runs.last().map(within).unwrap_or_default();
        Self {
            schedule: schedule::sentence(slots),
            due: slots.iter().map(|slot| slot.due).sum(),
            chance: slots.iter().map(|slot| slot.chance).fold(0.0, f64::max),
            hours_of_day: hours.len() as u64,
            others_by_hour,
            days_of_week: (0..7).filter(|day| slots.iter().any(|slot| slot.weekdays[*day])).count() as u64,
            by_hour_of_week,
            calls: all_calls as u64,
            stay: selected.iter().map(|run| u64::from(run.stay)).sum(),
            kept: kept as u64,
            conversations,
            with_body,
            calls_per_run: middle(runs.iter().map(|run| run.calls as u64)),
            smallest_run: runs.iter().map(|run| run.calls as u64).min().unwrap_or_default(),
            by_day: by_day.into_values().collect(),
            longest: runs.iter().map(|run| run.seconds().unsigned_abs()).max().unwrap_or_default(),
            to_next: middle(runs.windows(2).map(|pair| (pair[1].from - pair[0].until).unsigned_abs())),
            per_minute: median(runs.iter().map(Cluster::per_minute)),
            per_minute_of_day: (calls.len() as f64 / (days.max(1) * 720) as f64).max(0.5),
            missed_since: slots.iter().map(|slot| slot.missed_since(until)).sum(),
            at_once: runs.iter().map(|run| at_once(within(run))).max().unwrap_or_default(),
            examples: newest.iter().take(3).map(|call| Arc::clone(&call.id)).collect(),
            runs: selected,
        }
    }
}

fn is_standard(call: &Request) -> bool {
    call.mode.is_none_or(|mode| mode == Mode::Standard)
}

/// Stretches of time with enough calls whose gaps are at most `gap`, in order.
fn clusters(seconds: &[i64], gap: i64) -> Vec<Cluster> {
    let mut clusters = Vec::new();
    let mut first = 0;
    for end in 1..=seconds.len() {
        if end < seconds.len() && seconds[end] - seconds[end - 1] <= gap {
            continue;
        }
        if end - first >= LEAST_CALLS {
            clusters.push(Cluster { from: seconds[first], until: seconds[end - 1] + 1, first, calls: end - first });
        }
        first = end;
    }
    clusters
}

/// The slots whose runs are about as large as those of the slot with most calls.
fn alike(slots: Vec<Slot>) -> Vec<Slot> {
    let size = |slot: &Slot| middle(slot.runs.iter().map(|run| run.calls as u64));
    let calls = |slot: &Slot| slot.runs.iter().map(|run| run.calls).sum::<usize>();
    let Some(largest) = slots.iter().max_by_key(|slot| (calls(slot), std::cmp::Reverse(slot.start))).map(size) else {
        return slots;
    };
    let is_alike = |slot: &Slot| size(slot) * ALIKE >= largest && size(slot) <= largest * ALIKE;
    slots.into_iter().filter(is_alike).collect()
}

/// Calls that come without a run, by hour of the day, on the days of runs.
struct Trickle {
    /// Calls a second.
    rates: [f64; 24],
    /// Seconds before and after a run within which a call counts as its own.
    gap: i64,
    /// What was expected so far and is no whole call yet.
    rest: f64,
}

impl Trickle {
    #[expect(clippy::cast_precision_loss, reason = "a rate is estimated, not billed")]
    fn of(calls: &[&Request], runs: &[Cluster], gap: i64) -> Self {
        let (mut count, mut covered) = ([0u64; 24], [0i64; 24]);
        for run in runs {
            each_hour((run.from - gap, run.until + gap), |hour, seconds| covered[hour] += seconds);
        }
        let days: BTreeSet<i64> = runs.iter().map(|run| run.from.div_euclid(DAY)).collect();
        for call in calls {
            let second = call.time.as_second();
            let next = runs.partition_point(|run| run.from - gap <= second);
            let in_run = next.checked_sub(1).is_some_and(|at| second < runs[at].until + gap);
            if !in_run && days.contains(&second.div_euclid(DAY)) {
                count[hour_of_day(second)] += 1;
            }
        }
        let all = 3600 * i64::try_from(days.len()).unwrap_or(i64::MAX / 3600);
        // An hour that is mostly runs tells little of what comes without them: the hours around it do.
        let free: [i64; 24] = std::array::from_fn(|hour| all - covered[hour]);
        let rate = |hour: usize| count[hour] as f64 / free[hour].max(1) as f64;
        let tells = |hour: &usize| free[*hour] * 2 >= all;
        let near = |hour: usize| {
            let (before, after) = ((0..24).map(|back| (hour + 24 - back) % 24), (0..24).map(|on| (hour + on) % 24));
            let rates = [before.clone().find(tells), after.clone().find(tells)].map(|found| found.map_or(0.0, rate));
            (rates[0] + rates[1]) / 2.0
        };
        Self { rates: std::array::from_fn(near), gap, rest: 0.0 }
    }

    /// Calls of the next run that would have come without it. What is less than a whole call is carried on to the runs after.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    #[expect(clippy::cast_precision_loss, reason = "a count is estimated, not billed")]
    fn take(&mut self, run: &Cluster) -> u32 {
        each_hour((run.from - self.gap, run.until + self.gap), |hour, seconds| {
            self.rest += self.rates[hour] * seconds as f64;
        });
        let calls = self.rest.round().clamp(0.0, run.calls as f64);
        self.rest -= calls;
        calls as u32
    }
}

/// The seconds of a stretch in each hour that it touches.
fn each_hour((from, until): (i64, i64), mut each: impl FnMut(usize, i64)) {
    let mut at = from;
    while at < until {
        let next = (at.div_euclid(3600) + 1) * 3600;
        each(hour_of_day(at), next.min(until) - at);
        at = next;
    }
}

fn hour_of_day(second: i64) -> usize {
    usize::try_from(second.rem_euclid(DAY) / 3600).unwrap_or_default()
}

/// Monday 00:00 UTC is 0.
fn hour_of_week(second: i64) -> usize {
    weekday(second.div_euclid(DAY)) * 24 + hour_of_day(second)
}

/// Most calls that were being answered at once.
fn at_once(calls: &[&Request]) -> u64 {
    let mut changes: Vec<(i64, i8)> = Vec::with_capacity(calls.len() * 2);
    for call in calls {
        let Some(ms) = call.latency_ms else { continue };
        let start = call.time.as_second();
        // One that ends as another starts makes room first.
        changes.extend([(start, 1), (start.saturating_add_unsigned(ms.div_ceil(1000).max(1)), -1)]);
    }
    changes.sort_unstable();
    let (mut now, mut most) = (0i64, 0i64);
    for (_, change) in changes {
        now += i64::from(change);
        most = most.max(now);
    }
    most.unsigned_abs()
}

/// The middle of some numbers, the lower one of two; 0 of none.
fn middle(numbers: impl Iterator<Item = u64>) -> u64 {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers.get(numbers.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
