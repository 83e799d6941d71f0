//! Progress on standard error: bytes, rate and time left; nothing where it is no terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over all bytes to read.
pub(crate) struct Progress {
    bar: ProgressBar,
    before: u64,
}

impl Progress {
    pub(crate) fn new(bytes: u64, draws: bool) -> Self {
        let target = if draws { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        if let Ok(style) =
            ProgressStyle::with_template("reading {bytes} of {total_bytes} · {bytes_per_sec} · {eta} left · {msg}")
        {
            bar.set_style(style);
        }
        Self { bar, before: 0 }
    }

    /// A new file begins.
    pub(crate) fn file(&self, name: &str) {
        self.bar.set_message(lode_report::clean(name));
    }

    /// So many bytes of the file are read.
    pub(crate) fn bytes(&self, read: u64) {
        self.bar.set_position(self.before + read);
    }

    /// The file is done.
    pub(crate) fn done(&mut self, size: u64) {
        self.before += size;
        self.bar.set_position(self.before);
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
