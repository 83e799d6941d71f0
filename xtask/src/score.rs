//! Found savings against the planted ones, and what calls are for against what they are: runs the `lode` binary on synthetic estates whose truth is known, and
//! compares. It knows the command line of `lode`, its JSON report and `truth.json`; it shares no code with what it
//! judges.

mod classes;
mod compare;
mod read;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use compare::Score;
use read::{Report, Truth};

/// What every column means; part of `--help`.
const COLUMNS: &str = "\
For every seed it runs
  lode demo --write DIR --seed SEED --scale SCALE    the estate, and its truth in DIR/truth.json
  lode report DIR --as-of AS_OF --format json        AS_OF is the truth's
and both once more with `--habits none`: a trap, an estate in which nothing can be saved, so that
nothing may be recommended.

A habit and a recommendation belong together when lever, account, region and caller agree. Where
both name a resource by its ARN that must agree instead. Where the recommendation names neither (a
pool) the model must agree in their place, if it names one. What belongs together is one case: its habits are added up, and so are its
recommendations. All dollars are a month: `monthly` of a habit, `savings.standalone` of a
recommendation, which is what it saves alone, not in the plan.

  seed         the estate; `all` adds up every seed
  lever        its id, as in the report. Levers outside the documented six have no habits: all that
               they recommend is false
  habits       how many were planted
  truth        what they cost a month
  found        case by case the smaller of truth and recommended, so that too much in one case
               does not make up for too little in another
  recall       found / truth
  recommended  what all recommendations save alone; one that saves nothing alone counts as 0
  false        recommended of the cases, as a whole, of which the truth confirms under 90 %;
               those without a habit among them
  false %      false / recommended
  error        |recommended - truth| added up over the cases that have both, / their truth; too
               much and too little do not cancel

A second table tells how well the report knows what calls are for, over all seeds: the `task` of
its `cohorts` against the class of their callers in the truth, by dollars a month of the cohorts.

  class        what calls are for
  true         dollars of the cohorts whose callers are of the class; callers of class `unknown`,
               logged without bodies, are left out
  claimed      dollars of the cohorts said to be of it; `text` and `unknown` claim nothing
  right        dollars of the cohorts that are both
  precision    right / claimed
  recall       right / true

Below the tables stand the traps, then every case that was missed, false or more than 5 % off, and
every caller that was taken for something else or for nothing.

Fails (exit code 1) when over all seeds recall is under 90 %, false over 2 % or error over 5 %, when
a trap gets any recommendation, when over all classes precision is under 90 % or recall under 80 %,
or when a report has no `cohorts` or none of a caller whose class is known.";

/// `cargo xtask score`.
#[derive(Debug, clap::Args)]
#[command(after_help = COLUMNS)]
pub(crate) struct Options {
    /// Seeds of the estates
    #[arg(long, value_delimiter = ',', default_values_t = [101, 102, 103])]
    seeds: Vec<u64>,
    /// Size of the estates, handed to `lode demo`
    #[arg(long, default_value_t = 100)]
    scale: u32,
    /// The `lode` program to judge [default: built from this repository]
    #[arg(long, value_name = "PATH")]
    lode: Option<PathBuf>,
}

/// What is printed, and what makes it fail.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// The table and the cases worth a look.
    pub(crate) lines: Vec<String>,
    /// Why it fails.
    pub(crate) problems: Vec<String>,
}

/// Runs and compares everything.
pub(crate) fn run(root: &Path, options: &Options) -> anyhow::Result<Judgement> {
    ensure!(!options.seeds.is_empty(), "no seeds given");
    let lode = match &options.lode {
        // The estates are written elsewhere: a relative path would be taken from there.
        Some(path) => std::path::absolute(path).with_context(|| path.display().to_string())?,
        None => built(root)?,
    };
    let mut scores = Vec::new();
    for &seed in &options.seeds {
        let planted = estate(&lode, seed, options.scale, &[])?;
        let trap = estate(&lode, seed, options.scale, &["--habits", "none"])?;
        ensure!(trap.0.habits.is_empty(), "seed {seed}: `--habits none` has planted habits");
        scores.push(Score::of(seed, &planted.0, &planted.1, &trap.1));
    }
    let problems = [compare::problems(&scores), classes::problems(&scores)].concat();
    Ok(Judgement { lines: table::lines(&scores), problems })
}

/// Builds `lode` and says where it is.
pub(crate) fn built(root: &Path) -> anyhow::Result<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--bin", "lode", "--message-format", "json-render-diagnostics"]).current_dir(root);
    // What the compiler says goes to the terminal.
    let run = build.stderr(std::process::Stdio::inherit()).output().context("cargo cannot be run")?;
    ensure!(run.status.success(), "lode cannot be built");
    let messages = String::from_utf8(run.stdout).context("cargo build")?;
    let mut programs = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable);
    programs.next_back().context("cargo build named no program")
}

