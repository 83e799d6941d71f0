//! Which runs come on a schedule: at about the same time of the day, on most of the days that it names.

use std::collections::BTreeSet;

use lode_stats::at_least;

use super::{ALIKE, DAY, middle};

const HOUR: i64 = 3600;
/// A start on other clocks may differ by so many seconds from that of the schedule.
const CLOCKS: i64 = 600;

/// Days on which a schedule runs are those of whose occurrences at least so many have a run, in per cent.
const MOST_DAYS: u64 = 60;
/// Runs that make a schedule of several days of the week, and of one.
const LEAST_RUNS: [u64; 2] = [5, 3];
/// A start may differ from the next nearest one by so many seconds, and from the farthest by so many.
const LINK: (i64, i64) = (60, 1800);
const WIDEST: i64 = 7200;
/// Longest run, seconds: more is a shift.
const LONGEST: i64 = 6 * 3600;
/// Two runs of a day that start within a link are one that was interrupted; beyond so many a day, in tenths, nothing is.
const MOST_A_DAY: usize = 15;

/// Sets of days of the week, but for the empty one.
const CHOICES: f64 = 127.0;
/// The chance above which starts are no schedule.
const CHANCE: f64 = 1e-6;

/// Days after the last run that are looked at.
const MOST_MISSED: i64 = 366;

/// A run before it is known what of it is the trickle's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cluster {
    /// First second.
    pub(super) from: i64,
    /// The second after the last.
    pub(super) until: i64,
    /// Place of its first call.
    pub(super) first: usize,
    /// How many calls, in a row.
    pub(super) calls: usize,
}

impl Cluster {
    pub(super) const fn seconds(&self) -> i64 {
        self.until - self.from
    }

    /// Takes in a later one, with whatever came between the two: too little to be a part of either, it goes with them.
    pub(super) fn take_in(&mut self, later: &Self) {
        let end = (self.first + self.calls).max(later.first + later.calls);
        (self.until, self.calls) = (self.until.max(later.until), end - self.first);
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate is compared and shown, not billed")]
    pub(super) fn per_minute(&self) -> f64 {
        self.calls as f64 / (self.seconds().max(60) as f64 / 60.0)
    }

    /// The logarithm of how much likelier so many calls are at a rate of their own than at `even` calls a second.
    #[expect(clippy::cast_precision_loss, reason = "a likelihood is compared, not billed")]
    pub(super) fn stands_out(&self, even: f64) -> f64 {
        let (calls, expected) = (self.calls as f64, even * self.seconds().max(60) as f64);
        if calls > expected { calls * (calls / expected).ln() - (calls - expected) } else { 0.0 }
    }
}

/// A time of the day at which runs start.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    /// Second of the UTC day of the middle start.
    pub(super) start: i64,
    /// Days of the week, Monday first.
    pub(super) weekdays: [bool; 7],
    /// In time order.
    pub(super) runs: Vec<Cluster>,
    /// Days of the schedule between its first and last run.
    pub(super) due: u64,
    /// The chance that runs at random times would start within the slot on so many of them, whatever its days.
    pub(super) chance: f64,
}

/// The slots in which runs come on a schedule, in the order of the day. `span` is the time of all calls, seconds.
pub(super) fn slots(clusters: &[Cluster], span: i64) -> Vec<Slot> {
    let clusters = &large(clusters)[..];
    let gaps = clusters.windows(2).map(|pair| (pair[1].from - pair[0].from).unsigned_abs());
    let link = i64::try_from(middle(gaps) / 3).unwrap_or(LINK.1).clamp(LINK.0, LINK.1);
    let mut starts: Vec<Cluster> = clusters.to_vec();
    starts.sort_unstable_by_key(|run| (run.from.rem_euclid(DAY), run.from));
    let phase = |run: &Cluster| run.from.rem_euclid(DAY);
    // A slot may lie across midnight: the day is cut where it is emptiest.
    let cut = (0..starts.len())
        .max_by_key(|&at| {
            let before = starts[(at + starts.len() - 1) % starts.len()];
            ((phase(&starts[at]) - phase(&before)).rem_euclid(DAY), std::cmp::Reverse(at))
        })
        .unwrap_or_default();
    starts.rotate_left(cut);
    let mut slots: Vec<Slot> = Vec::new();
    let mut from = 0;
    for end in 1..=starts.len() {
        let linked = |a: &Cluster, b: &Cluster| (phase(b) - phase(a)).rem_euclid(DAY) <= link;
        if end < starts.len() && linked(&starts[end - 1], &starts[end]) {
            continue;
        }
        let members = &starts[from..end];
        from = end;
        let wide = (phase(&members[members.len() - 1]) - phase(&members[0])).rem_euclid(DAY);
        if wide <= WIDEST {
            slots.extend(slot(members, clusters.len(), span, wide));
        }
    }
    slots.sort_by_key(|slot| slot.start);
    let taken: BTreeSet<usize> = slots.iter().flat_map(|slot| &slot.runs).map(|run| run.first).collect();
    for slot in &mut slots {
        slot.put_clocks_right(clusters, &taken);
        slot.gather(clusters, &taken);
    }
    slots
}

