//! Work that nobody waits for comes by the clock, at every seed; what looks like it has its reason to stay.

use std::collections::{BTreeMap, BTreeSet};

use crate::apps::{ALL, FEWEST_RECORDS, calls_of, position};
use crate::call::{Call, Content, Mode, Prompt};
use crate::month::{DAY, DAYS, Dice, HOUR, LOCAL_DAYS, START, Zone, day_of, is_weekend, weekday};
use crate::prices::{KIMI, KIMI_THINKING};
use crate::{HabitId, Habits, Options, Usd, estate};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;
const MINUTE: i64 = 60;
const JOBS: [(HabitId, &str); 3] = [
    (HabitId::HourlyJob, "item-dossiers"),
    (HabitId::JobInTrickle, "manual-chapters"),
    (HabitId::WeeklyJob, "course-chapters"),
];
const TRAPS: [&str; 5] = ["code-desk", "incident-bot", "night-audit", "night-reports", "story-time"];

fn whole(role: &str, seed: u64) -> Vec<Call> {
    calls_of(role, seed, 100, true)
}

/// The clock of an app: the first that its dice decide.
fn zone_of(role: &str, seed: u64) -> Zone {
    Zone::of(&mut Dice::of(seed, position(role).expect("an app")))
}

/// Local day and second of the day.
fn local(zone: Zone, time: i64) -> (i64, i64) {
    let second = |day| time - zone.at(day, 0);
    let day = LOCAL_DAYS.rev().find(|day| second(*day) >= 0).expect("a day");
    (day, second(day))
}

/// Calls one after another that are at most so many seconds apart.
fn runs(calls: &[Call], apart: i64) -> Vec<&[Call]> {
    calls.chunk_by(|one, next| next.time - one.time <= apart).collect()
}

fn span(run: &[Call]) -> i64 {
    run[run.len() - 1].time - run[0].time
}

/// On demand, in pico-dollars.
fn cost(call: &Call) -> i128 {
    let rates = &call.model.regional;
    i128::from(call.prompt_tokens()) * rates.input + i128::from(call.answer.tokens()) * rates.output
}

fn a_month(pico: i128) -> Usd {
    Usd::from_pico(pico).times(730, 672)
}

/// Worth a line of a report.
const FIFTEEN: Usd = Usd::from_pico(15_000_000_000_000);

/// The calls of a job, of which the right month buys none on demand.
fn job_of(role: &str, seed: u64) -> (Vec<Call>, Vec<Call>) {
    let waits: BTreeSet<u64> = calls_of(role, seed, 100, false)
        .into_iter()
        .filter(|call| call.mode == Mode::Standard)
        .map(|call| call.number)
        .collect();
    whole(role, seed).into_iter().partition(|call| !waits.contains(&call.number))
}

#[test]
fn an_hourly_job_runs_every_hour_at_its_minute() {
    let mut minutes = BTreeSet::new();
    for seed in SEEDS {
        let calls = whole("item-dossiers", seed);
        let mut begins = Vec::new();
        for hour in 0..DAYS * 24 {
            let from = START + hour * HOUR;
            let run: Vec<i64> =
                calls.iter().map(|call| call.time - from).filter(|second| (0..HOUR).contains(second)).collect();
            assert!((5..=8).contains(&run.len()), "seed {seed}, hour {hour}: {}", run.len());
            assert!(run[run.len() - 1] - run[0] <= MINUTE, "seed {seed}, hour {hour}: {run:?}");
            begins.push(run[0]);
        }
        let (first, last) = (begins.iter().min().expect("hours"), begins.iter().max().expect("hours"));
        // Forty seconds late at most, and the first call half a minute or so after that.
        assert!(last - first <= 90, "seed {seed}: {first} to {last}");
        assert!(begins.iter().collect::<BTreeSet<_>>().len() > 5, "seed {seed} has no jitter");
        minutes.insert(first / MINUTE);
        for day in 0..DAYS {
            let records = calls.iter().filter(|call| day_of(call.time) == day).count();
            assert!(records >= FEWEST_RECORDS as usize, "seed {seed}: {records} a day");
        }
    }
    assert!(minutes.len() >= 10, "{minutes:?}");
}

