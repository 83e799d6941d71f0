//! Committed capacity on one core: the best number of units of a year of minutes, for many workloads, beside numpy.
//!
//! Both make the same minutes from a seed, in memory, with the same integers; only pricing is timed. Both must find the
//! same number of units at the same cost.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Args;
use lode_sim::capacity::{Curve, Load, Offer};
use serde::Deserialize;

use crate::tables::aligned;

/// What is asked and shown; part of `--help`.
const ABOUT: &str = "\
Makes the minutes of each workload from a seed (office hours, round the clock, nightly runs, rare bursts), then finds the
best number of units by `lode_sim::capacity`, on one core. Beside it numpy on the same minutes, on one core: brute force
(every number of units over every minute, vectorised), and sorted (once, then sums up to each number of units). Numbers of
units must be equal, costs to ten digits. Making the minutes is not timed.
Build it as what is measured is used: cargo run --release -p xtask -- bench capacity
Peer: python3 -m venv DIR && DIR/bin/pip install numpy, then --python DIR/bin/python.";

/// What to price.
#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(crate) struct Options {
    /// Workloads
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    workloads: u64,
    /// Minutes of each; a year by default
    #[arg(long, default_value_t = 525_600, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    minutes: u64,
    /// Another seed, other minutes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Python with numpy
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
    /// Without the peer
    #[arg(long)]
    alone: bool,
}

/// The script of the peer.
const SCRIPT: &str = "xtask/bench/capacity.py";
/// Tokens that a unit answers a minute.
const UNIT: u64 = 2_000;
/// Pico-dollars of a prompt token and a generated one: $3 and $15 per million.
const RATES: [u64; 2] = [3_000_000, 15_000_000];
/// Load by hour, of 16, of the three kinds of workloads.
const HOURS: [[u64; 24]; 3] = [
    [0, 0, 0, 0, 0, 0, 1, 4, 10, 14, 16, 14, 9, 13, 16, 15, 12, 7, 3, 1, 0, 0, 0, 0],
    [7, 6, 5, 5, 5, 6, 8, 10, 12, 13, 14, 14, 15, 15, 16, 15, 14, 13, 12, 12, 11, 10, 9, 8],
    [0, 16, 16, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
];

/// What was found for a workload.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Found {
    units: u32,
    /// Dollars.
    cost: f64,
}

/// What the peer prints.
#[derive(Debug, Deserialize)]
struct Peer {
    version: String,
    brute_seconds: f64,
    sorted_seconds: f64,
    brute: Vec<Found>,
    sorted: Vec<Found>,
}

/// Prices and prints.
#[expect(clippy::disallowed_methods, reason = "how long it took is the result")]
pub(super) fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    let mut seconds = 0.0;
    let mut found = Vec::new();
    for workload in 0..options.workloads {
        let loads = loads(options.seed, workload, options.minutes);
        let start = Instant::now();
        let best = Curve::of(loads, options.minutes, offer(options.minutes)).best();
        seconds += start.elapsed().as_secs_f64();
        found.push(Found { units: best.units, cost: best.cost.to_f64() });
    }
    let bought = found.iter().filter(|found| found.units > 0).count();
    let most = found.iter().map(|found| found.units).max().unwrap_or_default();
    crate::say(&[format!(
        "{} workloads of {} minutes: {bought} buy, up to {most} units",
        options.workloads, options.minutes
    )])?;
    let mut lines = vec![["engine", "s", "× lode"].map(str::to_owned).to_vec()];
    let mut line = |name: &str, took: f64| {
        lines.push(vec![name.to_owned(), format!("{took:.2}"), format!("{:.1}", took / seconds.max(1e-9))]);
    };
    line("lode_sim::capacity", seconds);
    if !options.alone {
        let peer = peer(root, options)?;
        for (name, theirs) in [("brute force", &peer.brute), ("sorted", &peer.sorted)] {
            check(&found, theirs).with_context(|| format!("numpy, {name}"))?;
        }
        line(&format!("numpy {}, brute force", peer.version), peer.brute_seconds);
        line(&format!("numpy {}, sorted", peer.version), peer.sorted_seconds);
    }
    crate::say(&aligned(&lines, 1))
}

