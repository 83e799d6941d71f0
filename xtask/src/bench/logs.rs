//! `cargo xtask bench logs`: gigabytes of model invocation logs, digested by `lode` beside inflating alone and beside
//! general engines, round by round.

mod answer;
mod bars;
mod data;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use self::answer::{Answer, differences, of_floor, of_lode, of_peer};
use self::bars::{Bar, Sides};
use self::data::{Logs, Part, logs};
use super::rounds::{self, Answers, agreed, peers, rounds, text};
use super::stats::{Runs, median, table};
use crate::say;

const LODE: &str = "lode";
const FLOOR: &str = "inflate";
/// In every round; the others once, unless all are asked for.
const ALWAYS: &str = "chdb";
const SOMETIMES: [&str; 2] = ["duckdb", "polars"];

/// What is asked and shown; part of `--help`.
const ABOUT: &str = "\
Makes model invocation logs as AWS writes them to S3 (twelve apps, about 10 KB a record, gzip
objects of 16 MB of text; xtask/bench/make_logs.py), unless some are there, and takes turns with
them: `lode digest DIR -o NEW`, which reads every body, hashes it block by block and writes the
trace; the floor, libdeflate on two threads and nothing else (`cargo xtask bench inflate --whole`);
and chdb, told all names and types, for requests and tokens by model (xtask/bench/peer_logs.py),
which skips the bodies. DuckDB and polars are asked the same once.

Every engine runs as a whole process, start-up included. A round runs each once, in turns; the first
round only warms the file cache up. Shown are medians, and the median, least and greatest ratio of
the rounds, then the bars, met or missed: a missed bar is not a failure, for machines differ. Fails
when requests or tokens differ from what was made.

Peers: python3 -m venv DIR && DIR/bin/pip install chdb duckdb polars, then --python DIR/bin/python.
Those that are not installed are left out.";

/// `cargo xtask bench logs`.
#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT)]
pub(crate) struct Options {
    /// Bytes of text, about [default: what is in DIR, else 2,700,000,000]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1_000_000..))]
    bytes: Option<u64>,
    /// Rounds that count
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Where the logs are, or are made [default: a folder of their size in target/bench]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The `lode` program to time [default: built from this repository]
    #[arg(long, value_name = "PATH", conflicts_with = "without_lode")]
    lode: Option<PathBuf>,
    /// Leave `lode` out: the floor and the peers alone
    #[arg(long, conflicts_with = "check")]
    without_lode: bool,
    /// The Python that has the peers, and makes the logs
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
    /// DuckDB and polars in every round
    #[arg(long)]
    all_peers: bool,
    /// Also lode on this and on as much again: time and memory of twice the logs
    #[arg(long)]
    check: bool,
}

impl Options {
    fn rounds(&self, engines: &[Engine]) -> anyhow::Result<(Vec<Runs>, Answers<Answer>)> {
        rounds(engines, self.rounds, PartialEq::eq)
    }
}

type Engine = rounds::Engine<Answer>;

/// The command under test: it writes to `out`, which is new for each run.
fn lode_engine(name: &str, program: &Path, input: &Path, out: &Path) -> Engine {
    let arguments = ["digest", &text(input), "-o", &text(out), "--format", "json"];
    Engine {
        name: name.to_owned(),
        program: program.to_path_buf(),
        arguments: arguments.map(str::to_owned).to_vec(),
        writes: Some(out.to_path_buf()),
        answer: Some(of_lode),
    }
}

fn peer_engine(name: &str, script: &Path, python: &Path, input: &Path) -> Engine {
    Engine {
        name: name.to_owned(),
        program: python.to_path_buf(),
        arguments: vec![text(script), name.to_owned(), text(input)],
        writes: None,
        answer: Some(of_peer),
    }
}

/// Who takes part in every round, and who is asked once.
fn cast(
    root: &Path,
    options: &Options,
    lode: Option<Engine>,
    input: &Path,
) -> anyhow::Result<(Vec<Engine>, Vec<Engine>)> {
    let floor = Engine::inflate(FLOOR, &["--whole"], &[input.to_path_buf()])?;
    let mut always: Vec<Engine> = lode.into_iter().chain([Engine { answer: Some(of_floor), ..floor }]).collect();
    let mut once = Vec::new();
    let script = root.join("xtask/bench/peer_logs.py");
    let have = peers(&script, &options.python)?;
    for name in [ALWAYS].into_iter().chain(SOMETIMES) {
        if !have.iter().any(|found| found == name) {
            say(&[format!("{name} is not installed in {}: left out", options.python.display())])?;
            continue;
        }
        let engine = peer_engine(name, &script, &options.python, input);
        if name == ALWAYS || options.all_peers { always.push(engine) } else { once.push(engine) }
    }
    Ok((always, once))
}

