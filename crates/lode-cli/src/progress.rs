//! Progress on standard error: bytes, rate and time left while files are read, a sign of life while the bill is joined and
//! planned; nothing where it is no terminal. Shared by all readers.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lode_report::Sources;

/// How often a sign of life moves.
const TICK: Duration = Duration::from_millis(125);

fn target(draws: bool) -> ProgressDrawTarget {
    if draws { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() }
}

/// Work of which nobody knows how much is left. When it goes, the work is done.
pub(crate) struct Busy {
    bar: ProgressBar,
}

impl Busy {
    /// The work begins; it is called so.
    pub(crate) fn new(doing: &'static str, draws: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, target(draws));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} · {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(doing);
        if draws {
            bar.enable_steady_tick(TICK);
        }
        Self { bar }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Time since a command began, for the line at the end of reading. No result depends on it.
pub(crate) struct Clock(ProgressBar);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(ProgressBar::hidden())
    }

    /// `read 124 files, 3,665 rows, 31,520 records in 1.8 s`.
    pub(crate) fn summary(&self, sources: &Sources) -> String {
        summary(sources, self.0.elapsed())
    }
}

fn summary(sources: &Sources, took: Duration) -> String {
    let count = |n: u64, one: &str| format!("{} {one}{}", lode_report::whole(n.into()), if n == 1 { "" } else { "s" });
    let mut parts = vec![count(sources.files.len() as u64, "file"), count(sources.rows_read, "row")];
    if sources.log_records > 0 {
        parts.push(count(sources.log_records, "record"));
    }
    format!("read {} in {:.1} s", parts.join(", "), took.as_secs_f64())
}

/// A bar over all bytes to read.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(crate) fn new(bytes: u64, draws: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(bytes), target(draws));
        if let Ok(style) =
            ProgressStyle::with_template("reading {bytes} of {total_bytes} · {bytes_per_sec} · {eta} left · {wide_msg}")
        {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// A new file of this size begins.
    pub(crate) fn file(&self, name: &str, size: u64) -> FileProgress<'_> {
        self.bar.set_message(lode_report::clean(name));
        FileProgress { bar: &self.bar, size, read: 0 }
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// One file's part of the bar. When it goes, the file is done.
pub(crate) struct FileProgress<'a> {
    bar: &'a ProgressBar,
    size: u64,
    read: u64,
}

impl FileProgress<'_> {
    /// So many bytes of the file are read.
    pub(crate) fn bytes(&mut self, read: u64) {
        self.bar.inc(read.min(self.size).saturating_sub(self.read));
        self.read = self.read.max(read.min(self.size));
    }
}

impl Drop for FileProgress<'_> {
    fn drop(&mut self) {
        self.bytes(self.size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_was_read() {
        let mut sources = Sources { files: vec!["a".to_owned()], rows_read: 3_665, ..Sources::default() };
        assert_eq!(summary(&sources, Duration::from_millis(1_840)), "read 1 file, 3,665 rows in 1.8 s");
        sources.log_records = 1;
        assert_eq!(summary(&sources, Duration::ZERO), "read 1 file, 3,665 rows, 1 record in 0.0 s");
    }
}