#[test]
fn a_job_runs_on_working_days_in_an_app_that_people_call_by_day() {
    let (mut amid, mut at_night, mut rates) = (0, 0, BTreeSet::new());
    for seed in SEEDS {
        let zone = zone_of("manual-chapters", seed);
        let (job, trickle) = job_of("manual-chapters", seed);
        let runs = runs(&job, HOUR);
        assert_eq!(runs.len(), 20, "seed {seed}");
        let mut begins = BTreeSet::new();
        for run in &runs {
            assert!((110..=160).contains(&run.len()), "seed {seed}: {}", run.len());
            assert!(span(run) <= 10 * MINUTE, "seed {seed}: {} seconds", span(run));
            let together = run.chunk_by(|one, next| one.time == next.time).map(<[Call]>::len).max();
            assert!((3..=6).contains(&together.expect("calls")), "seed {seed}: {together:?}");
            let (day, second) = local(zone, run[0].time);
            assert!(!is_weekend(day), "seed {seed}: day {day}");
            assert_eq!(day_of(run[0].time), day_of(run[run.len() - 1].time), "one batch job a day");
            begins.insert(second);
        }
        let (first, last) = (begins.first().expect("runs"), begins.last().expect("runs"));
        assert!((1..=8 * MINUTE).contains(&(last - first)), "seed {seed}: {begins:?}");
        if *first >= 7 * HOUR {
            amid += 1
        } else {
            at_night += 1
        }

        // One by one, by day, on working days 2 to 5 an hour.
        let mut of_day = 0;
        for call in &trickle {
            let (day, second) = local(zone, call.time);
            assert!((7 * HOUR..19 * HOUR).contains(&second), "seed {seed}: {second}");
            of_day += i64::from(!is_weekend(day));
        }
        let tenths = of_day * 10 / (20 * 12);
        assert!((16..=56).contains(&tenths), "seed {seed}: {tenths} tenths an hour");
        rates.insert(tenths / 10);
        let crowded = trickle.windows(4).filter(|four| span(four) < MINUTE).count();
        assert_eq!(crowded, 0, "seed {seed}: nobody calls four times a minute");
        // The same words before, texts of the same kind and size.
        let system = |call: &Call| match &call.prompt {
            Prompt::Full { system, .. } => system.clone(),
            Prompt::Counts(_) => panic!("no body"),
        };
        assert!(job.iter().chain(&trickle).all(|call| system(call) == system(&job[0])));
        let sizes = |calls: &[Call]| {
            let tokens: Vec<u64> = calls.iter().map(Call::prompt_tokens).collect();
            tokens.iter().sum::<u64>() / tokens.len() as u64
        };
        assert!(sizes(&job).abs_diff(sizes(&trickle)) < 50, "seed {seed}");
    }
    assert!(amid >= 4 && at_night >= 4, "{amid} by day, {at_night} at night");
    assert!(rates.len() >= 3, "{rates:?}");
}

#[test]
fn a_weekly_job_has_its_weekday_and_hour() {
    let mut moments = BTreeSet::new();
    for seed in SEEDS {
        let calls = whole("course-chapters", seed);
        let runs = runs(&calls, 3 * HOUR);
        assert_eq!(runs.len(), 4, "seed {seed}");
        let mut at = BTreeSet::new();
        for run in runs {
            assert!((250..=400).contains(&run.len()), "seed {seed}: {}", run.len());
            for call in run {
                at.insert((weekday(day_of(call.time)), (call.time - START) % DAY / HOUR));
            }
        }
        assert_eq!(at.len(), 1, "seed {seed}: {at:?}");
        moments.extend(at);
    }
    assert!(moments.len() >= 12, "{moments:?}");
}

