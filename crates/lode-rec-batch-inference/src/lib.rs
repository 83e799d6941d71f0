#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Edit, Mode, ModelId, Money, Owner, Region, Selector, WorkloadId};
use lode_sim::{Profile, Traffic};

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
        let Owner::Workload(workload) = subject else { return Signals::new() };
        let spend = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::Standard);
        let model = cx.catalogue().model(&called(&cx.profile(subject), workload));
        let signals = Signals::new()
            .flag("model.batch_or_flex", model.is_some_and(|m| m.batch == Some(true) || m.flex == Some(true)))
            .money("spend.standard_monthly", "USD per month", spend);
        match cx.traffic(subject) {
            Some(traffic) => demand(signals, &traffic, &workload.region),
            None => unknown(signals),
        }
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, _: &Assumed) -> Vec<Action> {
        let Owner::Workload(workload) = subject else { return Vec::new() };
        if rule.id != "nobody-waits" {
            return Vec::new();
        }
        let model = called(&cx.profile(subject), workload);
        let Some(info) = cx.catalogue().model(&model) else { return Vec::new() };
        let calls = format!("{} to {} in {}", workload.caller.calls("the"), info.name, workload.region);
        let action = |mode: Mode, title: String| Action {
            key: mode.as_str().into(),
            selector: Selector { mode: Some(Mode::Standard), ..Selector::all(subject.clone()) },
            edits: vec![Edit::Mode(mode)],
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: Vec::new(),
        };
        let batch = (info.batch == Some(true))
            .then(|| action(Mode::Batch, format!("Collect {calls} and run them as batch jobs")));
        let flex = (info.flex == Some(true))
            .then(|| action(Mode::Flex, format!("Send {calls} at the Flex tier in place of Standard")));
        batch.into_iter().chain(flex).collect()
    }
}

/// The model that most of a workload's tokens go to at this point of the walk.
fn called(profile: &Profile, workload: &WorkloadId) -> ModelId {
    let tokens = profile.uses.iter().filter(|used| used.key.class.is_token());
    let most = tokens.max_by_key(|used| (used.steps, std::cmp::Reverse(&used.key.model)));
    most.map_or_else(|| workload.model.clone(), |used| used.key.model.clone())
}

/// Units of the signals.
const OF_CALLS: &str = "share of calls";
const PER_DAY: &str = "calls a day with any";

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
}

/// How the calls look and when they come.
#[expect(clippy::cast_precision_loss, reason = "shares are compared and shown, not billed")]
fn demand(signals: Signals, traffic: &Traffic, region: &Region) -> Signals {
    let calls = traffic.calls.max(1) as f64;
    let days = traffic.by_day.len().max(1) as f64;
    let signals = signals
        .number("requests.streamed_share", OF_CALLS, traffic.streamed as f64 / calls)
        .number("demand.off_hours_share", OF_CALLS, off_hours(&traffic.by_hour_of_week, region) as f64 / calls)
        .number("demand.busiest_six_hours_share", OF_CALLS, traffic.in_busiest_six_hours as f64 / calls)
        .number("demand.calls_per_active_day", PER_DAY, traffic.calls as f64 / days);
    if traffic.with_body == 0 {
        return signals.missing("requests.tools_share", OF_CALLS, Input::RequestBodies).missing(
            "requests.chained_share",
            OF_CALLS,
            Input::RequestBodies,
        );
    }
    let bodies = traffic.with_body as f64;
    let conversations: u64 = traffic.calls_by_turns.iter().skip(2).sum();
    let signals = signals
        .number("requests.tools_share", OF_CALLS, traffic.with_tools as f64 / bodies)
        // Steps of a chain and later turns of a conversation depend on the answer before them.
        .number("requests.chained_share", OF_CALLS, traffic.chained.max(conversations) as f64 / bodies)
        .count("requests.calls", "calls", traffic.calls.into());
    if traffic.examples.is_empty() {
        signals
    } else {
        signals.text("requests.examples", "", traffic.examples.join(", "))
    }
}

/// The working day: from 08:00 to 20:00, Monday to Friday, with room for summer time and late shifts.
const WORKING_HOURS: std::ops::Range<usize> = 8..20;
const HOURS_OF_WEEK: usize = 168;

/// Calls outside the working day of everyone whom a region is likely to serve: the fewest over its places.
/// `by_hour_of_week` counts calls from Monday 00:00 UTC on.
fn off_hours(by_hour_of_week: &[u64], region: &Region) -> u64 {
    let outside = |offset: usize| -> u64 {
        let calls = by_hour_of_week.iter().enumerate();
        calls
            .filter(|(hour, _)| {
                let local = (hour + offset) % HOURS_OF_WEEK;
                local / 24 >= 5 || !WORKING_HOURS.contains(&(local % 24))
            })
            .map(|(_, calls)| calls)
            .sum()
    };
    hours_ahead(region).iter().map(|&offset| outside(offset)).min().unwrap_or_default()
}

/// Hours to add to UTC, modulo a week, for the standard time of a region's place (AWS, Regions and Availability Zones,
/// read 2026-10); half hours are cut off. `us-east-1` is many customers' default and serves Europe's day too: both
/// count. An unknown region counts as UTC.
fn hours_ahead(region: &Region) -> &'static [usize] {
    const WEST_5: usize = HOURS_OF_WEEK - 5;
    let region = region.as_str();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| region.starts_with(prefix));
    if region == "us-east-1" {
        &[WEST_5, 0]
    } else if starts(&["us-east-", "us-gov-east-", "ca-central-"]) {
        &[WEST_5]
    } else if starts(&["us-west-", "us-gov-west-", "ca-west-", "mx-"]) {
        &[HOURS_OF_WEEK - 8]
    } else if starts(&["sa-"]) {
        &[HOURS_OF_WEEK - 3]
    } else if starts(&["eu-west-1", "eu-west-2"]) {
        &[0]
    } else if starts(&["eu-"]) {
        &[1]
    } else if starts(&["af-", "il-"]) {
        &[2]
    } else if starts(&["me-"]) {
        &[3]
    } else if starts(&["ap-south-"]) {
        &[5]
    } else if starts(&["ap-southeast-2", "ap-southeast-4"]) {
        &[10]
    } else if starts(&["ap-southeast-6"]) {
        &[12]
    } else if starts(&["ap-southeast-", "ap-east-"]) {
        &[8]
    } else if starts(&["ap-northeast-"]) {
        &[9]
    } else {
        &[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten calls in one hour of the week (Monday 00:00 UTC is 0).
    fn at(hour: usize) -> Vec<u64> {
        let mut calls = vec![0; HOURS_OF_WEEK];
        calls[hour] = 10;
        calls
    }

    #[test]
    fn a_night_is_one_where_the_callers_are() {
        for (hour, region, expected) in [
            (25, "us-east-1", 10),      // Tuesday 01:00 UTC, Monday 20:00 in New York
            (25, "us-west-2", 0),       // Monday 17:00 in Oregon
            (25, "ap-southeast-2", 0),  // Tuesday 11:00 in Sydney
            (39, "ap-southeast-2", 10), // Tuesday 15:00 UTC, Wednesday 01:00 in Sydney
            (33, "us-east-1", 0),       // Tuesday 09:00 UTC: night in New York, day in London
            (33, "us-east-2", 10),
            (130, "eu-central-1", 10), // Saturday
            (0, "us-west-2", 10),      // Monday 00:00 UTC is Sunday 16:00 in Oregon
            (33, "unknown", 0),
        ] {
            assert_eq!(off_hours(&at(hour), &Region::from(region)), expected, "hour {hour} in {region}");
        }
    }
}
