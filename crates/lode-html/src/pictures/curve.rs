//! Cost against units: what every number of units and what is beyond them cost a month, beside on demand alone.

use lode_model::Money;
use lode_report::v1::{CurvePointV1, CurveV1};
use lode_report::{percent, whole};

use super::measure::{WIDTH, dollars, most, number, rounded};
use crate::picture::Picture;
use crate::svg::{Anchor, Svg, ticks};

const HEIGHT: f64 = 280.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 690.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 232.0;
/// Units that cost more than so many times the dearest number that is spoken of are not drawn: they would flatten the rest.
const DRAWN_UP_TO: f64 = 2.0;

/// A picture of each curve; their names begin with `id_prefix`.
pub(crate) fn curves(curves: &[CurveV1], id_prefix: &str) -> Vec<Picture> {
    let drawn = curves.iter().enumerate().filter(|(_, curve)| curve.points.len() > 1);
    drawn.map(|(place, curve)| draw(curve, format!("{id_prefix}-curve-{}", place + 1))).collect()
}

fn draw(curve: &CurveV1, id: String) -> Picture {
    let says = says(curve);
    let shown = shown(curve);
    let cost = |point: &CurvePointV1| point.monthly.money().to_f64();
    let (step, steps) = ticks(most(shown.iter().map(|point| cost(point))));
    let top = steps_of(step, steps);
    let last = most(shown.iter().map(|point| f64::from(point.units)));
    let (unit_step, unit_steps) = ticks(last);
    // Units are whole.
    let (unit_step, unit_steps) = if unit_step < 1.0 { (1.0, whole_steps(last)) } else { (unit_step, unit_steps) };
    let right = steps_of(unit_step, unit_steps);
    let x = |units: f64| LEFT + units / right * (RIGHT - LEFT);
    let y = |cost: f64| BOTTOM - cost / top * (BOTTOM - TOP);
    let place = |point: &CurvePointV1| (x(f64::from(point.units)), y(cost(point)));

    let mut svg = Svg::new(WIDTH, HEIGHT, &says);
    for nth in 0..=steps {
        let value = steps_of(step, nth);
        svg.line("grid", (LEFT, y(value)), (RIGHT, y(value)));
        svg.text("tick", (LEFT - 8.0, y(value) + 4.0), Anchor::End, &dollars(value, step));
    }
    for nth in 0..=unit_steps {
        let value = steps_of(unit_step, nth);
        svg.text("tick", (x(value), BOTTOM + 18.0), Anchor::Middle, &rounded(value));
    }
    svg.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    svg.text("label", (LEFT, TOP - 10.0), Anchor::Start, "cost a month, with what is beyond the units");
    svg.text("label", (f64::midpoint(LEFT, RIGHT), BOTTOM + 38.0), Anchor::Middle, units(curve));
    let on_demand = curve.on_demand_monthly.money().to_f64();
    svg.line("line-2", (LEFT, y(on_demand)), (RIGHT, y(on_demand)));
    // Between none and the fewest that are sold there is nothing to buy, and no line.
    let (none, sold): (Vec<&CurvePointV1>, Vec<&CurvePointV1>) = shown.iter().partition(|point| point.units == 0);
    let joined = sold.first().is_some_and(|first| first.units == 1);
    let line = if joined { shown.clone() } else { sold };
    svg.through("line", &line.iter().map(|point| place(point)).collect::<Vec<_>>());
    let radius = if line.len() > 60 { 1.5 } else { 2.5 };
    for point in none.iter().chain(&line) {
        svg.dot("point", place(point), radius, &tip(curve, point));
    }
    let mut named = |class: &str, units: u32, words: &str| {
        let Some(point) = shown.iter().find(|point| point.units == units) else { return };
        let (x, y) = place(point);
        svg.dot(class, (x, y), 6.0, &format!("{words}: {}", tip(curve, point)));
        let anchor = if x > WIDTH * 0.7 { Anchor::End } else { Anchor::Start };
        // The curve is above its lowest point.
        let below = y < TOP + 30.0 || (units == curve.best && units > 0 && y < BOTTOM - 30.0);
        let above = if below { 22.0 } else { -12.0 };
        svg.text(if class == "bad" { "mark-text" } else { "label" }, (x, y + above), anchor, words);
    };
    if let Some(owned) = curve.owned.filter(|owned| *owned != curve.best) {
        named("bad", owned, "today's, at every hour");
    }
    let words = if curve.owned == Some(curve.best) { "today's, and the best" } else { "best" };
    named("good", curve.best, words);
    let title = match &*curve.kind {
        "reserved-input" => "Cost by reserved input capacity",
        "reserved-output" => "Cost by reserved output capacity",
        _ => "Cost by model units",
    };
    Picture {
        id,
        title: format!("{title}, {}", curve.term),
        says,
        svg: svg.finish(),
        narrow: None,
        legend: legend(curve),
        columns: [units(curve), "Dollars a month", "Used", "Beyond the units"].map(str::to_owned).to_vec(),
        rows: curve.points.iter().map(row).collect(),
    }
}

