//! Calls by hour of the week as a heat map, with the calls outlined that recommendations move to batch or Flex.

use lode_report::v1::{DemandV1, HourOfWeekV1, MovedCallsV1, ReportV1};
use lode_report::{count, percent};

use super::measure::{WIDTH, amount, float, most, number};
use crate::picture::Picture;
use crate::svg::{Anchor, Svg};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 84.0;
const TOP: f64 = 28.0;
/// Size of an hour, with the gap to the next.
const CELL: (f64, f64) = (26.0, 28.0);
const GAP: f64 = 2.0;
/// The steps of colour above 0.
const LEVELS: [&str; 7] = ["heat-1", "heat-2", "heat-3", "heat-4", "heat-5", "heat-6", "heat-7"];
/// Hours of the day that hold three quarters of the calls are named where they are no more than this.
const NAMED_HOURS: usize = 14;

/// The heat map; `None` without logs.
pub(crate) fn demand(report: &ReportV1) -> Option<Picture> {
    report.demand.as_ref().map(draw)
}

fn draw(demand: &DemandV1) -> Picture {
    let says = says(demand);
    let peak = most(demand.hours.iter().map(|hour| hour.calls_per_hour));
    let mut svg = Svg::new(WIDTH, HEIGHT, &says);
    for (place, name) in (0_u8..).zip(WEEKDAYS) {
        let y = TOP + f64::from(place) * CELL.1 + CELL.1 * 0.64;
        svg.text("label", (LEFT - 8.0, y), Anchor::End, name);
    }
    for hour in (0_u8..24).step_by(3) {
        svg.text("tick", (LEFT + f64::from(hour) * CELL.0, TOP - 8.0), Anchor::Start, &format!("{hour:02}:00"));
    }
    let seen = || demand.hours.iter().filter(|hour| hour.count > 0.0);
    let corner = |hour: &HourOfWeekV1| {
        let weekday = f64::from(hour.weekday.saturating_sub(1));
        (LEFT + f64::from(hour.hour) * CELL.0, TOP + weekday * CELL.1)
    };
    let size = (CELL.0 - GAP, CELL.1 - GAP);
    for hour in seen() {
        svg.rect(heat(hour.calls_per_hour, peak), corner(hour), size, &tip(demand, hour));
    }
    for hour in seen().filter(|hour| hour.movable * 4 >= hour.calls.max(1)) {
        let (x, y) = corner(hour);
        svg.rect("move", (x + 1.0, y + 1.0), (size.0 - 2.0, size.1 - 2.0), &tip(demand, hour));
    }
    Picture {
        id: "demand".to_owned(),
        title: format!("Calls by hour of the week, {}", demand.time_zone),
        says,
        svg: svg.finish(),
        narrow: None,
        legend: legend(demand, peak),
        columns: std::iter::once(String::new()).chain((0..24).map(|hour| format!("{hour:02}"))).collect(),
        rows: rows(demand),
    }
}

/// The colour of an average: none, or one of equal steps up to the largest.
fn heat(value: f64, peak: f64) -> &'static str {
    if value <= 0.0 || peak <= 0.0 {
        return "heat-0";
    }
    let steps = (1_u8..).zip(LEVELS);
    let mut fits = steps.filter(|(step, _)| value <= peak * f64::from(*step) / 7.0 * (1.0 + 1e-9));
    fits.next().map_or("heat-7", |(_, class)| class)
}

/// `Monday 08:00–09:00 UTC: 12 calls an hour (48 calls in 4 hours), 9,000 tokens; 40 of the calls could move`.
fn tip(demand: &DemandV1, hour: &HourOfWeekV1) -> String {
    let name = WEEKDAYS.get(usize::from(hour.weekday.saturating_sub(1))).copied().unwrap_or_default();
    let moves = match hour.movable {
        0 => String::new(),
        movable => format!("; {} of the calls could move", number(movable)),
    };
    format!(
        "{name} {} {}: {} calls an hour ({} in {} h), {} tokens{moves}",
        from_to(usize::from(hour.hour), 1),
        demand.time_zone,
        amount(hour.calls_per_hour),
        count(hour.calls, "call", "calls"),
        hour.count,
        number(hour.tokens),
    )
}

