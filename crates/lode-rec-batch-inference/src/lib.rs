#![doc = include_str!("../README.md")]

mod signals;

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_engine::{Assumed, Context, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Edit, Mode, Money, Note, Owner, Run, Selector};
use lode_sim::Job;

/// What this recommender is.
pub const META: Meta = Meta {
    id: "batch-inference",
    lever: Lever { id: "batch-inference", name: "Batch inference" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Work nobody waits for, at about half the price.
#[derive(Debug)]
pub struct BatchInference;

impl Recommender for BatchInference {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        match subject {
            Owner::Workload(workload) => signals::of(cx, subject, workload),
            Owner::Pool(_) | Owner::Resource(..) | Owner::Account(_) => Signals::new(),
        }
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let Owner::Workload(workload) = subject else { return Vec::new() };
        let model = signals::called(&cx.profile(subject), workload);
        let Some(info) = cx.catalogue().model(&model) else { return Vec::new() };
        let calls = format!("{} to {} in {}", workload.caller.calls("the"), info.name, workload.region);
        let action = |mode: Mode, runs: Arc<[Run]>, title: String, notes: Vec<(&'static str, String)>| Action {
            key: mode.as_str().into(),
            selector: Selector { mode: Some(Mode::Standard), runs, ..Selector::all(subject.clone()) },
            edits: vec![Edit::Mode(mode)],
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: notes.into_iter().map(Note::from).collect(),
        };
        let (batch, flex) = (info.batch == Some(true), info.flex == Some(true));
        let all_in_batch =
            || action(Mode::Batch, Arc::default(), format!("Collect {calls} and run them as batch jobs"), Vec::new());
        let all_in_flex = || {
            action(
                Mode::Flex,
                Arc::default(),
                format!("Send {calls} at the Flex tier in place of Standard"),
                Vec::new(),
            )
        };
        let job = cx.job(subject);
        let runs_of = |job: &Job| {
            let whole = cx.traffic(subject).is_some_and(|traffic| traffic.calls == job.calls);
            if whole {
                (format!("{calls} ({})", job.schedule), "")
            } else {
                (format!("the job among {calls} ({})", job.schedule), "; the others stay as they are")
            }
        };
        let runs_in_batch = || {
            let job = job.as_deref()?;
            let (runs, left) = enough(job, given.count("least_records"));
            let (what, others) = runs_of(job);
            let title = format!("Run {what} as batch jobs{others}");
            (!runs.is_empty()).then(|| action(Mode::Batch, runs, title, notes(&left)))
        };
        let runs_in_flex = || {
            let job = job.as_deref()?;
            let (what, others) = runs_of(job);
            let title = format!("Send {what} at the Flex tier in place of Standard{others}");
            Some(action(Mode::Flex, Arc::clone(&job.runs), title, Vec::new()))
        };
        let offered: [Option<Action>; 2] = match rule.id.as_str() {
            "nobody-waits" => [batch.then(all_in_batch), flex.then(all_in_flex)],
            "nobody-waits-flex" => [flex.then(all_in_flex), None],
            "scheduled-runs" => [runs_in_batch(), flex.then(runs_in_flex).flatten()],
            "scheduled-runs-flex" => [runs_in_flex(), None],
            "frequent-runs" => [runs_in_batch(), None],
            _ => [None, None],
        };
        offered.into_iter().flatten().collect()
    }
}

/// The runs of days on which a job has records enough, all runs of a day in one job; and the days without.
fn enough(job: &Job, least: u32) -> (Arc<[Run]>, Vec<u32>) {
    const DAY: i64 = 86_400;
    let moving = |run: &Run| run.calls - run.stay.min(run.calls);
    let mut records: BTreeMap<i64, u32> = BTreeMap::new();
    for run in job.runs.iter() {
        *records.entry(run.from.div_euclid(DAY)).or_default() += moving(run);
    }
    let runs = job.runs.iter().filter(|run| records.get(&run.from.div_euclid(DAY)) >= Some(&least)).copied().collect();
    (runs, records.into_values().filter(|records| *records < least).collect())
}

/// What of a job cannot become one.
fn notes(left: &[u32]) -> Vec<(&'static str, String)> {
    if left.is_empty() {
        return Vec::new();
    }
    let calls: u32 = left.iter().sum();
    vec![("job.days_below_minimum", format!("{} days with {calls} calls in all: they stay on demand", left.len()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_records_enough_stay() {
        let run = |from, calls, stay| Run { from, until: from + 60, calls, stay };
        let day = 86_400;
        // Two runs of 60 and 50 on the first day, one of 105 with a trickle of ten on the second, one of 100 on the third.
        let runs: Arc<[Run]> = [run(0, 60, 0), run(7200, 50, 0), run(day, 105, 10), run(2 * day, 100, 0)].into();
        let job = Job { runs: Arc::clone(&runs), ..empty() };
        assert_eq!(enough(&job, 100), ([runs[0], runs[1], runs[3]].into(), vec![95]));
        assert_eq!(notes(&[95, 5])[0].1, "2 days with 100 calls in all: they stay on demand");
        assert_eq!(notes(&[]), []);
    }

    fn empty() -> Job {
        Job {
            runs: Arc::default(),
            schedule: String::new(),
            due: 0,
            chance: 0.0,
            hours_of_day: 0,
            by_hour_of_week: Vec::new(),
            others_by_hour: [0; 24],
            days_of_week: 0,
            calls: 0,
            stay: 0,
            kept: 0,
            conversations: 0,
            with_body: 0,
            calls_per_run: 0,
            smallest_run: 0,
            by_day: Vec::new(),
            missed_since: 0,
            longest: 0,
            to_next: 0,
            per_minute: 0.0,
            per_minute_of_day: 0.5,
            at_once: 0,
            examples: Vec::new(),
        }
    }
}
