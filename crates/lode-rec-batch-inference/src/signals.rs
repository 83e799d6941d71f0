//! What is measured of the calls of a workload: how they look, when they come, and the job among them.

use lode_engine::{Context, Input, Signals, Subject};
use lode_model::{Mode, ModelId, Region, WorkloadId};
use lode_sim::{Job, Profile, Traffic, off_hours, off_hours_of_job};

/// Units of the signals.
const OF_CALLS: &str = "share of calls";
const OF_RUNS: &str = "share of the calls of its runs";
const PER_DAY: &str = "calls a day with any";
const HOURS: &str = "hours of the day in which runs start";
const MISSED: &str = "runs that were due since the last one";
const DAYS: &str = "days of the week";
const CONTRAST: &str = "calls a minute of a run / of a day of twelve hours";
const TO_NEXT: &str = "hours from the end of a run to the next";

/// Everything that the rules compare.
pub(crate) fn of(cx: &Context<'_>, subject: &Subject, workload: &WorkloadId) -> Signals {
    let spend = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::Standard);
    let model = cx.catalogue().model(&called(&cx.profile(subject), workload));
    let (batch, flex) = model.map_or((false, false), |model| (model.batch == Some(true), model.flex == Some(true)));
    let signals = Signals::new()
        .flag("model.batch_or_flex", batch || flex)
        .flag("model.batch", batch)
        .flag("model.flex", flex)
        .money("spend.standard_monthly", "USD per month", spend);
    let signals = match named(workload) {
        Some(word) => signals.text("caller.named", "", format!("\"{word}\" in its name, a hint only")),
        None => signals,
    };
    let Some(traffic) = cx.traffic(subject) else { return unknown(signals) };
    let signals = demand(signals, &traffic, &workload.region);
    match cx.job(subject) {
        Some(found) => {
            let others = traffic.calls.saturating_sub(found.calls);
            let signals = signals.number("demand.outside_runs_share", OF_CALLS, share(others, traffic.calls));
            job(signals.flag("job.found", true), &found, &workload.region)
        }
        None => signals.number("demand.outside_runs_share", OF_CALLS, 0.0).flag("job.found", false),
    }
}

/// The model that most of a workload's tokens go to at this point of the walk.
pub(crate) fn called(profile: &Profile, workload: &WorkloadId) -> ModelId {
    let tokens = profile.uses.iter().filter(|used| used.key.class.is_token());
    let most = tokens.max_by_key(|used| (used.steps, std::cmp::Reverse(&used.key.model)));
    most.map_or_else(|| workload.model.clone(), |used| used.key.model.clone())
}

/// A word in a caller's name that jobs are called by.
fn named(workload: &WorkloadId) -> Option<&'static str> {
    const WORDS: [&str; 9] = ["batch", "nightly", "cron", "job", "etl", "backfill", "scheduled", "offline", "weekly"];
    let name = workload.caller.as_str().to_lowercase();
    WORDS.into_iter().find(|word| name.split(|c: char| !c.is_alphanumeric()).any(|part| part == *word))
}

/// Who waits for an answer shows only in the requests.
fn unknown(signals: Signals) -> Signals {
    let logs = Input::InvocationLogs;
    signals
        .missing("requests.streamed_share", OF_CALLS, logs)
        .missing("demand.off_hours_share", OF_CALLS, logs)
        .missing("demand.busiest_six_hours_share", OF_CALLS, logs)
        .missing("demand.calls_per_active_day", PER_DAY, logs)
        .missing("requests.tools_share", OF_CALLS, logs)
        .missing("requests.chained_share", OF_CALLS, logs)
        .missing("requests.schema_bound_share", OF_CALLS, logs)
        .missing("demand.outside_runs_share", OF_CALLS, logs)
        .missing("job.found", "", logs)
        .missing("job.off_hours_share", OF_RUNS, logs)
        .missing("job.hours_of_day", HOURS, logs)
        .missing("job.days_of_week", DAYS, logs)
        .missing("job.contrast", CONTRAST, logs)
        .missing("job.hours_to_next_run", TO_NEXT, logs)
        .missing("job.calls_per_active_day", PER_DAY, logs)
        .missing("job.conversation_share", OF_RUNS, logs)
        .missing("job.missed_since", MISSED, logs)
}

