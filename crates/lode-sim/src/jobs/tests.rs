//! Times that a person can follow: which of them are a job.

use lode_model::{TaskForm, TokenCounts};

use super::*;

const HOUR: i64 = 3600;
/// 2026-10-05, a Monday, 00:00 UTC.
const MONDAY: i64 = 20_731 * DAY;

/// Seconds of a reproducible throw below `bound`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % bound.unsigned_abs()).expect("small")
    }
}

fn job(mut seconds: Vec<i64>) -> Option<Job> {
    seconds.sort_unstable();
    let until = seconds.last().map_or(MONDAY, |last| (last.div_euclid(DAY) + 1) * DAY);
    let call = |(place, second): (usize, i64)| {
        let request = Request {
            id: format!("{place}").into(),
            time: jiff::Timestamp::from_second(second).expect("a time"),
            account: "111111111111".into(),
            region: "us-east-1".into(),
            model: "amazon.nova-pro-v1:0".into(),
            routing: lode_model::Routing::Regional,
            caller: "role/app".into(),
            mode: None,
            streaming: false,
            tokens: TokenCounts { input: 10, output: 1, ..TokenCounts::default() },
            error: None,
            output_form: lode_model::OutputForm::Text,
            output_limit: None,
            stop_reason: None,
            latency_ms: Some(2000),
            tools_called: Vec::new(),
            chain: lode_model::Chain::default(),
            schema_bound: false,
            guarded: None,
            has_body: false,
            segments: Vec::new(),
        };
        Arc::new(request)
    };
    let owner = Owner::Account("111111111111".into());
    let calls = seconds.into_iter().enumerate().map(call).collect();
    Job::among(&OwnerCalls::new(owner, TaskForm::Text, calls), until)
}

/// So many single calls at random on each of 28 days, between two hours.
fn trickle(dice: &mut Dice, a_day: i64, (from, until): (i64, i64)) -> Vec<i64> {
    let mut seconds = Vec::new();
    for day in 0..28 {
        seconds.extend((0..a_day).map(|_| MONDAY + day * DAY + from * HOUR + dice.below((until - from) * HOUR)));
    }
    seconds
}

#[test]
fn a_night_is_one_run_a_day() {
    // 100 calls a minute apart from about 01:00 on, every night.
    let night = |day: i64| (0..100).map(move |call| MONDAY + day * DAY + HOUR + day * 7 + call * 60);
    let job = job((0..28).flat_map(night).collect()).expect("a job");
    assert_eq!(job.schedule, "every day, about 01:01 UTC");
    assert_eq!((job.runs.len(), job.due, job.calls, job.stay, job.kept), (28, 28, 2800, 0, 0));
    assert_eq!((job.calls_per_run, job.longest, job.at_once), (100, 99 * 60 + 1, 1));
    assert_eq!(
        job.runs[1],
        Run { from: MONDAY + DAY + HOUR + 7, until: MONDAY + DAY + HOUR + 5948, calls: 100, stay: 0 }
    );
    assert_eq!(job.to_next, 86_400 + 7 - 5941, "from the end of a run to the next");
    assert!(job.chance < 1e-9, "{}", job.chance);
    assert_eq!(job.by_hour_of_week.iter().sum::<u64>(), 2800);
}

#[test]
fn an_hourly_job_runs_in_every_hour() {
    let mut dice = Dice(1);
    let mut seconds = Vec::new();
    for hour in 0..28 * 24 {
        let from = MONDAY + hour * HOUR + 7 * 60 + dice.below(20);
        seconds.extend((0..6).map(|call| from + call * 9));
    }
    let job = job(seconds).expect("a job");
    assert_eq!(job.schedule, "every day, 24 times a day around minute 7 of the hour, UTC");
    assert_eq!((job.runs.len(), job.hours_of_day, job.calls, job.stay), (672, 24, 4032, 0));
    assert_eq!((job.calls_per_run, job.to_next / 60), (6, 59));
}

