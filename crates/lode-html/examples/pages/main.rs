//! Pages for the browser tests and for `cargo xtask bench html`: hostile names, and 500 recommendations among 5,000 workloads.
//! Prints as JSON how long the large one took to render, and its size.
//!
//! ```text
//! pages DIR
//! ```

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use lode_recommenders::ALL;
use serde_json::json;

mod estates;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("no folder")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let page = estates::hostile()?.with_report(ALL, lode_html::report_html);
    std::fs::write(folder.join("hostile.html"), page)?;
    let large = estates::large()?;
    let said = large.with_report(ALL, |report| {
        let (page, render_ms) = timed(|| lode_html::report_html(report));
        let (json, json_ms) = timed(|| lode_report::v1::report_json(report));
        std::fs::write(folder.join("large.html"), &page)?;
        Ok::<_, std::io::Error>(json!({
            "workloads": estates::WORKLOADS, "recommendations": report.outcome.recommendations.len(),
            "render_ms": render_ms, "bytes": page.len(), "json_ms": json_ms, "json_bytes": json.len(),
        }))
    })?;
    writeln!(std::io::stdout(), "{said}")?;
    Ok(())
}

/// What it makes, and how many milliseconds that takes.
fn timed(make: impl FnOnce() -> String) -> (String, f64) {
    #[expect(clippy::disallowed_methods, reason = "this is what a benchmark is for")]
    let begun = Instant::now();
    let made = make();
    (made, begun.elapsed().as_secs_f64() * 1e3)
}
