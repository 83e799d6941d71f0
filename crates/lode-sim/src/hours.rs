//! Hours in which people work where the callers of a region are likely to be.

use lode_model::Region;

/// The working day: from 08:00 to 20:00, Monday to Friday, with room for summer time and late shifts.
const WORKING_HOURS: std::ops::Range<usize> = 8..20;
const HOURS_OF_WEEK: usize = 168;

/// Calls outside the working day of everyone whom a region is likely to serve: the fewest over its places.
/// `by_hour_of_week` counts calls from Monday 00:00 UTC on.
#[must_use]
pub fn off_hours(by_hour_of_week: &[u64], region: &Region) -> u64 {
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

/// Calls of a job outside the working day, as [`off_hours`], and at hours at which the other calls of its caller rest: where
/// those have a working day of their own, that is where the people are, wherever the region is.
#[must_use]
pub fn off_hours_of_job(by_hour_of_week: &[u64], others_by_hour: &[u64; 24], region: &Region) -> u64 {
    let Some(rest) = rest(others_by_hour) else { return off_hours(by_hour_of_week, region) };
    let resting: Vec<u64> =
        by_hour_of_week.iter().enumerate().map(|(hour, calls)| if rest[hour % 24] { *calls } else { 0 }).collect();
    off_hours(&resting, region)
}

/// Hours of the day at which few of some calls come, and at the hours beside them; `None` where they have no day and
/// night: with fewer than six such hours, they come round the clock, and without any call there is nothing to see.
fn rest(by_hour: &[u64; 24]) -> Option<[bool; 24]> {
    let all: u64 = by_hour.iter().sum();
    let few = |hour: usize| by_hour[hour % 24] * 48 < all;
    let rest: [bool; 24] = std::array::from_fn(|hour| few(hour + 23) && few(hour) && few(hour + 1));
    (rest.iter().filter(|rests| **rests).count() >= 6).then_some(rest)
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

    #[test]
    fn the_day_of_the_other_calls_is_where_the_people_are() {
        let us = Region::from("us-east-1");
        // A run on Tuesday at 03:00 UTC: night in New York and London.
        let run = at(27);
        assert_eq!(off_hours_of_job(&run, &[0; 24], &us), 10, "no other calls");
        // The others come from 03:00 to 12:00 UTC: somebody works in India.
        let india = std::array::from_fn(|hour| if (3..12).contains(&hour) { 20 } else { 0 });
        assert_eq!(off_hours_of_job(&run, &india, &us), 0);
        assert_eq!(off_hours_of_job(&at(42), &india, &us), 0, "Tuesday 18:00 UTC is day in New York");
        assert_eq!(off_hours_of_job(&at(25), &india, &us), 10, "Tuesday 01:00 UTC is night everywhere");
        assert_eq!(off_hours_of_job(&at(26), &india, &us), 0, "an hour before the others begin");
        assert_eq!(off_hours_of_job(&run, &[5; 24], &us), 10, "round the clock: nobody's day");
    }
}