/// Those that are about as large as the ones which hold most of the calls: a few calls that came together by chance are no
/// run, and stand between those that are.
fn large(clusters: &[Cluster]) -> Vec<Cluster> {
    let mut sizes: Vec<usize> = clusters.iter().map(|run| run.calls).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let all: usize = sizes.iter().sum();
    let mut held = 0;
    let middle = sizes.into_iter().find(|size| {
        held += size;
        held * 2 >= all
    });
    let least = middle.unwrap_or_default().div_ceil(usize::try_from(ALIKE).unwrap_or(1));
    clusters.iter().filter(|run| run.calls >= least).copied().collect()
}

impl Slot {
    /// Days of the schedule after its last run, up to a second.
    pub(super) fn missed_since(&self, until: i64) -> u64 {
        let Some(last) = self.runs.last().map(|run| Self::day(self.start, run)) else { return 0 };
        // The last day on which a run would have started and, as the others, have ended.
        let end = (until - self.start - LONGEST + DAY / 2).div_euclid(DAY);
        (last + 1..end.min(last + MOST_MISSED)).filter(|day| self.weekdays[weekday(*day)]).count() as u64
    }

    /// The day of a run, counted from the middle of the gap between two slots, so that midnight cuts none.
    const fn day(start: i64, run: &Cluster) -> i64 {
        (run.from - start + DAY / 2).div_euclid(DAY)
    }

    /// Adds the runs of the days before the first or after the last that come an hour off: local clocks were put forward or
    /// back. They are too few to be a schedule of their own.
    fn put_clocks_right(&mut self, clusters: &[Cluster], taken: &BTreeSet<usize>) {
        let size = middle(self.runs.iter().map(|run| run.calls as u64));
        let day = |run: &Cluster| Self::day(self.start, run);
        let (Some(first), Some(last)) = (self.runs.first().map(day), self.runs.last().map(day)) else { return };
        let mut shifted: Vec<(Vec<Cluster>, u64)> = Vec::new();
        for (off, later) in [(-HOUR, false), (-HOUR, true), (HOUR, false), (HOUR, true)] {
            let fits = |run: &&Cluster| {
                let calls = run.calls as u64;
                let away = (run.from - self.start - off + DAY / 2).rem_euclid(DAY) - DAY / 2;
                let on_time = away.abs() <= CLOCKS && if later { day(run) > last } else { day(run) < first };
                let alike = calls * ALIKE >= size && calls <= size * ALIKE;
                on_time && alike && self.weekdays[weekday(day(run))] && !taken.contains(&run.first)
            };
            let mut runs: Vec<Cluster> = clusters.iter().filter(fits).copied().collect();
            runs.dedup_by_key(|run| day(run));
            let ends = if later {
                runs.last().map(|run| (last + 1, day(run)))
            } else {
                runs.first().map(|run| (day(run), first - 1))
            };
            let Some((from, to)) = ends else { continue };
            let due = (from..=to).filter(|day| self.weekdays[weekday(*day)]).count() as u64;
            if runs.len() as u64 * 100 >= due * MOST_DAYS {
                shifted.push((runs, due));
            }
        }
        if let Some((runs, due)) = shifted.into_iter().max_by_key(|(runs, _)| runs.len()) {
            self.due += due;
            self.runs.extend(runs);
            self.runs.sort_unstable();
        }
    }

