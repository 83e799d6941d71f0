//! The report as a terminal shows it: three widths, with colour and without.

mod common;

use common::{lode_at, root};
use lode_cli::Exit;

fn page(width: usize, colour: &str) -> String {
    let estate = root("testdata/estate").display().to_string();
    let ran = lode_at(width, &["report", &estate, "--as-of", "2026-11-05", "--color", colour]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    // Escape characters are shown as the picture of them.
    ran.out.replace(&estate, "testdata/estate").replace('\u{1b}', "\u{241b}")
}

#[test]
fn the_report_at_three_widths() {
    for width in [80, 120, 160] {
        let plain = page(width, "never");
        insta::assert_snapshot!(format!("report_{width}"), plain);
        let coloured = page(width, "always");
        insta::assert_snapshot!(format!("report_{width}_colour"), coloured);
        assert_eq!(without_colour(&coloured), plain, "colour changes words or places at {width}");
    }
}

/// The text between the codes, which are those of the sixteen colours alone.
fn without_colour(page: &str) -> String {
    let mut parts = page.split('\u{241b}');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let shown = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m"].iter().find_map(|code| part.strip_prefix(code));
        out.push_str(shown.unwrap_or_else(|| panic!("another code: {part:?}")));
    }
    out
}
