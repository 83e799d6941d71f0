//! Recall against context tokens: what the customer's own retrieval found with each way to cut documents.

use lode_report::v1::{ReportV1, RetrievalFrontierV1, RetrievalPointV1};
use lode_report::{count, percent, short};

use super::measure::{WIDTH, most, rounded};
use crate::picture::Picture;
use crate::svg::{Anchor, Svg, ticks};

const HEIGHT: f64 = 300.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 690.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 246.0;
/// Characters of a name on the drawing.
const NAME: usize = 40;

/// A picture of each measurement.
pub(crate) fn frontiers(report: &ReportV1) -> Vec<Picture> {
    let drawn = report.retrieval_frontier.iter().enumerate();
    drawn.map(|(place, frontier)| draw(frontier, format!("retrieval-{}", place + 1))).collect()
}

fn draw(frontier: &RetrievalFrontierV1, id: String) -> Picture {
    let says = says(frontier);
    let points = &frontier.points;
    let (step, steps) = ticks(most(points.iter().map(|point| point.context_tokens)));
    let right = step * f64::from(u32::try_from(steps).unwrap_or(1));
    let (low, high) = tenths(points);
    let x = |tokens: f64| LEFT + (tokens / right).clamp(0.0, 1.0) * (RIGHT - LEFT);
    let y = |recall: f64| {
        BOTTOM - ((recall * 10.0 - f64::from(low)) / f64::from(high - low)).clamp(0.0, 1.0) * (BOTTOM - TOP)
    };
    let place = |point: &RetrievalPointV1| (x(point.context_tokens), y(point.recall));

    let mut svg = Svg::new(WIDTH, HEIGHT, &says);
    for tenth in low..=high {
        let recall = f64::from(tenth) / 10.0;
        svg.line("grid", (LEFT, y(recall)), (RIGHT, y(recall)));
        svg.text("tick", (LEFT - 8.0, y(recall) + 4.0), Anchor::End, &format!("{recall:.1}"));
    }
    for nth in 0..=u32::try_from(steps).unwrap_or(1) {
        let tokens = step * f64::from(nth);
        svg.text("tick", (x(tokens), BOTTOM + 18.0), Anchor::Middle, &rounded(tokens));
    }
    svg.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let from = if low > 0 { format!("recall, from {:.1} on", f64::from(low) / 10.0) } else { "recall".to_owned() };
    svg.text("label", (LEFT, TOP - 12.0), Anchor::Start, &from);
    svg.text("label", (f64::midpoint(LEFT, RIGHT), BOTTOM + 38.0), Anchor::Middle, "context tokens a question");
    let best: Vec<(f64, f64)> = points.iter().filter(|point| point.on_frontier).map(place).collect();
    if best.len() > 1 {
        svg.through("line", &best);
    }
    for point in points {
        let (class, radius) = match point {
            RetrievalPointV1 { recommended: true, .. } => ("good", 7.0),
            RetrievalPointV1 { in_force: true, .. } => ("bad", 7.0),
            RetrievalPointV1 { on_frontier: true, .. } => ("point", 4.0),
            _ => ("point-2", 4.0),
        };
        svg.dot(class, place(point), radius, &tip(point));
    }
    for point in points.iter().filter(|point| point.recommended || point.in_force) {
        let (x, y) = place(point);
        let anchor = if x > WIDTH * 0.6 { Anchor::End } else { Anchor::Start };
        let words = match (point.recommended, point.in_force) {
            (true, true) => "to take, and in force",
            (true, false) => "to take",
            _ => "in force",
        };
        // One above and one below, so that neither covers the other.
        let apart = if point.recommended { -12.0 } else { 22.0 };
        let class = if point.recommended { "label" } else { "mark-text" };
        svg.text(class, (x, y + apart), anchor, &format!("{words}: {}", name(point, NAME)));
    }
    let columns = ["Configuration", "Results", "Context tokens", "Recall", ""].map(str::to_owned).to_vec();
    Picture {
        id,
        title: "Recall against context tokens".to_owned(),
        says,
        svg: svg.finish(),
        narrow: None,
        legend: legend(points),
        columns,
        rows: points.iter().map(row).collect(),
    }
}

/// The tenths between which every recall is; at least one apart.
fn tenths(points: &[RetrievalPointV1]) -> (u8, u8) {
    let above = |recall: f64| (0..10_u8).find(|tenth| recall <= f64::from(*tenth) / 10.0).unwrap_or(10);
    let high = points.iter().map(|point| above(point.recall)).max().unwrap_or(10).max(1);
    let below = |recall: f64| (0..=10_u8).rev().find(|tenth| recall >= f64::from(*tenth) / 10.0).unwrap_or(0);
    let low = points.iter().map(|point| below(point.recall)).min().unwrap_or(0);
    (low.min(high - 1), high)
}

fn name(point: &RetrievalPointV1, longest: usize) -> String {
    format!("{}, {}", short(&point.label, longest), count(u64::from(point.results), "result", "results"))
}

fn tip(point: &RetrievalPointV1) -> String {
    let (tokens, recall) = (rounded(point.context_tokens), percent(point.recall));
    format!("{}: {recall} of the answers found with {tokens} context tokens a question", name(point, 200))
}