/// So many steps.
fn steps_of(step: f64, count: usize) -> f64 {
    step * f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Steps of one up to a few units.
fn whole_steps(last: f64) -> usize {
    (1..=6_u8).find(|step| f64::from(*step) >= last).map_or(6, usize::from)
}

/// The points that are drawn: up to the first that costs twice the dearest of those that are spoken of.
fn shown(curve: &CurveV1) -> Vec<&CurvePointV1> {
    let named = [Some(0), Some(curve.best), curve.bought, curve.owned];
    let is_named = |point: &&CurvePointV1| named.contains(&Some(point.units));
    let last = curve.points.iter().filter(is_named).map(|point| point.units).max().unwrap_or_default();
    let dearest = most(curve.points.iter().filter(is_named).map(|point| point.monthly.money().to_f64()));
    let fits = |point: &&CurvePointV1| point.units <= last || point.monthly.money().to_f64() <= dearest * DRAWN_UP_TO;
    curve.points.iter().take_while(fits).collect()
}

/// What units are bought in, in words.
fn units(curve: &CurveV1) -> &'static str {
    match &*curve.kind {
        "reserved-input" => "thousand input tokens a minute",
        "reserved-output" => "thousand output tokens a minute",
        _ => "model units",
    }
}

/// None of it, however much.
fn none(curve: &CurveV1) -> &'static str {
    match &*curve.kind {
        "reserved-input" => "No amount of reserved input capacity",
        "reserved-output" => "No amount of reserved output capacity",
        _ => "No number of model units",
    }
}

/// `3 model units`, `1 model unit`.
fn counted(curve: &CurveV1, count: u32) -> String {
    let units = units(curve);
    let units = if count == 1 { units.strip_suffix("units").map_or(units, |_| "model unit") } else { units };
    format!("{} {units}", whole(i128::from(count)))
}

fn tip(curve: &CurveV1, point: &CurvePointV1) -> String {
    let cost = point.monthly.money().to_usd();
    if point.units == 0 {
        return format!("all on demand: {cost} a month");
    }
    let (used, beyond) = (percent(point.utilisation), percent(point.overflow_share));
    format!("{}: {cost} a month, used {used}, {beyond} of the tokens beyond", counted(curve, point.units))
}

fn row(point: &CurvePointV1) -> Vec<String> {
    let used = if point.units == 0 { "–".to_owned() } else { percent(point.utilisation) };
    let cost = point.monthly.money().to_usd();
    vec![whole(i128::from(point.units)), cost, used, percent(point.overflow_share)]
}

/// What to buy, and what today's number comes to.
fn says(curve: &CurveV1) -> String {
    let cost = |units: u32| -> Option<Money> {
        curve.points.iter().find(|point| point.units == units).map(|point| point.monthly.money())
    };
    let on_demand = curve.on_demand_monthly.money().to_usd();
    let best = match (curve.best, cost(curve.best)) {
        (best, Some(least)) if best > 0 => format!(
            "{} cost least, {} a month with what is beyond them on demand; all on demand costs {on_demand}.",
            counted(curve, best),
            least.to_usd()
        ),
        _ => format!(
            "{} costs less than all on demand, {on_demand} a month: {}.",
            none(curve),
            if curve.owned.is_some() { "keep none" } else { "do not buy" }
        ),
    };
    let bought = curve.bought.filter(|_| curve.best == 0 && curve.owned.is_none());
    let bought = bought.and_then(|units| {
        Some(format!(" The cheapest purchase, {}, comes to {}.", counted(curve, units), cost(units)?.to_usd()))
    });
    let owned = curve.owned.and_then(|units| {
        Some(format!(
            " {} of today, kept at every hour of the month, would come to {}; what was billed is above.",
            counted(curve, units),
            cost(units)?.to_usd()
        ))
    });
    let even = curve
        .break_even_tokens_per_minute
        .filter(|_| curve.kind == "model-unit")
        .map(|tokens| format!(" A unit pays if it answers {} tokens a minute or more, all the time.", number(tokens)));
    let seen = " What a unit answers is known from the busiest minute alone: fewer units may do.";
    let seen = curve.capacity_seen.then(|| seen.to_owned());
    let more = [bought, owned, even, seen].into_iter().flatten().collect::<String>();
    format!("{best}{more}")
}