#[expect(clippy::cast_precision_loss, reason = "shares are compared and shown, not billed")]
fn share(part: u64, of: u64) -> f64 {
    part as f64 / of.max(1) as f64
}

/// How the calls look and when they come.
fn demand(signals: Signals, traffic: &Traffic, region: &Region) -> Signals {
    let signals = signals
        .number("requests.streamed_share", OF_CALLS, share(traffic.streamed, traffic.calls))
        .number("demand.off_hours_share", OF_CALLS, share(off_hours(&traffic.by_hour_of_week, region), traffic.calls))
        .number("demand.busiest_six_hours_share", OF_CALLS, share(traffic.in_busiest_six_hours, traffic.calls))
        .number("demand.calls_per_active_day", PER_DAY, share(traffic.calls, traffic.by_day.len() as u64));
    if traffic.with_body == 0 {
        let bodies = Input::RequestBodies;
        return signals
            .missing("requests.tools_share", OF_CALLS, bodies)
            .missing("requests.chained_share", OF_CALLS, bodies)
            .missing("requests.schema_bound_share", OF_CALLS, bodies);
    }
    let conversations: u64 = traffic.calls_by_turns.iter().skip(2).sum();
    let signals = signals
        .number("requests.tools_share", OF_CALLS, share(traffic.with_tools, traffic.with_body))
        // Steps of a chain and later turns of a conversation depend on the answer before them.
        .number("requests.chained_share", OF_CALLS, share(traffic.chained.max(conversations), traffic.with_body))
        .number("requests.schema_bound_share", OF_CALLS, share(traffic.schema_bound, traffic.with_body))
        .count("requests.calls", "calls", traffic.calls.into());
    if traffic.examples.is_empty() {
        signals
    } else {
        signals.text("requests.examples", "", traffic.examples.join(", "))
    }
}

/// The runs of a job.
#[expect(clippy::cast_precision_loss, reason = "signals are compared and shown, not billed")]
fn job(signals: Signals, job: &Job, region: &Region) -> Signals {
    let signals = signals
        .text("job.schedule", "", job.schedule.clone())
        .count("job.runs", "runs", job.runs.len() as i128)
        .number("job.kept_share", "share of the runs that its schedule has", share(job.runs.len() as u64, job.due))
        .number(
            "job.off_hours_share",
            OF_RUNS,
            share(off_hours_of_job(&job.by_hour_of_week, &job.others_by_hour, region), job.calls),
        )
        .count("job.hours_of_day", HOURS, job.hours_of_day.into())
        .count("job.days_of_week", DAYS, job.days_of_week.into())
        .number("job.contrast", CONTRAST, job.per_minute / job.per_minute_of_day)
        .number("job.hours_to_next_run", TO_NEXT, job.to_next as f64 / 3600.0)
        .count("job.missed_since", MISSED, job.missed_since.into())
        .count("job.calls_per_run", "calls of the middle run", job.calls_per_run.into())
        .count("job.smallest_run", "calls of the smallest run", job.smallest_run.into())
        .number("job.calls_per_active_day", PER_DAY, share(job.by_day.iter().sum(), job.by_day.len() as u64))
        .count("job.trickle", "calls in the time of its runs that stay", i128::from(job.stay + job.kept))
        .count("job.at_once", "calls being answered at once, at most", job.at_once.into())
        // Of a chance of nothing, so many digits that it is seen to be one.
        .text("job.chance", "", format!("{:.0e} that runs at random times keep to the schedule so often", job.chance));
    if job.with_body == 0 {
        return signals.missing("job.conversation_share", OF_RUNS, Input::RequestBodies);
    }
    signals.number("job.conversation_share", OF_RUNS, share(job.conversations, job.with_body)).text(
        "job.examples",
        "",
        job.examples.join(", "),
    )
}