/// `08:00–18:00`.
fn from_to(from: usize, hours: usize) -> String {
    let to = (from + hours) % 24;
    let to = if to == 0 { 24 } else { to };
    format!("{from:02}:00–{to:02}:00")
}

/// When most calls come, and what of them could move.
fn says(demand: &DemandV1) -> String {
    let zone = &demand.time_zone;
    let mut by_hour = [0_u64; 24];
    for hour in &demand.hours {
        if let Some(sum) = by_hour.get_mut(usize::from(hour.hour)) {
            *sum += hour.calls;
        }
    }
    let calls = count(demand.calls, "call", "calls");
    let days = count(demand.days as u64, "complete UTC day", "complete UTC days");
    let when = match busiest(&by_hour) {
        (from, hours, held) if hours <= NAMED_HOURS => format!(
            "{} of the {calls} of {days} come {} {zone}.",
            percent(share(held, demand.calls)),
            from_to(from, hours)
        ),
        _ => format!(
            "The {calls} of {days} come round the clock: no {NAMED_HOURS} hours of the day hold three quarters."
        ),
    };
    let by_mode = |mode: &str| {
        let of = |moved: &&MovedCallsV1| moved.mode == mode;
        demand.moves.iter().filter(of).map(|moved| moved.calls).sum::<u64>()
    };
    let moved: Vec<String> = [("batch", by_mode("batch")), ("Flex", by_mode("flex"))]
        .into_iter()
        .filter(|(_, calls)| *calls > 0)
        .map(|(mode, calls)| format!("{} ({}) to {mode}", number(calls), percent(share(calls, demand.calls))))
        .collect();
    let moved = match moved.is_empty() {
        true => " No recommendation moves any of them to batch or Flex.".to_owned(),
        false => format!(" Recommendations move {}.", moved.join(" and ")),
    };
    let few = if demand.days < 14 {
        " Over fewer than 14 days an hour of the week may be seen once or never: a habit needs more."
    } else {
        ""
    };
    format!("{when}{moved}{few}")
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}

/// The shortest stretch of the day that holds three quarters of the calls, over midnight too: first hour, hours and calls;
/// of equally short ones that with most calls, then the earliest.
fn busiest(by_hour: &[u64; 24]) -> (usize, usize, u64) {
    let all: u64 = by_hour.iter().sum();
    let held = |from: usize, hours: usize| -> u64 { by_hour.iter().cycle().skip(from).take(hours).sum() };
    for hours in 1..24 {
        let best = (0..24).map(|from| (held(from, hours), std::cmp::Reverse(from))).max();
        if let Some((calls, std::cmp::Reverse(from))) =
            best.filter(|(calls, _)| u128::from(*calls) * 4 >= u128::from(all) * 3)
        {
            return (from, hours, calls);
        }
    }
    (0, 24, all)
}

fn legend(demand: &DemandV1, peak: f64) -> Vec<(&'static str, String)> {
    let up_to = |step: f64| format!("up to {} calls an hour", amount(peak * step / 7.0));
    let mut legend = vec![
        ("heat-0", "no call".to_owned()),
        ("heat-1", up_to(1.0)),
        ("heat-4", up_to(4.0)),
        ("heat-7", format!("{}, the most", up_to(7.0))),
    ];
    if demand.movable_calls > 0 {
        legend.push(("move", "a quarter or more of the calls could move to batch or Flex".to_owned()));
    }
    legend
}

