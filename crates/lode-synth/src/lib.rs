//! Deterministic synthetic Bedrock estates with planted habits, billed by slow code of their own so that a saving can
//! be checked against the truth.
//!
//! An estate is a raw month: every call of seventy apps with its texts, four weeks from 2026-10-01, in three
//! accounts; and what stands beside calls: guardrails, collections of vectors, model units, custom models. Thirty-three of
//! them have a habit that costs money; each has a twin that already does it right, or only looks as if it had the habit,
//! and must stay silent. Every app has a class, what its calls are for, and speaks as such apps do, in wordings that the
//! seed decides. [`Estate::files`] hands out what AWS would give: a CUR 2.0 export, invocation logs, and
//! configuration. [`Estate::truth`] says what each habit costs.
//! [`export_in`] makes the same bill in the other forms that AWS exports.
//!
//! It must never import the simulator, the estate, the prices, the engine or a recommender: the truth shares no code
//! with what it judges. It opens no files and reads no clock.
//!
//! One token is four bytes of a segment, exactly, so that prompt tokens can be shared out over segments by bytes
//! without a remainder. A segment's bytes are those of a text block's text; of a tool's compact JSON (`toolSpec` in
//! Converse, the object without `cache_control` in Anthropic's format); of a tool use's name and compact input; of a
//! tool result's text.

mod apps;
mod bill;
mod cache;
mod call;
mod cur;
mod customs;
mod edit;
mod focus;
mod forms;
mod guardrails;
mod habits;
mod inventory;
mod logs;
mod month;
mod prices;
mod record;
mod shapes;
mod stores;
mod text;
mod truth;
mod usd;
mod voices;

use std::io;

pub use apps::Task;
pub use bill::{Bill, BillRow, Class};
pub use call::{Mode, Ttl};
pub use cur::{COLUMNS as CUR_COLUMNS, record as csv_record};
pub use edit::{Placement, RawEdit};
pub use forms::{BillForm, csv_text, export_in};
pub use habits::{HabitId, Habits};
pub use truth::{Labelled, Planted, Truth, Twin, Window};
pub use usd::{Usd, decimal};

use call::Call;

/// The day on which the estate is looked at: a week after its last billed day, so that the bill is settled.
pub const AS_OF: &str = "2026-11-05";

/// What to make. The same options give the same bytes; packed ones are as the compressor of the build packs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Another seed, another month.
    pub seed: u64,
    /// Calls in percent of the size for demonstrations: busy times of the day get longer or shorter, and end at a
    /// full day; runs of jobs have more or fewer calls. Model units, their busy twin's calls, vector stores and stored models stay.
    pub scale: u32,
    /// The habits that are planted.
    pub habits: Habits,
}

/// A raw month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estate {
    options: Options,
    /// In time order.
    calls: Vec<Call>,
    edited: bool,
}

/// The month of these options.
#[must_use]
pub fn estate(options: &Options) -> Estate {
    let calls = apps::calls(options.seed, options.scale, |habit| options.habits.has(habit));
    Estate { options: *options, calls, edited: false }
}

impl Estate {
    /// How many calls there are, in the log or not.
    #[must_use]
    pub const fn calls(&self) -> usize {
        self.calls.len()
    }

    /// The bill of the window at list price.
    #[must_use]
    pub fn bill(&self) -> Bill {
        bill::bill(self)
    }

    /// The month as it would have been with this edit, call by call.
    #[must_use]
    pub fn edited(&self, edit: &RawEdit) -> Self {
        let mut after = Self { edited: true, ..self.clone() };
        edit::apply(&mut after.calls, edit);
        after
    }

    /// What the planted habits cost: of the month as it was made, whatever has been edited since.
    #[must_use]
    pub fn truth(&self) -> Truth {
        truth::truth(&self.options)
    }

    /// Hands out the files, one after another: path with slashes, and bytes.
    ///
    /// - `bill/data/BILLING_PERIOD=2026-10/estate-00001.csv.gz`: the CUR 2.0 export, daily;
    /// - `logs/AWSLogs/ACCOUNT/BedrockModelInvocationLogs/REGION/YYYY/MM/DD/HH/….json.gz`: records, one a line, one
    ///   file a day and app; bodies over 100 KB in `data/` beside them;
    /// - `inventory/….json`, `inventory/ACCOUNT/REGION/….json`: what the AWS command line lists;
    /// - `metrics/ACCOUNT/REGION/….json.gz`: what CloudWatch counted of the vector stores;
    /// - `truth.json`: [`Estate::truth`], unless the month has been edited.
    ///
    /// # Errors
    /// The first error of `each`, or of serialising, which does not happen.
    pub fn files(&self, each: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>) -> io::Result<()> {
        let (path, bytes) = cur::export(self)?;
        each(&path, &bytes)?;
        logs::write(self, each)?;
        for (path, value) in inventory::files(self) {
            each(&path, text::pretty(&value)?.as_bytes())?;
        }
        for (path, value) in stores::metrics(self) {
            each(&path, &text::gzip(text::sorted(value).to_string().as_bytes())?)?;
        }
        if !self.edited {
            let truth = serde_json::to_value(self.truth())?;
            each("truth.json", text::pretty(&truth)?.as_bytes())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod form_tests;
#[cfg(test)]
mod guardrail_tests;
#[cfg(test)]
mod habit_tests;
#[cfg(test)]
mod job_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod voice_tests;
#[cfg(test)]
mod waste_tests;
