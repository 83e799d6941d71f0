//! Progress on standard error: bytes, rate and time left; nothing where it is no terminal. Shared by all readers.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over all bytes to read.
pub(crate) struct Progress {
    bar: ProgressBar,
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
