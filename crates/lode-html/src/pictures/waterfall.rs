//! From today's bill to the end of a plan, a bar a lever: each stands where the ones before it end.

use std::collections::{BTreeMap, BTreeSet};

use lode_model::Money;
use lode_report::v1::PlanV1;

use crate::picture::Picture;
use crate::svg::{Anchor, Svg, ticks};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 164.0;
const RIGHT: f64 = 84.0;
const ROW: f64 = 30.0;
const BAR: f64 = 18.0;
const TOP: f64 = 8.0;

/// What a lever saves in a plan.
struct Saved {
    lever: String,
    /// By steps that can go now.
    now: Money,
    /// By steps that wait for a test.
    gated: Money,
}

/// The steps of a plan, those of one lever together, in documented order and in cents that add up to the plan's savings.
fn levers(plan: &PlanV1, ready: &BTreeSet<&str>) -> Vec<Saved> {
    let marginals: Vec<Money> = plan.steps.iter().map(|step| step.marginal.money()).collect();
    let mut sums: BTreeMap<(usize, &str), (Money, Money)> = BTreeMap::new();
    for (step, cents) in plan.steps.iter().zip(Money::round_parts(&marginals, 2)) {
        let (now, gated) = sums.entry((step.priority, &step.lever)).or_default();
        *(if ready.contains(step.id.as_str()) { now } else { gated }) += cents;
    }
    sums.into_iter().map(|((_, lever), (now, gated))| Saved { lever: lever.to_owned(), now, gated }).collect()
}

