//! Engines to be timed, and the rounds in which they take turns. It knows command lines, not what is asked.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::measure::{Cost, run as measured};
use super::stats::Runs;

/// Fails where engines differ, with the first of the differences.
pub(super) fn agreed(what: &str, problems: &[String]) -> anyhow::Result<()> {
    let shown = &problems[..problems.len().min(20)];
    ensure!(problems.is_empty(), "the {what} differ, so the times mean nothing:\n{}", shown.join("\n"));
    Ok(())
}

/// Somebody to be timed: name, program, arguments, and how to read the answer; some have none.
pub(super) struct Engine<A> {
    pub(super) name: String,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    /// A folder it writes, gone before each run.
    pub(super) writes: Option<PathBuf>,
    pub(super) answer: Option<fn(&str) -> anyhow::Result<A>>,
}

/// What each engine found, by its name.
pub(super) type Answers<A> = Vec<(String, A)>;

impl<A> Engine<A> {
    /// The inflating of files, or of those in folders, as a process of its own: this program's `bench inflate`.
    pub(super) fn inflate(name: &str, options: &[&str], files: &[PathBuf]) -> anyhow::Result<Self> {
        let words = ["bench", "inflate"].iter().chain(options).map(|&word| word.to_owned());
        Ok(Self {
            name: name.to_owned(),
            program: std::env::current_exe()?,
            arguments: words.chain(files.iter().map(|file| text(file))).collect(),
            writes: None,
            answer: None,
        })
    }

    /// One run: the answer, if it gives one, and what it cost.
    pub(super) fn run(&self) -> anyhow::Result<(Option<A>, Cost)> {
        if let Some(folder) = self.writes.as_deref().filter(|folder| folder.exists()) {
            std::fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let (out, cost) = measured(&self.program, &arguments)?;
        Ok((self.answer.map(|read| read(&out)).transpose().context(self.name.clone())?, cost))
    }
}

/// A path as an argument.
pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Which peers this Python has, as the script says.
pub(super) fn peers(script: &Path, python: &Path) -> anyhow::Result<Vec<String>> {
    let asked = Command::new(python).arg(script).arg("have").output();
    let asked = asked.with_context(|| format!("{} cannot be run", python.display()))?;
    let name = script.display();
    ensure!(asked.status.success(), "{name} failed: {}", String::from_utf8_lossy(&asked.stderr));
    serde_json::from_slice(&asked.stdout).with_context(|| format!("{name} have"))
}

/// One round to warm up, whose answers are kept, then the rounds that count. Who begins changes from round to round.
pub(super) fn rounds<A>(
    engines: &[Engine<A>],
    count: u32,
    same: fn(&A, &A) -> bool,
) -> anyhow::Result<(Vec<Runs>, Answers<A>)> {
    let mut answers = Answers::new();
    for engine in engines {
        if let (Some(found), _) = engine.run()? {
            answers.push((engine.name.clone(), found));
        }
    }
    let mut runs: Vec<Runs> =
        engines.iter().map(|engine| Runs { name: engine.name.clone(), costs: Vec::new() }).collect();
    for round in 0..count as usize {
        for turn in 0..engines.len() {
            let at = (round + turn) % engines.len();
            let (found, cost) = engines[at].run()?;
            let before = answers.iter().find(|(name, _)| *name == engines[at].name);
            let same = found.is_none_or(|found| before.is_some_and(|(_, before)| same(before, &found)));
            ensure!(same, "{}: another answer than before", engines[at].name);
            runs[at].costs.push(cost);
        }
    }
    Ok((runs, answers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(name: &str, script: String) -> Engine<String> {
        Engine {
            name: name.to_owned(),
            program: PathBuf::from("sh"),
            arguments: vec!["-c".to_owned(), script],
            writes: None,
            answer: Some(|out| Ok(out.to_owned())),
        }
    }

    #[test]
    fn every_engine_runs_once_a_round_after_the_warm_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let engine = |name: &str| Engine { answer: None, ..shell(name, format!("echo {name} >> {}", log.display())) };
        let (runs, answers) = rounds(&[engine("a"), engine("b")], 2, |a, b| a == b).expect("rounds");
        assert_eq!(std::fs::read_to_string(&log).expect("a log"), "a\nb\na\nb\nb\na\n");
        assert_eq!(runs.iter().map(|runs| runs.costs.len()).collect::<Vec<_>>(), [2, 2]);
        assert!(answers.is_empty());
    }

    #[test]
    fn an_engine_that_changes_its_mind_fails() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let engine = shell("fickle", format!("echo >> {0}; wc -l < {0}", log.display()));
        let fault = rounds(&[engine], 1, |a, b| a == b).expect_err("1, then 2");
        assert_eq!(fault.to_string(), "fickle: another answer than before");
        let steady = shell("steady", "echo 1".to_owned());
        assert_eq!(rounds(&[steady], 2, |a, b| a == b).expect("1 and 1").1, [("steady".to_owned(), "1\n".to_owned())]);
    }

    #[test]
    fn what_an_engine_writes_is_gone_before_it_runs_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        let engine = Engine { writes: Some(out.clone()), ..shell("writer", format!("mkdir {}", out.display())) };
        engine.run().expect("a folder is made");
        engine.run().expect("the folder is made again");
        assert!(out.is_dir());
    }
}
