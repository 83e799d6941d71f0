//! The surroundings of a run, so that tests bring their own.

use std::io::{IsTerminal, Write};

use jiff::civil::Date;
use lode_report::Look;

/// Where output goes, how wide it is, and what day it is.
pub struct Shell<'a> {
    /// The report.
    pub out: &'a mut dyn Write,
    /// Progress and notes.
    pub err: &'a mut dyn Write,
    /// Whether progress may be drawn.
    pub draws: bool,
    /// Width and colour of the report.
    pub look: Look,
    /// Today, UTC.
    pub today: Date,
}

/// Columns where no terminal tells.
const WIDTH: usize = 100;

impl Shell<'static> {
    /// The process's own surroundings.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock and the environment")]
    pub fn of_process() -> Self {
        let terminal = std::io::stdout().is_terminal();
        let dumb = std::env::var("TERM").is_ok_and(|value| value == "dumb");
        // https://no-color.org and https://bixense.com/clicolors, read 2026-11: the refusal goes first.
        let plain = std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty());
        let forced = std::env::var("CLICOLOR_FORCE").is_ok_and(|value| !value.is_empty() && value != "0");
        let columns = std::env::var("COLUMNS").ok().and_then(|value| value.parse().ok());
        let measured = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
        Self {
            out: Box::leak(Box::new(std::io::stdout())),
            err: Box::leak(Box::new(std::io::stderr())),
            draws: std::io::stderr().is_terminal() && !dumb,
            look: Look {
                width: columns.or(measured).unwrap_or(WIDTH).max(40),
                colour: !plain && (forced || (terminal && !dumb)),
            },
            today,
        }
    }
}

impl Shell<'_> {
    /// Says something beside the report. A closed standard error is no fault.
    pub(crate) fn note(&mut self, text: &str) {
        // Notes quote cells of the export: nothing in them may steer the terminal.
        for line in text.lines() {
            let _ = writeln!(self.err, "{}", lode_report::clean(line));
        }
    }
}