    /// Adds to runs that were interrupted what came of them later: within the time that the middle run takes.
    fn gather(&mut self, clusters: &[Cluster], taken: &BTreeSet<usize>) {
        let takes = middle(self.runs.iter().map(|run| run.seconds().unsigned_abs()));
        for run in &mut self.runs {
            let after = clusters.partition_point(|other| other.from < run.until);
            let from = run.from;
            let in_time = |other: &&Cluster| (other.from - from).unsigned_abs() <= takes;
            let free = |other: &&Cluster| !taken.contains(&other.first);
            for other in clusters[after..].iter().take_while(in_time).take_while(free) {
                run.take_in(other);
            }
        }
    }
}

/// Monday is 0; Unix day 0 was a Thursday.
pub(super) fn weekday(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default()
}

/// The slot of runs that start at about one time, where it is a schedule.
fn slot(members: &[Cluster], all: usize, span: i64, wide: i64) -> Option<Slot> {
    let mut runs = members.to_vec();
    runs.sort_unstable();
    let start = members.get(members.len().saturating_sub(1) / 2)?.from.rem_euclid(DAY);
    let day = |run: &Cluster| Slot::day(start, run);
    let mut merged: Vec<Cluster> = Vec::with_capacity(runs.len());
    for run in &runs {
        match merged.last_mut() {
            Some(last) if day(last) == day(run) => last.take_in(run),
            _ => merged.push(*run),
        }
    }
    if runs.len() * 10 > merged.len() * MOST_A_DAY {
        return None;
    }
    merged.retain(|run| run.seconds() <= LONGEST);
    let (first, last) = (day(merged.first()?), day(merged.last()?));
    let (mut occurs, mut runs_on) = ([0u64; 7], [0u64; 7]);
    (first..=last).for_each(|day| occurs[weekday(day)] += 1);
    merged.iter().for_each(|run| runs_on[weekday(day(run))] += 1);
    let weekdays: [bool; 7] =
        std::array::from_fn(|day| runs_on[day] > 0 && runs_on[day] * 100 >= occurs[day] * MOST_DAYS);
    merged.retain(|run| weekdays[weekday(day(run))]);
    let named = weekdays.iter().filter(|named| **named).count();
    let (due, ran) =
        (0..7).filter(|day| weekdays[*day]).fold((0, 0), |(due, ran), d| (due + occurs[d], ran + runs_on[d]));
    if ran < LEAST_RUNS[usize::from(named == 1)] {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a chance is compared, not billed")]
    let by_chance = 1.0 - (-(all as f64) / span.max(1) as f64 * wide.max(60) as f64).exp();
    // The days were chosen after the runs were seen: every choice of days is one more try.
    let chance = (at_least(ran, due, by_chance) * CHOICES).min(1.0);
    (chance <= CHANCE).then_some(Slot { start, weekdays, runs: merged, due, chance })
}

const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// When runs start, in words, UTC.
pub(super) fn sentence(slots: &[Slot]) -> String {
    let Some(first) = slots.first() else { return String::new() };
    let minute = |slot: &Slot| slot.start.rem_euclid(3600) / 60;
    let clock = |slot: &Slot| format!("{:02}:{:02}", slot.start / 3600, minute(slot));
    // More times than anybody reads.
    if slots.len() > 4 {
        let weekdays = std::array::from_fn(|day| slots.iter().any(|slot| slot.weekdays[day]));
        let minutes = || slots.iter().map(minute);
        let spread = minutes().max().unwrap_or_default() - minutes().min().unwrap_or_default();
        let at = if spread <= 5 { format!(" around minute {} of the hour", minute(first)) } else { String::new() };
        return format!("{}, {} times a day{at}, UTC", days(weekdays), slots.len());
    }
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for slot in slots {
        let on = days(slot.weekdays);
        match parts.iter_mut().find(|(known, _)| *known == on) {
            Some((_, clocks)) => clocks.push(clock(slot)),
            None => parts.push((on, vec![clock(slot)])),
        }
    }
    let parts: Vec<String> =
        parts.into_iter().map(|(on, clocks)| format!("{on}, about {}", clocks.join(", "))).collect();
    format!("{} UTC", parts.join("; "))
}

/// Days of the week in words.
fn days(weekdays: [bool; 7]) -> String {
    let named: Vec<&str> = NAMES.iter().zip(weekdays).filter(|(_, named)| *named).map(|(name, _)| *name).collect();
    match named.len() {
        7 => "every day".to_owned(),
        5 if weekdays[..5] == [true; 5] => "Monday to Friday".to_owned(),
        2 if weekdays[5..] == [true; 2] => "Saturday and Sunday".to_owned(),
        _ => named.join(", "),
    }
}