#[test]
fn a_job_bought_right_costs_half_and_saves_fifteen_dollars_a_month() {
    for seed in SEEDS {
        for (id, role) in JOBS {
            let (job, waits) = job_of(role, seed);
            let half = job.iter().map(cost).sum::<i128>() / 2;
            assert!(a_month(half) > FIFTEEN, "{id} at seed {seed}: {}", a_month(half));
            assert_eq!(waits.is_empty(), id != HabitId::JobInTrickle, "{id}");
        }
    }
    // As the two bills have it, at full size and at a small one.
    for scale in [100, 5] {
        let options = Options { seed: 3, scale, habits: Habits::all() };
        let with = estate(&options).bill().total();
        for (id, role) in JOBS {
            let habits = options.habits.without(id);
            let right = estate(&Options { habits, ..options });
            let app = position(role);
            let of = |call: &&Call| Some(call.app) == app;
            let half = right.calls.iter().filter(of).filter(|call| call.mode != Mode::Standard).map(cost).sum::<i128>();
            assert_eq!((with - right.bill().total()).pico(), half / 2, "{id}");
            let modes: BTreeSet<Mode> = right.calls.iter().filter(of).map(|call| call.mode).collect();
            let bought = if scale == 100 && id != HabitId::HourlyJob { Mode::Batch } else { Mode::Flex };
            let standard = (id == HabitId::JobInTrickle).then_some(Mode::Standard);
            assert_eq!(modes, standard.into_iter().chain([bought]).collect(), "{id} at scale {scale}");
        }
    }
}

#[test]
fn every_seed_keeps_its_own_times_and_keeps_to_them() {
    for role in JOBS.map(|(_, role)| role).into_iter().chain(TRAPS) {
        let times = |seed| whole(role, seed).iter().map(|call| call.time).collect::<Vec<_>>();
        assert_eq!(whole(role, 7), whole(role, 7), "{role}");
        assert_ne!(times(7), times(8), "{role}");
    }
}

#[test]
fn people_at_a_desk_come_after_nine_and_go_to_lunch() {
    for seed in SEEDS {
        let zone = zone_of("code-desk", seed);
        let mut hours: BTreeMap<i64, usize> = BTreeMap::new();
        let mut crowds: BTreeMap<i64, usize> = BTreeMap::new();
        for call in whole("code-desk", seed) {
            let (day, second) = local(zone, call.time);
            assert!((9 * HOUR..18 * HOUR).contains(&second) && !is_weekend(day), "seed {seed}: {second}");
            *hours.entry(second / HOUR).or_default() += 1;
            if second < 9 * HOUR + 10 * MINUTE {
                *crowds.entry(day).or_default() += 1;
            }
        }
        assert_eq!(crowds.len(), 20, "seed {seed}");
        assert!(crowds.values().all(|calls| (14..=26).contains(calls)), "seed {seed}: {crowds:?}");
        let others = (10..18).filter(|hour| *hour != 12).map(|hour| hours[&hour]).min().expect("hours");
        assert!(hours[&12] < others, "seed {seed}: {hours:?}");
    }
}

#[test]
fn incidents_come_in_clumps_at_any_hour() {
    for seed in SEEDS {
        let calls = whole("incident-bot", seed);
        let hours: BTreeSet<i64> = calls.iter().map(|call| (call.time - START) % DAY / HOUR).collect();
        assert!(hours.len() >= 22, "seed {seed}: {hours:?}");
        let clumps: Vec<i64> =
            runs(&calls, 5 * MINUTE).into_iter().filter(|run| run.len() >= 10).map(|run| run[0].time).collect();
        assert!((50..=84).contains(&clumps.len()), "seed {seed}: {}", clumps.len());
        // No hour of the day has more than a fifth of them, so that there is no time of the day to expect them at.
        let mut by_hour: BTreeMap<i64, usize> = BTreeMap::new();
        for time in &clumps {
            *by_hour.entry((time - START) % DAY / HOUR).or_default() += 1;
        }
        assert!(by_hour.values().all(|count| count * 5 <= clumps.len()), "seed {seed}: {by_hour:?}");
    }
}