#[test]
fn a_burst_in_a_trickle_is_found_and_the_trickle_left() {
    let mut dice = Dice(2);
    // 60 calls a day from seven to seven, five an hour; from Monday to Friday 120 calls within four minutes after 09:30.
    let mut seconds = trickle(&mut dice, 60, (7, 19));
    for day in (0..28).filter(|day| day % 7 < 5) {
        let from = MONDAY + day * DAY + 9 * HOUR + 1800 + dice.below(300);
        seconds.extend((0..120).map(|_| from + dice.below(240)));
    }
    let job = job(seconds).expect("a job");
    assert!(job.schedule.starts_with("Monday to Friday, about 09:3"), "{}", job.schedule);
    assert_eq!((job.runs.len(), job.due), (20, 20));
    // A call of the trickle within a minute of the run counts as its own; what is expected of it stays.
    assert!((2400..=2412).contains(&job.calls) && (4..=14).contains(&job.stay), "{} {}", job.calls, job.stay);
    assert!(job.per_minute / job.per_minute_of_day > 50.0, "{} {}", job.per_minute, job.per_minute_of_day);
}

#[test]
fn a_busy_trickle_leaves_its_part_of_a_long_run() {
    let mut dice = Dice(3);
    // Ten calls an hour all day long; 300 more between 02:00 and 04:00, every night.
    let mut seconds = trickle(&mut dice, 240, (0, 24));
    for day in 0..28 {
        seconds.extend((0..300).map(|_| MONDAY + day * DAY + 2 * HOUR + dice.below(2 * HOUR)));
    }
    let job = job(seconds).expect("a job");
    assert!(["every day, about 01:59 UTC", "every day, about 02:00 UTC"].contains(&&*job.schedule), "{}", job.schedule);
    let stay = job.stay / job.runs.len() as u64;
    assert!((17..=23).contains(&stay), "two hours of ten calls, not {stay}");
    assert!((318..=324).contains(&job.calls_per_run), "{}", job.calls_per_run);
}

#[test]
fn a_week_has_one_run() {
    let mut dice = Dice(4);
    let mut seconds = Vec::new();
    for week in 0..4 {
        let sunday = MONDAY + (week * 7 + 6) * DAY + 22 * HOUR;
        seconds.extend((0..300).map(|_| sunday + dice.below(HOUR)));
    }
    let job = job(seconds).expect("a job");
    assert_eq!(job.schedule, "Sunday, about 22:00 UTC");
    assert_eq!((job.runs.len(), job.due, job.calls), (4, 4, 1200));
}

#[test]
fn a_run_across_midnight_is_one() {
    let night = |day: i64| (0..60).map(move |call| MONDAY + day * DAY + DAY - 300 + (day % 3) * 200 + call * 30);
    let job = job((0..28).flat_map(night).collect()).expect("a job");
    assert_eq!((job.runs.len(), job.due, job.calls), (28, 28, 1680));
    assert!(job.schedule == "every day, about 23:58 UTC", "{}", job.schedule);
}

#[test]
fn what_comes_at_random_is_no_job() {
    let mut dice = Dice(5);
    assert_eq!(job(trickle(&mut dice, 100, (0, 24))), None, "evenly");
    assert_eq!(job(trickle(&mut dice, 4, (0, 24))), None, "rarely");
    // Incidents at any time, each of twenty calls within five minutes.
    for seed in 6..26 {
        let mut dice = Dice(seed);
        let mut seconds = trickle(&mut dice, 5, (0, 24));
        for _ in 0..30 {
            let from = MONDAY + dice.below(28 * DAY);
            seconds.extend((0..20).map(|_| from + dice.below(300)));
        }
        assert_eq!(job(seconds), None, "seed {seed}");
    }
    assert_eq!(job(vec![MONDAY]), None);
    assert_eq!(job(Vec::new()), None);
}

#[test]
fn people_at_a_desk_make_long_runs_at_most() {
    for seed in 30..40 {
        let mut dice = Dice(seed);
        let mut seconds = Vec::new();
        for day in (0..28).filter(|day| day % 7 < 5) {
            let nine = MONDAY + day * DAY + 9 * HOUR;
            seconds.extend((0..40).map(|_| nine + dice.below(600)));
            seconds.extend((0..90).map(|_| nine + dice.below(3 * HOUR)));
            seconds.extend((0..150).map(|_| nine + 4 * HOUR + dice.below(5 * HOUR)));
        }
        let Some(job) = job(seconds) else { continue };
        let contrast = job.per_minute / job.per_minute_of_day;
        assert!(contrast < 15.0 && job.hours_of_day < 12, "seed {seed}: {contrast}, {}", job.schedule);
    }
}