/// Calls an hour by weekday, and below, where any can move, those.
fn rows(demand: &DemandV1) -> Vec<Vec<String>> {
    let row = |name: String, weekday: u8, of: &dyn Fn(&HourOfWeekV1) -> f64| {
        let hours = demand.hours.iter().filter(|hour| hour.weekday == weekday);
        let cell = |hour: &HourOfWeekV1| if hour.count > 0.0 { amount(of(hour)) } else { "–".to_owned() };
        std::iter::once(name).chain(hours.map(cell)).collect::<Vec<String>>()
    };
    let mut rows = Vec::new();
    for (weekday, name) in (1_u8..).zip(WEEKDAYS) {
        rows.push(row(format!("{name}, calls an hour"), weekday, &|hour| hour.calls_per_hour));
        if demand.hours.iter().any(|hour| hour.weekday == weekday && hour.movable > 0) {
            rows.push(row(format!("{name}, of them movable"), weekday, &|hour| float(hour.movable) / hour.count));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten calls in each hour from 8 to 18 of Mondays, of which there were two, and 40 at 02:00 of the only Sunday.
    fn given() -> DemandV1 {
        let hour = |place: u8| {
            let (weekday, hour) = (place / 24 + 1, place % 24);
            let (calls, count) = match (weekday, hour) {
                (1, 8..18) => (10, 2.0),
                (7, 2) => (40, 1.0),
                (3, 0) => (0, 0.0),
                _ => (0, 2.0),
            };
            let movable = if weekday == 7 { calls } else { 0 };
            let calls_per_hour = if count > 0.0 { float(calls) / count } else { 0.0 };
            HourOfWeekV1 { weekday, hour, count, calls, movable, tokens: calls * 100, calls_per_hour }
        };
        DemandV1 {
            time_zone: "UTC".to_owned(),
            days: 14,
            calls: 140,
            movable_calls: 40,
            hours: (0..168).map(hour).collect(),
            moves: vec![MovedCallsV1 { id: "batch-inference.x/<b>".to_owned(), mode: "batch".to_owned(), calls: 40 }],
        }
    }

    #[test]
    fn it_says_when_most_calls_come_and_what_could_move() {
        let picture = draw(&given());
        assert_eq!(
            picture.says,
            "78.6 % of the 140 calls of 14 complete UTC days come 02:00–15:00 UTC. Recommendations move 40 (28.6 %) to batch."
        );
        assert_eq!(
            picture.svg.matches("<rect").count(),
            167 + 1,
            "an hour that never was is not drawn, one is outlined"
        );
        let tip =
            "Sunday 02:00–03:00 UTC: 40 calls an hour (40 calls in 1 h), 4,000 tokens; 40 of the calls could move";
        assert_eq!(picture.svg.matches(tip).count(), 2);
        let sunday = "<rect class=\"heat-7\" x=\"136\" y=\"196\" width=\"24\" height=\"26\"><title>Sunday 02:00";
        assert!(picture.svg.contains(sunday), "{}", picture.svg);
        // Five an hour of at most forty.
        assert!(
            picture
                .svg
                .contains("<rect class=\"heat-1\" x=\"292\" y=\"28\" width=\"24\" height=\"26\"><title>Monday 08:00")
        );
        assert!(picture.svg.contains("<rect class=\"move\" x=\"137\" y=\"197\" width=\"22\" height=\"24\">"));
        assert_eq!(picture.rows.len(), 8);
        assert!(picture.rows.iter().all(|row| row.len() == picture.columns.len()));
        assert_eq!((&*picture.rows[0][9], &*picture.rows[2][1], &*picture.rows[7][3]), ("5.0", "–", "40"));
    }

    #[test]
    fn calls_round_the_clock_and_few_days_are_said_to_be_such() {
        let mut demand = given();
        demand.hours.iter_mut().for_each(|hour| hour.calls = 1);
        (demand.calls, demand.days, demand.movable_calls) = (168, 7, 0);
        demand.moves.clear();
        let picture = draw(&demand);
        assert_eq!(
            picture.says,
            "The 168 calls of 7 complete UTC days come round the clock: no 14 hours of the day hold three quarters. No \
             recommendation moves any of them to batch or Flex. Over fewer than 14 days an hour of the week may be seen once or \
             never: a habit needs more."
        );
        assert_eq!(picture.legend.len(), 4);
    }

    #[test]
    fn the_busiest_stretch_may_go_over_midnight() {
        let mut by_hour = [0; 24];
        (by_hour[23], by_hour[0], by_hour[12]) = (40, 40, 20);
        assert_eq!(busiest(&by_hour), (23, 2, 80));
        assert_eq!(from_to(23, 2), "23:00–01:00");
        assert_eq!(from_to(22, 2), "22:00–24:00");
    }

    #[test]
    fn colours_are_equal_steps() {
        assert_eq!(
            [0.0, 0.1, 1.0, 1.1, 7.0].map(|value| heat(value, 7.0)),
            ["heat-0", "heat-1", "heat-1", "heat-2", "heat-7"]
        );
        assert_eq!(heat(0.0, 0.0), "heat-0");
    }
}