#[test]
fn a_nightly_agent_has_records_enough_and_tools_in_each() {
    for seed in SEEDS {
        let calls = whole("night-audit", seed);
        let nights = runs(&calls, HOUR);
        assert_eq!(nights.len(), 20, "seed {seed}");
        for night in nights {
            // Three calls each of 34 questions: a batch job would take as many records.
            assert_eq!(night.len(), 102, "seed {seed}");
            assert!(night.len() >= FEWEST_RECORDS as usize);
            assert!(span(night) <= 12 * MINUTE, "seed {seed}: {}", span(night));
        }
        for call in &calls {
            let Prompt::Full { tools, .. } = &call.prompt else { panic!("no body") };
            assert_eq!(tools.len(), 2);
        }
        let asked = calls.iter().filter(|call| matches!(call.answer, Content::ToolUse(..))).count();
        assert_eq!(asked * 3, calls.len() * 2, "two tools and a verdict");
    }
}

#[test]
fn nightly_reports_are_too_few_for_a_batch_job_at_every_size() {
    for (seed, scale) in SEEDS.map(|seed| (seed, 100)).chain([(1, 400)]) {
        let calls = calls_of("night-reports", seed, scale, true);
        let nights = runs(&calls, HOUR);
        assert_eq!(nights.len(), 20, "seed {seed}");
        for night in nights {
            assert!((30..=60).contains(&night.len()), "seed {seed}: {}", night.len());
            assert!(span(night) <= 5 * MINUTE, "seed {seed}: {}", span(night));
        }
        for day in 0..DAYS {
            let records = calls.iter().filter(|call| day_of(call.time) == day).count();
            assert!(records < FEWEST_RECORDS as usize, "seed {seed}: {records} on day {day}");
        }
    }
}

#[test]
fn stories_are_streamed_in_the_evening() {
    for seed in SEEDS {
        let zone = zone_of("story-time", seed);
        let calls = whole("story-time", seed);
        assert!(calls.len() >= 1_000, "seed {seed}: {}", calls.len());
        assert!(calls.iter().all(|call| (19 * HOUR..23 * HOUR).contains(&local(zone, call.time).1)), "seed {seed}");
    }
}

#[test]
fn traps_could_be_bought_in_batch_by_price_alone() {
    let month = estate(&Options { seed: 1, scale: 100, habits: Habits::none() });
    let twins: BTreeSet<String> = month
        .truth()
        .twins
        .into_iter()
        .filter(|twin| twin.lever == "batch-inference")
        .filter_map(|twin| twin.caller)
        .collect();
    for role in TRAPS {
        // A report that falls for one is wrong by dollars that count.
        for seed in SEEDS {
            let spent = a_month(whole(role, seed).iter().map(cost).sum());
            assert!(spent > FIFTEEN, "{role} at seed {seed}: {spent}");
        }
        assert!(twins.contains(&format!("role/{role}")), "{role}");
        assert_eq!(ALL[position(role).expect("an app")].operation.streams(), role == "story-time");
        let calls = whole(role, 1);
        assert_eq!(calls, calls_of(role, 1, 100, false), "{role} has no habit");
        for call in calls {
            assert!(call.mode == Mode::Standard && call.model.regional.batch.is_some(), "{role}");
            // Where nobody waits, the flex price would be a saving.
            let nightly = role.starts_with("night");
            assert_eq!(call.model.regional.flex.is_none(), nightly, "{role}");
        }
    }
    // The order of calls of one second would matter to a cache.
    assert!(month.calls.iter().filter(|call| !ALL[call.app].keeps_slots()).all(|call| call.model.cache_min.is_none()));
    for model in [&KIMI, &KIMI_THINKING] {
        let half = (model.regional.input / 2, model.regional.output / 2);
        assert_eq!(model.regional.batch, Some(half));
        assert!(model.regional.flex.is_none_or(|flex| flex == half));
    }
}