/// Writes one estate and reports on it, both in a folder of their own, so that no `lode.toml` has a say.
fn estate(lode: &Path, seed: u64, scale: u32, more: &[&str]) -> anyhow::Result<(Truth, Report)> {
    let folder = tempfile::tempdir()?;
    let (seed, scale) = (seed.to_string(), scale.to_string());
    let demo = ["demo", "--write", "estate", "--seed", &seed, "--scale", &scale];
    output(lode, folder.path(), &[&demo, more].concat())?;
    let path = folder.path().join("estate/truth.json");
    let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
    let truth = Truth::read(&text)?;
    let report = output(lode, folder.path(), &["report", "estate", "--as-of", &truth.as_of, "--format", "json"])?;
    let report = Report::read(&report)?;
    Ok((truth, report))
}

fn output(lode: &Path, folder: &Path, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let shown = format!("{} {}", lode.display(), arguments.join(" "));
    let run = Command::new(lode).args(arguments).current_dir(folder).output().with_context(|| shown.clone())?;
    ensure!(run.status.success(), "{shown}: {}: {}", run.status, String::from_utf8_lossy(&run.stderr).trim());
    Ok(run.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(Debug, clap::Parser)]
    struct Alone {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn seeds_are_a_list() {
        let of = |arguments: &[&str]| Alone::try_parse_from(arguments).expect("valid").options;
        assert_eq!(of(&["score"]).seeds, [101, 102, 103]);
        let given = of(&["score", "--seeds", "7,8", "--scale", "5", "--lode", "lode"]);
        assert_eq!((given.seeds, given.scale, given.lode), (vec![7, 8], 5, Some(PathBuf::from("lode"))));
    }

    /// The program is a script that stands for `lode`: it writes what it is told and says what it was asked.
    #[cfg(unix)]
    #[test]
    fn the_program_is_run_on_planted_and_trap_estates() {
        use std::os::unix::fs::PermissionsExt as _;
        const APP: &str = r#"{"caller":"role/night","account":"111111111111","region":"us-east-1","model":"m",
            "class":"summarisation"}"#;
        const COHORT: &str = r#"{"account":"111111111111","region":"us-east-1","model":"m","caller":"role/night",
            "cohort":"c","task":"summarisation","monthly":"20.00"}"#;
        let folder = tempfile::tempdir().expect("a folder");
        let (program, asked) = (folder.path().join("lode"), folder.path().join("asked"));
        let truth = |habits: &str| format!(r#"{{"as_of":"2026-11-05","habits":[{habits}],"twins":[],"apps":[{APP}]}}"#);
        let habit = r#"{"id":"h","lever":"batch-inference","caller":"role/night","account":"111111111111",
            "region":"us-east-1","model":"m","monthly":"10.00"}"#;
        let found = r#"{"id":"r","rule":"batch-inference.nobody-waits","lever":"batch-inference",
            "scope":{"kind":"workload","account":"111111111111","region":"us-east-1","model":"m","caller":"role/night"},
            "savings":{"standalone":"10.000000"}}"#;
        let report =
            |found: &str| format!(r#"{{"schema_version":1,"recommendations":[{found}],"cohorts":[{COHORT}]}}"#);
        let script = format!(
            "#!/bin/sh\necho \"$@\" >> '{}'\ncase \"$*\" in\n\
             demo*none) mkdir estate; echo '{}' > estate/truth.json; touch estate/trap;;\n\
             demo*) mkdir estate; echo '{}' > estate/truth.json;;\n\
             *) if [ -e estate/trap ]; then echo '{}'; else echo '{}'; fi;;\nesac\n",
            asked.display(),
            truth(""),
            truth(habit),
            report(""),
            report(found),
        );
        std::fs::write(&program, script).expect("a script");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("executable");

        let options = Options { seeds: vec![7], scale: 5, lode: Some(program) };
        let judged = run(folder.path(), &options).expect("judged");
        assert_eq!(judged.problems, [""; 0]);
        let claimed = judged.lines.iter().find(|line| line.starts_with("summarisation")).expect("a second table");
        assert_eq!(claimed, "summarisation  20.00    20.00  20.00    100.0 %  100.0 %");
        let asked = std::fs::read_to_string(asked).expect("what was asked");
        assert_eq!(
            asked.lines().collect::<Vec<_>>(),
            [
                "demo --write estate --seed 7 --scale 5",
                "report estate --as-of 2026-11-05 --format json",
                "demo --write estate --seed 7 --scale 5 --habits none",
                "report estate --as-of 2026-11-05 --format json",
            ]
        );
    }
}
