//! The report as one HTML file: self-contained, light and dark, for a screen, a phone or paper.
//!
//! It renders what `lode-report` says: the figures of JSON version 1 and the sentences of the terminal page. It computes no
//! figure but sums of cents and places on a drawing, reads no file and knows no clock. Text of bills and logs is hostile: the
//! templates escape all of it, and the page's own policy keeps whatever is in it from running or calling out.

mod page;
mod picture;
mod pictures;
mod svg;
mod template;
mod words;

use lode_report::v1::ReportV1;
use lode_report::{Prose, Report};

/// The report as one HTML file.
#[must_use]
pub fn report_html(report: &Report<'_>) -> String {
    render(&ReportV1::for_page(report), &Prose::of(report))
}

/// The page of figures and sentences that belong together.
#[must_use]
pub fn render(report: &ReportV1, prose: &Prose) -> String {
    page::Page::of(report, prose).map(|page| template::render(&page)).unwrap_or_default()
}