fn peer(root: &Path, options: &Options) -> anyhow::Result<Peer> {
    let numbers = [options.seed, options.workloads, options.minutes].map(|number| number.to_string());
    let run = Command::new(&options.python)
        .arg(root.join(SCRIPT))
        .args(numbers)
        .envs(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"].map(|name| (name, "1")))
        .output()
        .with_context(|| format!("{} cannot be run", options.python.display()))?;
    let said = String::from_utf8_lossy(&run.stderr);
    ensure!(run.status.success(), "the peer failed; it takes a Python with numpy: --python PATH, or --alone\n{said}");
    serde_json::from_slice(&run.stdout).context("what the peer printed")
}

/// Both found the same.
fn check(ours: &[Found], theirs: &[Found]) -> anyhow::Result<()> {
    ensure!(ours.len() == theirs.len(), "{} workloads instead of {}", theirs.len(), ours.len());
    for (workload, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let close = (ours.cost - theirs.cost).abs() <= 1e-10 * ours.cost.abs().max(1.0);
        ensure!(ours.units == theirs.units && close, "workload {workload}: {theirs:?} instead of {ours:?}");
    }
    Ok(())
}

/// A unit at three tenths of what its tokens would cost on demand, all of the time, half of them generated.
fn offer(minutes: u64) -> Offer {
    let full = i128::from(UNIT) * i128::from(RATES[0] + RATES[1]) / 2;
    Offer { per_unit: UNIT, unit_cost: full * 3 / 10 * i128::from(minutes), least: 1 }
}

/// The minutes of a workload that ask for any token.
fn loads(seed: u64, workload: u64, minutes: u64) -> Vec<Load> {
    (0..minutes).map(|minute| load(seed, workload, minute)).filter(|load| load.tokens > 0).collect()
}

/// One minute: the same integers as in the script of the peer.
fn load(seed: u64, workload: u64, minute: u64) -> Load {
    let size = 1_000 + mix(seed ^ (workload << 32)) % 60_000;
    let drawn = mix(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ (workload << 32) ^ minute);
    let hours = HOURS.get(usize::try_from(workload % 3).unwrap_or_default());
    let hour = hours.and_then(|hours| hours.get(usize::try_from(minute / 60 % 24).unwrap_or_default()));
    // Around the hour's load by half, and once in a thousand minutes eight times as much.
    let burst = if (drawn >> 32).is_multiple_of(1_024) { 8 } else { 1 };
    let tokens = size * hour.copied().unwrap_or_default() * (128 + (drawn & 0xff)) / 4_096 * burst;
    let output = tokens * (10 + (drawn >> 8) % 60) / 100;
    let cost = (tokens - output) * RATES[0] + output * RATES[1];
    Load { tokens, cost: i128::from(cost) }
}

/// 64 bits from 64 (SplitMix64: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014).
pub(super) const fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_workloads_buy_and_none_buys_for_its_bursts() {
        let best = |workload| {
            let loads = loads(1, workload, 10_080);
            let peak = loads.iter().map(|load| load.tokens).max().unwrap_or_default();
            (Curve::of(loads, 10_080, offer(10_080)).best().units, peak.div_ceil(UNIT))
        };
        let found: Vec<(u32, u64)> = (0..60).map(best).collect();
        assert!(found.iter().filter(|(units, _)| *units > 0).count() > 10, "{found:?}");
        assert!(found.iter().any(|(units, _)| *units == 0), "{found:?}");
        assert!(found.iter().all(|(units, peak)| u64::from(*units) < *peak), "{found:?}");
    }

    #[test]
    fn another_answer_is_no_match() {
        let ours = [Found { units: 2, cost: 10.0 }];
        assert!(check(&ours, &[Found { units: 2, cost: 10.000_000_000_1 }]).is_ok());
        assert!(check(&ours, &[Found { units: 1, cost: 10.0 }]).is_err());
        assert!(check(&ours, &[Found { units: 2, cost: 10.000_1 }]).is_err());
        assert!(check(&ours, &[]).is_err());
    }
}