#[test]
fn a_job_goes_on_when_clocks_are_put_back() {
    // Monday to Friday at 06:00 UTC for three weeks and a day, from then on at 07:00: a few days only.
    let run = |day: i64| {
        let hour = if day > 21 { 7 } else { 6 };
        (0..60).map(move |call| MONDAY + day * DAY + hour * HOUR + call * 3)
    };
    let job = job((0..25).filter(|day| day % 7 < 5).flat_map(run).collect()).expect("a job");
    assert_eq!(job.schedule, "Monday to Friday, about 06:00 UTC");
    assert_eq!((job.runs.len(), job.due, job.calls), (19, 19, 19 * 60));
}

#[test]
fn what_stays_is_what_came_besides() {
    // Monday to Friday: twenty calls an hour from 08:00 to 18:00, and 120 within four minutes at 10:00; and one call a quarter
    // of a year before.
    for early in [false, true] {
        let mut dice = Dice(7);
        let mut seconds = vec![];
        for day in (0..28).filter(|day| day % 7 < 5) {
            let midnight = MONDAY + day * DAY;
            seconds.extend((0..200).map(|_| midnight + 8 * HOUR + dice.below(10 * HOUR)));
            seconds.extend((0..120).map(|_| midnight + 10 * HOUR + dice.below(240)));
        }
        seconds.extend(early.then_some(MONDAY - 90 * DAY));
        let job = job(seconds).expect("a job");
        let besides = job.calls - 20 * 120;
        assert!(job.stay.abs_diff(besides) <= 10, "{besides} came besides, {} stay", job.stay);
    }
}

#[test]
fn less_than_a_call_a_run_adds_up() {
    // Ten calls an hour all day long, and six more within a minute of every hour.
    let mut dice = Dice(8);
    let mut seconds = trickle(&mut dice, 240, (0, 24));
    for hour in 0..28 * 24 {
        let from = MONDAY + hour * HOUR + 5 * 60 + dice.below(10);
        seconds.extend((0..6).map(|call| from + call * 8));
    }
    let job = job(seconds).expect("a job");
    let besides = job.calls - 28 * 24 * 6;
    assert!(besides > 100 && job.stay.abs_diff(besides) <= besides / 10, "{besides} came besides, {} stay", job.stay);
}

#[test]
fn what_comes_together_by_chance_hides_no_job() {
    let mut dice = Dice(9);
    // Twenty calls an hour, day and night; 600 within an hour of every Sunday.
    let mut seconds = trickle(&mut dice, 480, (0, 24));
    for week in 0..4 {
        let sunday = MONDAY + (week * 7 + 6) * DAY + 22 * HOUR;
        seconds.extend((0..600).map(|_| sunday + dice.below(HOUR)));
    }
    let job = job(seconds).expect("a job");
    assert!(job.schedule.starts_with("Sunday, about 2"), "{}", job.schedule);
    assert_eq!(job.runs.len(), 4);
}

#[test]
fn a_run_over_midnight_is_of_the_day_on_which_it_starts() {
    let run = |week: i64| (0..150).map(move |call| MONDAY + (week * 7 + 6) * DAY + DAY - 1800 + call * 24);
    let job = job((0..4).flat_map(run).collect()).expect("a job");
    assert_eq!((job.by_day, job.days_of_week, job.missed_since), (vec![150; 4], 1, 0));
}

#[test]
fn a_job_that_has_stopped_is_seen_to() {
    let mut seconds: Vec<i64> =
        (0..10).flat_map(|day| (0..100).map(move |call| MONDAY + day * DAY + HOUR + call * 3)).collect();
    seconds.push(MONDAY + 20 * DAY + 12 * HOUR);
    let job = job(seconds).expect("a job");
    assert_eq!((job.runs.len(), job.missed_since), (10, 11), "the nights of days 10 to 20");
}

#[test]
fn a_pause_makes_no_second_run() {
    // 370 calls within an hour of four Tuesdays, 9.7 seconds apart on average, with pauses of more than a minute and a half.
    for seed in 50..60 {
        let mut dice = Dice(seed);
        let mut seconds = Vec::new();
        for week in 0..4 {
            let from = MONDAY + (week * 7 + 1) * DAY + 8 * HOUR;
            let pause = 600 + dice.below(2000);
            let at = |throw: i64| if throw < pause { throw } else { throw + 93 };
            seconds.extend((0..370).map(|_| from + at(dice.below(HOUR))));
        }
        let job = job(seconds).expect("a job");
        assert_eq!((job.runs.len(), job.calls), (4, 1480), "seed {seed}");
        assert!(job.to_next > 6 * 86_400, "seed {seed}: {}", job.to_next);
    }
}
