//! A picture as inline SVG: shapes with classes, whose colours stand in the style sheet alone, so that light and dark are one
//! file. Texts are escaped here; coordinates have one decimal.

use std::fmt::Write;

/// A picture in the making.
#[derive(Clone, Debug)]
pub(crate) struct Svg {
    body: String,
    width: f64,
    height: f64,
    label: String,
}

/// Where a text stands from its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// To the right of it.
    Start,
    /// Around it.
    Middle,
    /// To the left of it.
    End,
}

impl Svg {
    /// An empty picture of a size in its own units, and what it shows, for those who do not see it.
    pub(crate) fn new(width: f64, height: f64, label: &str) -> Self {
        Self { body: String::new(), width, height, label: label.to_owned() }
    }

    /// A rectangle; a tip is shown when the pointer rests on it. Negative sizes are none.
    pub(crate) fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), tip: &str) {
        let shape = format!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
            number(x),
            number(y),
            number(width.max(0.0)),
            number(height.max(0.0))
        );
        self.shape(&shape, "rect", tip);
    }

    /// A circle.
    pub(crate) fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64, tip: &str) {
        let shape =
            format!("<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"", number(x), number(y), number(radius));
        self.shape(&shape, "circle", tip);
    }

    /// A line from place to place.
    pub(crate) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            number(x1),
            number(y1),
            number(x2),
            number(y2)
        );
    }

    /// A line through all points.
    pub(crate) fn through(&mut self, class: &str, points: &[(f64, f64)]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
        let _ = write!(self.body, "<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "));
    }

    /// A text.
    pub(crate) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = write!(
            self.body,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            number(x),
            number(y),
            escape(text)
        );
    }

    /// The element.
    pub(crate) fn finish(self) -> String {
        format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" preserveAspectRatio=\"xMidYMid meet\">{}</svg>",
            number(self.width),
            number(self.height),
            escape(&self.label),
            self.body
        )
    }

    fn shape(&mut self, shape: &str, element: &str, tip: &str) {
        let _ = if tip.is_empty() {
            write!(self.body, "{shape}/>")
        } else {
            write!(self.body, "{shape}><title>{}</title></{element}>", escape(tip))
        };
    }
}

/// One decimal, none where it is 0; what is no number is 0.
fn number(value: f64) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text that cannot become markup, in an element or a quoted attribute. Control characters become spaces.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in lode_report::clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The steps of an axis from 0: a round distance and how many of it cover the value, four to eight.
pub(crate) fn ticks(most: f64) -> (f64, usize) {
    if !(most.is_finite() && most > 0.0) {
        return (1.0, 1);
    }
    let magnitude = 10f64.powf((most / 5.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * magnitude).into_iter().find(|step| most / step <= 6.0);
    let step = step.unwrap_or(10.0 * magnitude);
    let mut count = 1;
    while step * f64::from(count) < most * (1.0 - 1e-9) && count < 20 {
        count += 1;
    }
    (step, usize::try_from(count).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let mut svg = Svg::new(10.0, 10.0, "a \"quoted\" <label>");
        svg.text("t", (1.0, 2.0), Anchor::End, "</text><script>alert('x')</script>\u{202e}");
        svg.rect("r", (0.0, -0.04), (-1.0, f64::NAN), "<b>");
        assert_eq!(
            svg.finish(),
            "<svg viewBox=\"0 0 10 10\" role=\"img\" aria-label=\"a &quot;quoted&quot; &lt;label&gt;\" \
             preserveAspectRatio=\"xMidYMid meet\"><text class=\"t\" x=\"1\" y=\"2\" text-anchor=\"end\">\
             &lt;/text&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; </text><rect class=\"r\" x=\"0\" y=\"0\" \
             width=\"0\" height=\"0\"><title>&lt;b&gt;</title></rect></svg>"
        );
    }

    #[test]
    fn an_axis_has_round_steps_that_cover_the_value() {
        assert_eq!(ticks(12.0), (2.0, 6));
        assert_eq!(ticks(100.0), (20.0, 5));
        assert_eq!(ticks(4_512.0), (1_000.0, 5));
        assert_eq!(ticks(0.3), (0.05, 6));
        assert_eq!(ticks(0.0), (1.0, 1));
        assert_eq!(ticks(f64::NAN), (1.0, 1));
    }
}
