//! A process, run to its end: how long it took, how much CPU, how much memory. By GNU time where it is installed; else
//! by looking at `/proc` every few milliseconds, which misses what happens after the last look.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

const GNU_TIME: &str = "/usr/bin/time";
/// Ticks of `/proc/PID/stat` in a second: what Linux has shown to programs on every platform for long.
const TICKS: f64 = 100.0;
const LOOK: Duration = Duration::from_millis(2);

/// What one run cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// Seconds from start to end.
    pub(super) wall: f64,
    /// Seconds of CPU, of the program and of the system for it.
    pub(super) cpu: f64,
    /// Most memory at once, in MiB.
    pub(super) peak: f64,
}

/// Runs a program to its end; its standard output, and what it cost.
#[expect(clippy::disallowed_methods, reason = "how long it took is the result")]
pub(super) fn run(program: &Path, arguments: &[&str]) -> anyhow::Result<(String, Cost)> {
    let folder = tempfile::tempdir()?;
    let [out, err, times] = ["out", "err", "times"].map(|name| folder.path().join(name));
    let gnu = Path::new(GNU_TIME).is_file();
    let mut command = if gnu {
        let mut command = Command::new(GNU_TIME);
        command.args(["-q", "-f", "%U %S %M", "-o"]).arg(&times).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.args(arguments).stdin(Stdio::null());
    command.stdout(std::fs::File::create(&out)?).stderr(std::fs::File::create(&err)?);
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("{} cannot be run", program.display()))?;
    let seen = if gnu { None } else { Some(watch(&mut child)?) };
    let status = child.wait()?;
    let wall = start.elapsed().as_secs_f64();
    if !status.success() {
        let said = std::fs::read_to_string(&err).unwrap_or_default();
        let last: Vec<&str> = said.lines().rev().take(8).collect();
        bail!(
            "{} {} failed ({status}):\n{}",
            program.display(),
            arguments.join(" "),
            last.into_iter().rev().collect::<Vec<_>>().join("\n")
        );
    }
    let (cpu, peak) = match seen {
        Some(seen) => seen,
        None => times_of(&std::fs::read_to_string(&times)?)?,
    };
    Ok((std::fs::read_to_string(&out)?, Cost { wall, cpu, peak }))
}

/// CPU seconds and MiB from what GNU time has written.
fn times_of(text: &str) -> anyhow::Result<(f64, f64)> {
    let line = text.lines().last().unwrap_or_default();
    let numbers: Vec<f64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
    ensure!(numbers.len() == 3, "{GNU_TIME} wrote {line:?}");
    Ok((numbers[0] + numbers[1], numbers[2] / 1024.0))
}

/// Looks at a process until it ends: CPU seconds and MiB as last seen.
fn watch(child: &mut Child) -> anyhow::Result<(f64, f64)> {
    let of = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", child.id()));
    let [mut cpu, mut peak] = [0.0_f64; 2];
    let files = (of("stat"), of("status"));
    if let (Err(fault), _) = files {
        bail!("neither {GNU_TIME} nor /proc tells what a process costs: {fault}");
    }
    while child.try_wait()?.is_none() {
        let of = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", child.id())).unwrap_or_default();
        cpu = cpu_of(&of("stat")).unwrap_or(cpu).max(cpu);
        peak = peak_of(&of("status")).unwrap_or(peak).max(peak);
        std::thread::sleep(LOOK);
    }
    Ok((cpu, peak))
}

/// CPU seconds in `/proc/PID/stat`: its 14th and 15th field. The 2nd, the name, may hold spaces.
fn cpu_of(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / TICKS)
}

/// MiB in `/proc/PID/status`.
pub(super) fn peak_of(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok()? / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gnu_time_writes_is_read() {
        assert_eq!(times_of("1.25 0.50 204800\n").expect("times"), (1.75, 200.0));
        assert!(times_of("").is_err() && times_of("1.25 0.50").is_err());
    }

    #[test]
    fn what_proc_shows_is_read() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20";
        assert_eq!(cpu_of(stat), Some(2.0));
        assert_eq!(peak_of("Name:\tx\nVmHWM:\t  10240 kB\n"), Some(10.0));
        assert_eq!((cpu_of(""), peak_of("Name: x")), (None, None));
    }

    #[test]
    fn a_process_is_measured_and_a_failing_one_says_why() {
        let (out, cost) = run(Path::new("sh"), &["-c", "sleep 0.05; echo done"]).expect("a run");
        assert_eq!(out, "done\n");
        assert!(cost.wall >= 0.05 && cost.peak > 0.0, "{cost:?}");
        let failed = run(Path::new("sh"), &["-c", "echo so what >&2; exit 3"]).expect_err("a failure");
        assert!(failed.to_string().contains("so what"), "{failed}");
    }

    #[test]
    fn a_process_is_watched_to_its_end() {
        let mut child = Command::new("sleep").arg("0.05").spawn().expect("a process");
        let (_, peak) = watch(&mut child).expect("watched");
        assert!(peak > 0.0);
    }
}
