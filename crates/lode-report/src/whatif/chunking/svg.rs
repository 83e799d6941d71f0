//! The picture as SVG, to stand alone: no script, no font, no other file. Its greys and its blue can be read on white and on black;
//! nothing is said by colour alone.

use std::fmt::Write;

use super::ChunkingPage;
use super::plot::{Picture, Point};
use super::{tokens, verdict::verdict};
use crate::text::clean;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
/// Left, top, right and bottom of the points.
const LEFT: f64 = 90.0;
const TOP: f64 = 60.0;
const RIGHT: f64 = 690.0;
const BOTTOM: f64 = 370.0;
/// Contrast of 4.5 to 1 against white and against black (WCAG 2.2, 1.4.3).
const GREY: &str = "#767676";
/// Contrast of 3 to 1 against both (1.4.11).
const BLUE: &str = "#2f7ed8";

/// The picture.
#[must_use]
pub fn whatif_chunking_svg(page: &ChunkingPage<'_>) -> String {
    let picture = Picture::of(page.answer);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         role=\"img\" aria-labelledby=\"title description\" font-family=\"sans-serif\" font-size=\"13\" fill=\"{GREY}\">"
    );
    let _ = writeln!(out, "<title id=\"title\">{}</title>", escaped(picture.title));
    let _ = writeln!(out, "<desc id=\"description\">{}</desc>", escaped(&description(page, &picture)));
    let _ = writeln!(out, "<text x=\"{LEFT}\" y=\"28\" font-size=\"16\">{}</text>", escaped(picture.title));
    axes(&mut out, &picture);
    // The one to take is drawn last, over what is at the same place.
    let mut points: Vec<&Point> = picture.points.iter().collect();
    points.sort_by_key(|point| (point.chosen, point.on_frontier));
    for point in points {
        mark(&mut out, &picture, point);
    }
    let legend = "● no other beats it   ○ another does   ◆ the one to take";
    let _ = writeln!(out, "<text x=\"{LEFT}\" y=\"{}\" xml:space=\"preserve\">{legend}</text>", HEIGHT - 12.0);
    out.push_str("</svg>\n");
    out
}

/// What the picture shows, for those who do not see it.
fn description(page: &ChunkingPage<'_>, picture: &Picture) -> String {
    let point = |point: &Point| {
        format!("{}: {} tokens, {} {}", point.name, tokens(point.x), picture.up, picture.value(point.y))
    };
    let points: Vec<String> = picture.points.iter().map(point).collect();
    format!("{} {}.", verdict(page.answer), points.join("; "))
}

fn axes(out: &mut String, picture: &Picture) {
    let _ = writeln!(out, "<path d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\" fill=\"none\" stroke=\"{GREY}\"/>");
    let middle = f64::midpoint(LEFT, RIGHT);
    let across = format!("{} (logarithmic)", picture.across);
    let below = BOTTOM + 38.0;
    let _ = writeln!(out, "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">{}</text>", escaped(&across));
    let _ =
        writeln!(out, "<text x=\"{LEFT}\" y=\"{}\" text-anchor=\"middle\">{}</text>", TOP - 12.0, escaped(picture.up));
    if picture.points.is_empty() {
        return;
    }
    let (low, high) = picture.range(|point| point.y);
    for (y, value) in [(BOTTOM, low), (TOP, high)] {
        let (x, y, value) = (LEFT - 8.0, y + 4.0, escaped(&picture.value(value)));
        let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{value}</text>");
    }
    let least = picture.points.iter().map(|point| point.x).fold(f64::INFINITY, f64::min);
    let most = picture.points.iter().map(|point| point.x).fold(0.0, f64::max);
    for (x, value) in [(LEFT, least), (RIGHT, most)] {
        let (y, value) = (BOTTOM + 18.0, tokens(value));
        let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{value}</text>");
    }
}

/// A point: a circle, filled where no other beats it; a diamond with its name for the one to take.
fn mark(out: &mut String, picture: &Picture, point: &Point) {
    let (across, up) = picture.place(point);
    let (x, y) = (LEFT + across * (RIGHT - LEFT), BOTTOM - up * (BOTTOM - TOP));
    let title = format!("{}: {} tokens, {} {}", point.name, tokens(point.x), picture.up, picture.value(point.y));
    let title = escaped(&title);
    if point.chosen {
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {:.1}l8 8l-8 8l-8 -8z\" fill=\"{BLUE}\"><title>{title}</title></path>",
            y - 8.0
        );
        let anchor = if across > 0.6 { "end" } else { "start" };
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            y + 24.0,
            escaped(&point.name)
        );
    } else {
        let fill = if point.on_frontier { BLUE } else { "none" };
        let _ = writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{fill}\" stroke=\"{BLUE}\"><title>{title}</title></circle>"
        );
    }
}

/// Text in SVG.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(escaped("<a b=\"c\">&'\u{1b}"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39; ");
    }
}