/// The waterfall of a plan; `None` where it has no step. `ready` are the ids of the steps that can go now.
pub(crate) fn waterfall(plan: &PlanV1, ready: &BTreeSet<&str>, names: &BTreeMap<String, String>) -> Option<Picture> {
    let steps = levers(plan, ready);
    if steps.is_empty() {
        return None;
    }
    // Today in cents, and from there on by the cents of the steps: what is drawn adds up.
    let today = crate::words::cents(plan.baseline_monthly.money());
    let after = steps.iter().fold(today, |left, step| left - step.now - step.gated);
    let whole = plan.name == "full";
    let mut most = today;
    let mut left = today;
    for step in &steps {
        left = left - step.now - step.gated;
        most = most.max(left);
    }
    let said = |money: Money| {
        if money < Money::ZERO {
            format!("+{}", (Money::ZERO - money).to_usd())
        } else {
            format!("−{}", money.to_usd())
        }
    };
    let all: Vec<String> =
        steps.iter().map(|s| format!("{} {}", name(names, &s.lever), said(s.now + s.gated))).collect();
    let label = format!(
        "{} plan: from {} a month to {}: {}",
        if whole { "Full" } else { "Ready" },
        today.to_usd(),
        after.to_usd(),
        all.join(", ")
    );
    let mut rows =
        vec![Row { name: "Today".to_owned(), bars: vec![("bar", Money::ZERO, today)], said: today.to_usd() }];
    let mut lines = vec![vec!["Today".to_owned(), String::new(), today.to_usd()]];
    let mut left = today;
    for step in &steps {
        let (between, to) = (left - step.now, left - step.now - step.gated);
        let mut bars = Vec::new();
        if !step.now.is_zero() {
            bars.push(("good", left, between));
        }
        if !step.gated.is_zero() {
            bars.push(("gated", between, to));
        }
        let saved = step.now + step.gated;
        lines.push(vec![name(names, &step.lever), saved.to_usd(), to.to_usd()]);
        rows.push(Row { name: name(names, &step.lever), bars, said: said(saved) });
        left = to;
    }
    let end = if whole { "After the full plan" } else { "After what can go now" };
    rows.push(Row { name: end.to_owned(), bars: vec![("bar-2", Money::ZERO, after)], said: after.to_usd() });
    let legend: &[(&'static str, &str)] =
        if whole { &[("good", "can go now"), ("gated", "needs a test or a review first")] } else { &[] };
    Some(Picture {
        id: format!("waterfall-{}", plan.name),
        title: if whole { "Once everything is tested" } else { "What can go now" }.to_owned(),
        says: format!(
            "From {} a month to {}: {} less ({}).",
            today.to_usd(),
            after.to_usd(),
            (today - after).to_usd(),
            lode_report::part((today - after).share_of(today))
        ),
        svg: wide(&rows, most, &label),
        narrow: Some(narrow(&rows, most, &label)),
        legend: legend.iter().map(|(class, words)| (*class, (*words).to_owned())).collect(),
        columns: ["Lever", "Saves a month", "Leaves a month"].map(str::to_owned).into(),
        rows: lines,
    })
}

/// A row of the drawing: what, from where to where, and the figure.
struct Row {
    name: String,
    bars: Vec<(&'static str, Money, Money)>,
    said: String,
}

impl Row {
    /// Draws the bars from a left edge; gives the end of the longest.
    fn bars(&self, svg: &mut Svg, (left, top): (f64, f64), scale: f64) -> f64 {
        let mut end = Money::ZERO;
        for (class, from, to) in &self.bars {
            let (low, high) = (from.min(to).to_f64() * scale, from.max(to).to_f64() * scale);
            // A step that saves little is still to be seen.
            svg.rect(class, (left + low, top), ((high - low).max(1.5), BAR), &format!("{}: {}", self.name, self.said));
            end = end.max(*from.max(to));
        }
        left + end.to_f64() * scale
    }
}

/// Names on the left, figures behind the bars, an axis below.
fn wide(rows: &[Row], most: Money, label: &str) -> String {
    let (step, count) = ticks(most.to_f64());
    let scale = (WIDTH - LEFT - RIGHT) / most.to_f64().max(step);
    #[expect(clippy::cast_precision_loss, reason = "a dozen levers")]
    let height = TOP + rows.len() as f64 * ROW + 22.0;
    let mut svg = Svg::new(WIDTH, height, label);
    for place in 0..=count {
        #[expect(clippy::cast_precision_loss, reason = "some ticks")]
        let value = step * place as f64;
        let x = LEFT + value * scale;
        if x <= WIDTH - RIGHT + 0.5 {
            svg.line("grid", (x, TOP), (x, height - 20.0));
            svg.text("tick", (x, height - 6.0), Anchor::Middle, &axis(value));
        }
    }
    let mut middle = TOP + ROW / 2.0;
    for row in rows {
        svg.text("label", (LEFT - 8.0, middle + 4.0), Anchor::End, &row.name);
        let end = row.bars(&mut svg, (LEFT, middle - BAR / 2.0), scale);
        svg.text("value", (end + 5.0, middle + 4.0), Anchor::Start, &row.said);
        middle += ROW;
    }
    svg.finish()
}

/// Name and figure above each bar, as wide as a phone.
fn narrow(rows: &[Row], most: Money, label: &str) -> String {
    const WIDTH: f64 = 300.0;
    const ROW: f64 = 44.0;
    let scale = WIDTH / most.to_f64().max(f64::MIN_POSITIVE);
    #[expect(clippy::cast_precision_loss, reason = "a dozen levers")]
    let mut svg = Svg::new(WIDTH, rows.len() as f64 * ROW, label);
    let mut top = 0.0;
    for row in rows {
        svg.text("label", (0.0, top + 14.0), Anchor::Start, &row.name);
        svg.text("value", (WIDTH, top + 14.0), Anchor::End, &row.said);
        row.bars(&mut svg, (0.0, top + 20.0), scale);
        top += ROW;
    }
    svg.finish()
}

fn name(names: &BTreeMap<String, String>, lever: &str) -> String {
    names.get(lever).cloned().unwrap_or_else(|| lever.to_owned())
}

/// Dollars on an axis.
pub(crate) fn axis(value: f64) -> String {
    if value >= 1_000_000.0 {
        format!("${}M", crate::words::trimmed(value / 1e6))
    } else if value >= 1000.0 {
        format!("${}k", crate::words::trimmed(value / 1e3))
    } else {
        format!("${}", crate::words::trimmed(value))
    }
}

#[cfg(test)]
mod tests {
    use lode_report::v1::StepV1;

    use super::*;

    fn usd(text: &str) -> lode_report::v1::Usd {
        Money::parse(text).expect("money").into()
    }

    fn step(id: &str, priority: usize, marginal: &str) -> StepV1 {
        let (standalone, marginal) = (usd("0"), usd(marginal));
        StepV1 { id: id.to_owned(), lever: id.to_owned(), priority, standalone, marginal }
    }

    #[test]
    fn every_bar_begins_where_the_one_before_it_ends_and_cents_add_up() {
        let plan = PlanV1 {
            name: "full".to_owned(),
            baseline_monthly: usd("100.004"),
            final_monthly: usd("69.989"),
            savings_monthly: usd("30.015"),
            savings_low: usd("0"),
            savings_high: usd("30.015"),
            steps: vec![step("caching", 3, "10.009"), step("batch", 4, "20.006")],
        };
        let names = BTreeMap::from([("caching".to_owned(), "Prompt caching".to_owned())]);
        let picture = waterfall(&plan, &BTreeSet::from(["caching"]), &names).expect("a picture");
        let shown: Vec<Vec<&str>> = picture.rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let today = Money::parse("100").expect("money");
        let cents =
            Money::round_parts(&[Money::parse("10.009").expect("money"), Money::parse("20.006").expect("money")], 2);
        let left = today - cents[0];
        let after = left - cents[1];
        let wanted = [
            ["Today", "", "$100.00"],
            ["Prompt caching", &cents[0].to_usd(), &left.to_usd()],
            ["batch", &cents[1].to_usd(), &after.to_usd()],
        ];
        assert_eq!(shown, wanted);
        assert!(
            picture.says.contains(&format!("to {}: {} less", after.to_usd(), (today - after).to_usd())),
            "{}",
            picture.says
        );
        // 300 wide for 100 dollars: 10.01 of them are 30, ending at the right.
        let narrow = picture.narrow.expect("a phone's");
        assert!(narrow.contains("<rect class=\"good\" x=\"270\" y=\"64\" width=\"30\" height=\"18\">"), "{narrow}");
        assert_eq!(picture.svg.matches("class=\"gated\"").count(), 1, "batch waits for a test");
    }
}