fn legend(curve: &CurveV1) -> Vec<(&'static str, String)> {
    let mut legend = vec![
        ("line", "the units and what is beyond them, on demand".to_owned()),
        ("line-2", "all on demand".to_owned()),
        ("good", "the best number".to_owned()),
    ];
    if curve.owned.is_some_and(|owned| owned != curve.best) {
        legend.push(("bad", "today's number, kept at every hour".to_owned()));
    }
    legend
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(units: u32, cost: i64, utilisation: f64, overflow_share: f64) -> CurvePointV1 {
        CurvePointV1 { units, monthly: usd(cost), utilisation, overflow_share }
    }

    fn usd(dollars: i64) -> lode_report::v1::Usd {
        Money::from_micro(i128::from(dollars) * 1_000_000).into()
    }

    /// On demand costs 100; the second unit is the best, the fourth is in force, and the sixth is beyond the picture.
    fn given() -> CurveV1 {
        CurveV1 {
            kind: "model-unit".to_owned(),
            term: "1-month".to_owned(),
            on_demand_monthly: usd(100),
            best: 2,
            bought: Some(2),
            owned: Some(4),
            break_even_tokens_per_minute: Some(1_200),
            capacity_seen: true,
            points: vec![
                point(0, 100, 0.0, 1.0),
                point(1, 80, 1.0, 0.5),
                point(2, 60, 0.9, 0.1),
                point(3, 90, 0.6, 0.0),
                point(4, 120, 0.45, 0.0),
                point(5, 240, 0.3, 0.0),
                point(6, 241, 0.2, 0.0),
            ],
        }
    }

    #[test]
    fn the_best_number_and_todays_are_marked() {
        let found = curves(&[given()], "r1");
        let [picture] = &found[..] else { panic!("one picture") };
        assert_eq!((&*picture.id, &*picture.title), ("r1-curve-1", "Cost by model units, 1-month"));
        assert_eq!(
            picture.says,
            "2 model units cost least, $60.00 a month with what is beyond them on demand; all on demand costs $100.00. \
             4 model units of today, kept at every hour of the month, would come to $120.00; what was billed is above. A unit pays if it answers 1,200 tokens a minute or more, all the time. What a unit \
             answers is known from the busiest minute alone: fewer units may do."
        );
        // 0 to 5 units over 606, 0 to 250 dollars over 208.
        let line =
            "<polyline class=\"line\" points=\"84,148.8 205.2,165.4 326.4,182.1 447.6,157.1 568.8,132.2 690,32.3\"/>";
        assert!(picture.svg.contains(line), "{}", picture.svg);
        assert!(picture.svg.contains("<line class=\"line-2\" x1=\"84\" y1=\"148.8\" x2=\"690\" y2=\"148.8\"/>"));
        let best = "<circle class=\"good\" cx=\"326.4\" cy=\"182.1\" r=\"6\"><title>best: 2 model units: $60.00 a month, used \
                    90.0 %, 10.0 % of the tokens beyond</title></circle>";
        assert!(picture.svg.contains(best), "{}", picture.svg);
        assert_eq!(picture.svg.matches("class=\"bad\"").count(), 1);
        assert_eq!(picture.rows.len(), 7, "the table has those that are not drawn");
        assert_eq!(picture.rows[0], ["0", "$100.00", "–", "100.0 %"]);
    }

    #[test]
    fn where_nothing_is_to_be_bought_it_says_so() {
        let mut curve = CurveV1 {
            best: 0,
            bought: Some(100),
            owned: None,
            kind: "reserved-input".to_owned(),
            capacity_seen: false,
            ..given()
        };
        curve.points = vec![point(0, 100, 0.0, 1.0), point(100, 150, 0.2, 0.0), point(101, 151, 0.2, 0.0)];
        let picture = draw(&curve, "x".to_owned());
        assert_eq!(
            picture.says,
            "No amount of reserved input capacity costs less than all on demand, $100.00 a month: do not buy. The \
             cheapest purchase, 100 thousand input tokens a minute, comes to $150.00."
        );
        assert_eq!(picture.svg.matches("class=\"point\"").count(), 3);
        assert!(
            !picture.svg.contains("points=\"84,"),
            "no line from none to the fewest that are sold: {}",
            picture.svg
        );
        assert!(curves(&[CurveV1 { points: vec![point(0, 100, 0.0, 1.0)], ..given() }], "x").is_empty());
    }
}
