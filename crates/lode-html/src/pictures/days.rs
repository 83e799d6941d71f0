//! What was billed day by day, by cost layer.

use std::collections::BTreeMap;

use lode_model::Money;
use lode_report::v1::ReportV1;

use super::waterfall::axis;
use crate::picture::Picture;
use crate::svg::{Anchor, Svg, ticks};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 52.0;
const TOP: f64 = 10.0;
const FOOT: f64 = 28.0;
/// Layers with a colour of their own; the rest share the last.
const COLOURS: [&str; 5] = ["layer-1", "layer-2", "layer-3", "layer-4", "layer-5"];

/// The days of the window; `None` without any.
pub(crate) fn days(report: &ReportV1) -> Option<Picture> {
    let bill = &report.bill;
    let billed: Vec<Money> = bill.by_day.iter().map(|day| day.billed.money()).collect();
    let most = billed.iter().copied().max().filter(|most| *most > Money::ZERO)?;
    let class: BTreeMap<&str, usize> = bill
        .by_layer
        .iter()
        .enumerate()
        .map(|(place, layer)| (layer.layer.as_str(), place.min(COLOURS.len() - 1)))
        .collect();
    let (step, count) = ticks(most.to_f64());
    #[expect(clippy::cast_precision_loss, reason = "days and ticks of some years at most")]
    let (days, top) = (billed.len() as f64, step * count as f64);
    let scale = (HEIGHT - TOP - FOOT) / top;
    let each = (WIDTH - LEFT - 6.0) / days;
    let mut svg = Svg::new(
        WIDTH,
        HEIGHT,
        &format!(
            "Billed by day and layer, {} to {}, at most {} a day",
            report.window.from,
            report.window.to,
            most.to_usd()
        ),
    );
    for place in 0..=count {
        #[expect(clippy::cast_precision_loss, reason = "some ticks")]
        let value = step * place as f64;
        let y = HEIGHT - FOOT - value * scale;
        svg.line("grid", (LEFT, y), (WIDTH, y));
        svg.text("tick", (LEFT - 6.0, y + 4.0), Anchor::End, &axis(value));
    }
    let every = (billed.len() / 8).max(1);
    let mut rows = Vec::new();
    for (place, day) in bill.by_day.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "days of some years at most")]
        let x = LEFT + place as f64 * each;
        let mut y = HEIGHT - FOOT;
        for layer in &day.by_layer {
            let amount = layer.billed.money();
            let height = amount.to_f64() * scale;
            let colour = class.get(layer.layer.as_str()).and_then(|place| COLOURS.get(*place)).unwrap_or(&"layer-5");
            if height > 0.0 {
                y -= height;
                let tip = format!("{} · {}: {}", day.day, layer.layer, amount.to_usd());
                svg.rect(colour, (x + each * 0.1, y), (each * 0.8, height), &tip);
            }
        }
        if place % every == 0 {
            let short = day.day.get(5..).unwrap_or(&day.day);
            svg.text("tick", (x + each / 2.0, HEIGHT - 10.0), Anchor::Middle, short);
        }
        rows.push(vec![day.day.clone(), day.billed.money().to_usd()]);
    }
    let mut legend: Vec<(&'static str, String)> = Vec::new();
    for layer in &bill.by_layer {
        let place = class.get(layer.layer.as_str()).copied().unwrap_or(COLOURS.len() - 1);
        match legend.get_mut(place) {
            Some((_, names)) => {
                names.push_str(", ");
                names.push_str(&layer.layer);
            }
            None => legend.push((COLOURS.get(place).copied().unwrap_or("layer-5"), layer.layer.clone())),
        }
    }
    let apart = report.window.billed.money() - billed.iter().copied().sum::<Money>();
    let apart = (!apart.is_zero()).then(|| format!(" One-off fees of {} stand on no day.", apart.to_usd()));
    let trend = &bill.trend;
    let change = trend.change.map(|change| {
        let word = if change < 0.0 { "less" } else { "more" };
        format!(" The last week was {} {word} than the first.", lode_report::part(change.abs()))
    });
    Some(Picture {
        id: "days".to_owned(),
        title: "Billed by day".to_owned(),
        says: format!(
            "{} in {} days (UTC), at most {} on one day.{}{}",
            billed.iter().copied().sum::<Money>().to_usd(),
            billed.len(),
            most.to_usd(),
            apart.unwrap_or_default(),
            change.unwrap_or_default()
        ),
        svg: svg.finish(),
        narrow: None,
        legend,
        columns: ["Day", "Billed"].map(str::to_owned).into(),
        rows,
    })
}