fn row(point: &RetrievalPointV1) -> Vec<String> {
    let marks =
        [(point.in_force, "in force"), (point.recommended, "to take"), (point.on_frontier, "no other beats it")];
    let marks: Vec<&str> = marks.into_iter().filter(|(is, _)| *is).map(|(_, words)| words).collect();
    vec![
        short(&point.label, 200),
        point.results.to_string(),
        rounded(point.context_tokens),
        percent(point.recall),
        marks.join(", "),
    ]
}

/// What the one to take comes to beside the one in force.
fn says(frontier: &RetrievalFrontierV1) -> String {
    let on = frontier.date.as_ref().map(|date| format!(" on {}", short(date, 20))).unwrap_or_default();
    let measured = format!("Measured{on} over {}.", count(frontier.questions, "question", "questions"));
    let points = &frontier.points;
    let figures = |point: &RetrievalPointV1| {
        let (tokens, recall) = (rounded(point.context_tokens), percent(point.recall));
        format!("finds {recall} of the answers with {tokens} context tokens a question")
    };
    let taken = points.iter().find(|point| point.recommended);
    let today = points.iter().find(|point| point.in_force);
    match (taken, today) {
        (Some(taken), Some(today)) if taken.in_force || today.recommended => {
            format!(
                "What is in force, {}, {}: nothing found does better. {measured}",
                name(taken, NAME),
                figures(taken)
            )
        }
        (Some(taken), Some(today)) => format!(
            "To take: {}, which {}. In force: {}, which {}. {measured}",
            name(taken, NAME),
            figures(taken),
            name(today, NAME),
            figures(today)
        ),
        (Some(taken), None) => {
            format!(
                "To take: {}, which {}. What is in force was not measured. {measured}",
                name(taken, NAME),
                figures(taken)
            )
        }
        (None, _) => format!(
            "{} measured, none to take. {measured}",
            count(points.len() as u64, "configuration", "configurations")
        ),
    }
}

fn legend(points: &[RetrievalPointV1]) -> Vec<(&'static str, String)> {
    let all = [
        ("good", "the one to take", points.iter().any(|point| point.recommended)),
        ("bad", "in force", points.iter().any(|point| point.in_force && !point.recommended)),
        ("point", "no other has fewer tokens and more recall", points.iter().any(|point| point.on_frontier)),
        ("point-2", "another has both", points.iter().any(|point| !point.on_frontier)),
    ];
    all.into_iter().filter(|(.., is)| *is).map(|(class, words, _)| (class, words.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(label: &str, context_tokens: f64, recall: f64, on_frontier: bool) -> RetrievalPointV1 {
        let label = label.to_owned();
        RetrievalPointV1 { label, results: 5, context_tokens, recall, on_frontier, in_force: false, recommended: false }
    }

    fn given() -> RetrievalFrontierV1 {
        RetrievalFrontierV1 {
            recommendation: "chunk-size.oversized-passages/111111111111/us-east-1/app".to_owned(),
            date: Some("2026-11-01".to_owned()),
            questions: 40,
            max_recall_loss: 0.02,
            points: vec![
                RetrievalPointV1 { recommended: true, ..point("fixed 100, 20 %", 500.0, 0.85, true) },
                point("<i>none</i>", 900.0, 0.75, false),
                RetrievalPointV1 { in_force: true, ..point("fixed 300, 20 %", 1500.0, 0.9, true) },
            ],
        }
    }

    #[test]
    fn the_one_to_take_stands_beside_the_one_in_force() {
        let picture = draw(&given(), "retrieval-1".to_owned());
        assert_eq!(
            picture.says,
            "To take: fixed 100, 20 %, 5 results, which finds 85.0 % of the answers with 500 context tokens a question. In force: \
             fixed 300, 20 %, 5 results, which finds 90.0 % of the answers with 1,500 context tokens a question. Measured on \
             2026-11-01 over 40 questions."
        );
        // 0 to 1,500 tokens over 630; recall of 0.7 to 0.9 over 218.
        assert!(picture.svg.contains("<polyline class=\"line\" points=\"270,82.5 690,28\"/>"), "{}", picture.svg);
        assert!(picture.svg.contains("<circle class=\"good\" cx=\"270\" cy=\"82.5\" r=\"7\">"), "{}", picture.svg);
        assert!(picture.svg.contains("<circle class=\"bad\" cx=\"690\" cy=\"28\" r=\"7\">"), "{}", picture.svg);
        assert!(picture.svg.contains("<circle class=\"point-2\" cx=\"438\" cy=\"191.5\" r=\"4\"><title>&lt;i&gt;none"));
        assert_eq!(picture.rows[0], ["fixed 100, 20 %", "5", "500", "85.0 %", "to take, no other beats it"]);
        assert!(picture.svg.contains("recall, from 0.7 on"));
    }

    #[test]
    fn one_point_and_figures_out_of_range_are_drawn_within_the_picture() {
        let mut frontier = given();
        frontier.points = vec![point("none", 0.0, 1.0, true)];
        let picture = draw(&frontier, "x".to_owned());
        assert_eq!(tenths(&frontier.points), (9, 10));
        assert!(picture.says.starts_with("1 configuration measured, none to take."), "{}", picture.says);
        frontier.points = vec![point("none", -5.0, 7.0, true), point("none", 1e300, -7.0, true)];
        assert_eq!(tenths(&frontier.points), (0, 10));
        assert!(draw(&frontier, "x".to_owned()).svg.contains("<circle class=\"point\" cx=\"60\" cy=\"28\""));
    }
}
