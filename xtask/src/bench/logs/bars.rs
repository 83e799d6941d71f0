//! What a digest may cost, beside what it did. The bars are ratios to what else ran in the same rounds on the same
//! machine, set in November 2026 by a prototype on two cores: 1.41 of the floor, 0.72 of chdb, 173 MiB.

use super::super::measure::Cost;
use super::super::stats::{Runs, ratio};

/// Wall of lode over that of inflating alone.
const FLOOR: f64 = 1.5;
/// Wall of lode over that of chdb.
const PEER: f64 = 0.8;
/// Peak memory in MiB.
const MEMORY: f64 = 256.0;
/// Wall of twice the logs over that of once.
const TWICE: f64 = 2.1;
/// The trace, in percent of the gzip files.
const TRACE: f64 = 5.0;

/// Something found, and what it may be at most.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    what: String,
    found: f64,
    most: f64,
    unit: &'static str,
}

impl Bar {
    fn new(what: String, found: f64, most: f64, unit: &'static str) -> Self {
        Self { what, found, most, unit }
    }

    /// `what found, bar ≤ most: met`.
    pub(super) fn line(&self) -> String {
        let Self { what, found, most, unit } = self;
        let places = if *unit == " MiB" { 0 } else { 2 };
        let verdict = if found <= most { "met" } else { "missed" };
        format!("{what} {found:.places$}{unit}, bar ≤ {most}{unit}: {verdict}")
    }
}

/// Lode and those beside it.
#[derive(Debug)]
pub(super) struct Sides<'a> {
    lode: Option<&'a Runs>,
    others: [(Option<&'a Runs>, f64); 2],
}

impl<'a> Sides<'a> {
    /// By name; who is not there has no bar.
    pub(super) fn of(runs: &'a [Runs], lode: &str, floor: &str, peer: &str) -> Self {
        let named = |name: &str| runs.iter().find(|runs| runs.name == name);
        Self { lode: named(lode), others: [(named(floor), FLOOR), (named(peer), PEER)] }
    }
}

/// Time beside the others', and memory.
pub(super) fn of_rounds(sides: &Sides<'_>) -> Vec<Bar> {
    let Some(lode) = sides.lode else { return Vec::new() };
    let beside = |&(other, most): &(Option<&Runs>, f64)| {
        let (middle, ..) = ratio(lode, other?, |cost| cost.wall)?;
        Some(Bar::new(format!("{}/{} wall", lode.name, other?.name), middle, most, ""))
    };
    sides.others.iter().filter_map(beside).chain(memory(lode)).collect()
}

/// Time and memory of `[twice, once]`.
pub(super) fn of_scale(runs: &[Runs]) -> Vec<Bar> {
    let [twice, once] = runs else { return Vec::new() };
    let name = |what| format!("{}/{} {what}", twice.name, once.name);
    let middle = |of: fn(&Cost) -> f64| ratio(twice, once, of).map(|(middle, ..)| middle);
    let time = middle(|cost| cost.wall).map(|found| Bar::new(name("wall"), found, TWICE, ""));
    time.into_iter().chain(memory(twice)).collect()
}

/// The most of all runs.
fn memory(runs: &Runs) -> Option<Bar> {
    let most = runs.costs.iter().map(|cost| cost.peak).max_by(f64::total_cmp)?;
    Some(Bar::new(format!("{} peak", runs.name), most, MEMORY, " MiB"))
}

/// Size of the trace.
#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
pub(super) fn of_trace(trace: u64, gzip: u64) -> Bar {
    Bar::new("trace/gzip".to_owned(), 100.0 * trace as f64 / gzip as f64, TRACE, " %")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(name: &str, costs: &[(f64, f64)]) -> Runs {
        let costs = costs.iter().map(|&(wall, peak)| Cost { wall, cpu: wall, peak }).collect();
        Runs { name: name.to_owned(), costs }
    }

    fn lines(bars: &[Bar]) -> Vec<String> {
        bars.iter().map(Bar::line).collect()
    }

    #[test]
    fn bars_are_met_up_to_themselves() {
        let all = [
            runs("lode", &[(3.0, 200.0), (4.0, 256.0), (5.0, 100.0)]),
            runs("inflate", &[(2.0, 1.0), (2.0, 1.0), (4.0, 1.0)]),
            runs("chdb", &[(3.0, 1.0), (4.0, 1.0), (8.0, 1.0)]),
        ];
        // 3/2, 4/2, 5/4, and 1, 1, 5/8: medians of the ratios.
        assert_eq!(
            lines(&of_rounds(&Sides::of(&all, "lode", "inflate", "chdb"))),
            [
                "lode/inflate wall 1.50, bar ≤ 1.5: met",
                "lode/chdb wall 1.00, bar ≤ 0.8: missed",
                "lode peak 256 MiB, bar ≤ 256 MiB: met",
            ]
        );
        let without = Sides::of(&all, "lode", "inflate", "duckdb");
        assert_eq!(of_rounds(&without).len(), 2);
        assert!(of_rounds(&Sides::of(&all, "nobody", "inflate", "chdb")).is_empty());
    }

    #[test]
    fn twice_the_logs_may_take_twice_the_time_and_no_more_memory() {
        let all = [runs("twice", &[(5.0, 300.0), (6.0, 90.0)]), runs("once", &[(2.0, 80.0), (3.0, 80.0)])];
        assert_eq!(
            lines(&of_scale(&all)),
            ["twice/once wall 2.25, bar ≤ 2.1: missed", "twice peak 300 MiB, bar ≤ 256 MiB: missed"]
        );
        assert!(of_scale(&all[..1]).is_empty());
    }

    #[test]
    fn the_trace_is_a_share_of_the_gzip() {
        assert_eq!(of_trace(49, 1_000).line(), "trace/gzip 4.90 %, bar ≤ 5 %: met");
        assert_eq!(of_trace(51, 1_000).line(), "trace/gzip 5.10 %, bar ≤ 5 %: missed");
    }
}
