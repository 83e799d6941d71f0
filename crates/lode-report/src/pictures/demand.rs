//! Calls by hour of the week, and those of them that recommendations move to batch or Flex. Calls and not tokens are the
//! measure: runs of a job, records of a batch and quotas are counted in calls; tokens stand beside.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use lode_engine::Part;
use lode_model::{Edit, Mode, Owner};
use lode_sim::{Estate, selected};

use crate::Report;
use crate::v1::{DemandV1, HourOfWeekV1, MovedCallsV1, six_places};

const HOURS_OF_WEEK: usize = 168;
/// Seconds in which no time zone of today changes its hour but at the end: offsets are whole quarters of an hour.
const QUARTER: i64 = 900;

/// `None` without a logged call on a complete day.
pub(crate) fn demand(report: &Report<'_>) -> Option<DemandV1> {
    let estate = report.estate;
    let clock = Clock::of(estate, report.time_zone)?;
    let mut hours = [Hour::default(); HOURS_OF_WEEK];
    for quarter in &clock.quarters {
        hours[*quarter].quarters += 1;
    }
    let calls = estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners).flat_map(|own| &own.calls);
    for call in calls {
        if let Some(place) = clock.hour(call.time) {
            hours[place].calls += 1;
            hours[place].tokens += call.tokens.prompt().saturating_add(call.tokens.output);
        }
    }
    let calls = hours.iter().map(|hour| hour.calls).sum();
    if calls == 0 {
        return None;
    }
    let moves = moves(report, &clock, &mut hours);
    Some(DemandV1 {
        time_zone: name(report.time_zone),
        days: estate.window.complete_days(),
        calls,
        movable_calls: hours.iter().map(|hour| hour.movable).sum(),
        hours: (0_u8..).zip(&hours).map(|(place, hour)| hour.of_week(place)).collect(),
        moves,
    })
}

/// How a time zone is named.
fn name(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => format!("UTC{offset}"),
        (None, Err(_)) => "local".to_owned(),
    }
}

/// What came in one hour of the week.
#[derive(Clone, Copy, Default)]
struct Hour {
    quarters: u32,
    calls: u64,
    movable: u64,
    tokens: u64,
}

impl Hour {
    #[expect(clippy::cast_precision_loss, reason = "an average is shown, not billed")]
    fn of_week(&self, place: u8) -> HourOfWeekV1 {
        let count = f64::from(self.quarters) / 4.0;
        HourOfWeekV1 {
            weekday: place / 24 + 1,
            hour: place % 24,
            count,
            calls: self.calls,
            movable: self.movable,
            tokens: self.tokens,
            calls_per_hour: if self.quarters == 0 { 0.0 } else { six_places(self.calls as f64 / count) },
        }
    }
}

/// Which hour of the week every quarter of an hour of the complete days is.
struct Clock {
    begins: i64,
    quarters: Vec<usize>,
}

impl Clock {
    fn of(estate: &Estate, zone: &TimeZone) -> Option<Self> {
        let window = &estate.window;
        let midnight = |day: jiff::civil::Date| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok();
        let begins = midnight(window.first)?.as_second();
        let ends = midnight(window.complete_to?.saturating_add(1.days()))?.as_second();
        let quarter = |second| {
            let local = zone.to_datetime(Timestamp::from_second(second).ok()?);
            let days = usize::try_from(local.weekday().to_monday_zero_offset()).ok()?;
            Some(days * 24 + usize::try_from(local.hour()).ok()?)
        };
        let seconds = (begins..ends).step_by(usize::try_from(QUARTER).ok()?);
        Some(Self { begins, quarters: seconds.map(quarter).collect::<Option<_>>()? })
    }

    /// The hour of the week of a moment, where it is on a complete day.
    fn hour(&self, time: Timestamp) -> Option<usize> {
        let quarter = (time.as_second() - self.begins).div_euclid(QUARTER);
        self.quarters.get(usize::try_from(quarter).ok()?).copied()
    }
}

/// Where a part of a recommendation moves its calls.
fn mode(part: &Part) -> Option<Mode> {
    let mode =
        part.action.edits.iter().rev().find_map(|edit| if let Edit::Mode(mode) = edit { Some(*mode) } else { None });
    mode.filter(|mode| matches!(mode, Mode::Batch | Mode::Flex))
}

/// Puts down the calls that each recommendation moves.
fn moves(report: &Report<'_>, clock: &Clock, hours: &mut [Hour; HOURS_OF_WEEK]) -> Vec<MovedCallsV1> {
    // Two plans may move the same calls by two recommendations.
    let mut seen: BTreeSet<(&Owner, Arc<str>)> = BTreeSet::new();
    let mut all = Vec::new();
    for r in &report.outcome.recommendations {
        let parts = r.parts.iter().filter_map(|part| Some((mode(part)?, part)));
        let mut found: Option<MovedCallsV1> = None;
        for (mode, part) in parts {
            let found = found.get_or_insert_with(|| MovedCallsV1 {
                id: r.id.clone(),
                mode: mode.as_str().to_owned(),
                calls: 0,
            });
            for call in selected(report.estate, &part.earlier, &part.action) {
                if let Some(place) = clock.hour(call.request.time)
                    && seen.insert((&part.action.selector.owner, Arc::clone(&call.request.id)))
                {
                    hours[place].movable += 1;
                    found.calls += 1;
                }
            }
        }
        all.extend(found);
    }
    all
}