/// Runs the benchmark, and the check of scale where it is asked for.
pub(super) fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    let set = Logs::new(root, &options.python, options.data.clone(), options.bytes);
    let first = logs(&set, Part::First)?;
    let lode = match (&options.lode, options.without_lode) {
        (_, true) => None,
        (Some(path), false) => Some(std::path::absolute(path).with_context(|| path.display().to_string())?),
        (None, false) => Some(crate::score::built(root)?),
    };
    let out = tempfile::tempdir()?;
    let trace = out.path().join("trace");
    let digest = lode.as_ref().map(|lode| lode_engine(LODE, lode, &first.input, &trace));
    if let Some(digest) = &digest {
        say(&[format!("{} {}", digest.program.display(), digest.arguments.join(" "))])?;
        digest.run().context("this lode cannot digest logs; --lode names another one")?;
    }
    let (always, once) = cast(root, options, digest, &first.input)?;
    let (runs, mut answers) = options.rounds(&always)?;
    let mut alone = Vec::new();
    for engine in &once {
        let (answer, cost) = engine.run()?;
        answers.extend(answer.map(|answer| (engine.name.clone(), answer)));
        alone.push(Runs { name: engine.name.clone(), costs: vec![cost] });
    }
    agreed("totals", &differences(&first.made, &answers))?;
    say(&[format!("{}; the same from {}", first.made.told(), names(&answers))])?;
    say(&table(&runs))?;
    say(&speeds(&runs, first.made.text_bytes))?;
    say(&beside(&runs, &alone))?;
    let mut bars = Vec::new();
    if lode.is_some() {
        bars = bars::of_rounds(&Sides::of(&runs, LODE, FLOOR, ALWAYS));
        let bytes = data::bytes_below(&trace)?;
        say(&[format!("trace {bytes} bytes, gzip {} bytes", first.made.gz_bytes)])?;
        bars.push(bars::of_trace(bytes, first.made.gz_bytes));
    }
    if let (true, Some(lode)) = (options.check, &lode) {
        bars.extend(check(options, lode, &set, &first, &trace)?);
    }
    say(&bars.iter().map(Bar::line).collect::<Vec<_>>())
}

/// Lode on all there is and on the first half of it, in turns.
fn check(options: &Options, lode: &Path, set: &Logs, first: &data::Made, trace: &Path) -> anyhow::Result<Vec<Bar>> {
    let second = logs(set, Part::Second)?;
    let both = set.both();
    let engines = [lode_engine("twice", lode, &both, trace), lode_engine("once", lode, &first.input, trace)];
    let (runs, answers) = options.rounds(&engines)?;
    let made = [first.made.plus(&second.made), first.made.clone()];
    let problems = made.iter().zip(&answers).flat_map(|(made, answer)| differences(made, std::slice::from_ref(answer)));
    agreed("totals", &problems.collect::<Vec<_>>())?;
    say(&table(&runs))?;
    Ok(bars::of_scale(&runs))
}

/// Gigabytes of text a second, by the median.
fn speeds(runs: &[Runs], bytes: u64) -> Vec<String> {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let speed = |runs: &Runs| Some(bytes as f64 / 1e9 / median(&runs.walls())?);
    runs.iter().filter_map(|runs| Some(format!("{}: {:.2} GB/s of text", runs.name, speed(runs)?))).collect()
}

/// Of those that ran once, beside nobody: what it took, and what share of it the first engine's median is.
fn beside(runs: &[Runs], alone: &[Runs]) -> Vec<String> {
    let line = |other: &Runs| {
        let (first, cost) = (runs.first()?, other.costs.first()?);
        let share = median(&first.walls())? / cost.wall;
        Some(format!(
            "{}, once: {:.2} s wall, {:.2} s cpu, {:.0} MiB; {} takes {share:.2} of its wall",
            other.name, cost.wall, cost.cpu, cost.peak, first.name
        ))
    };
    alone.iter().filter_map(line).collect()
}

fn names(answers: &Answers<Answer>) -> String {
    answers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command, FromArgMatches as _};

    use super::super::measure::Cost;
    use super::*;

    fn options(words: &[&str]) -> Result<Options, clap::Error> {
        let command = Options::augment_args(Command::new("logs"));
        Options::from_arg_matches(&command.try_get_matches_from([&["logs"], words].concat())?)
    }

    fn runs(name: &str, walls: &[f64]) -> Runs {
        let costs = walls.iter().map(|&wall| Cost { wall, cpu: 2.0 * wall, peak: 100.0 }).collect();
        Runs { name: name.to_owned(), costs }
    }

    #[test]
    fn options_are_read_and_nonsense_is_refused() {
        let usual = options(&[]).expect("options");
        assert_eq!((usual.bytes, usual.rounds, usual.all_peers, usual.check), (None, 5, false, false));
        let given = options(&["--bytes", "20000000", "--rounds", "3", "--lode", "x", "--check"]).expect("options");
        assert_eq!((given.bytes, given.rounds, given.lode), (Some(20_000_000), 3, Some(PathBuf::from("x"))));
        for words in [&["--bytes", "10"][..], &["--rounds", "0"], &["--without-lode", "--check"]] {
            assert!(options(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn lode_is_asked_for_a_new_trace_each_time() {
        let engine = lode_engine("twice", Path::new("/bin/lode"), Path::new("in"), Path::new("out/trace"));
        assert_eq!(engine.arguments, ["digest", "in", "-o", "out/trace", "--format", "json"]);
        assert_eq!(engine.writes, Some(PathBuf::from("out/trace")));
    }

    #[test]
    fn speeds_and_single_runs_are_told() {
        let all = [runs("lode", &[1.0, 2.0, 9.0]), runs("inflate", &[1.0, 1.0, 1.0])];
        assert_eq!(speeds(&all, 3_000_000_000), ["lode: 1.50 GB/s of text", "inflate: 3.00 GB/s of text"]);
        assert_eq!(
            beside(&all, &[runs("duckdb", &[8.0])]),
            ["duckdb, once: 8.00 s wall, 16.00 s cpu, 100 MiB; lode takes 0.25 of its wall"]
        );
        assert!(beside(&[], &[runs("duckdb", &[8.0])]).is_empty());
    }

    #[test]
    fn differing_totals_fail() {
        assert!(agreed("totals", &[]).is_ok());
        assert!(agreed("totals", &["a: b".to_owned()]).is_err());
    }
}
