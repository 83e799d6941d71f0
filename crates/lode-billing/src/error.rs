//! Why a billing export cannot be read at all. What can be read in part is read, and the rest is listed in
//! `Bill::rejected` instead.

use std::path::PathBuf;

use jiff::civil::Date;

/// A fault that stops the reading of a bill.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BillingError {
    /// The file cannot be opened, or nothing could be read of it.
    #[error("{}: cannot read past byte {byte}: {source}; help: check that the file is there and was copied whole", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Bytes of the file (compressed, where it is) read before the fault.
        byte: u64,
        /// The operating system's or the decoder's words.
        source: std::io::Error,
    },
    /// A container this crate does not open.
    #[error("{}: byte 0: found {found}, expected CSV text, gzip or a ZIP archive of one file; help: {help}", file.display())]
    Container {
        /// The file.
        file: PathBuf,
        /// What it is, in words.
        found: String,
        /// What to do.
        help: &'static str,
    },
    /// No billing export.
    #[error(
        "{}: row 0 (header): no billing export: found {}, expected the columns of CUR 2.0 (line_item_usage_type), of a \
         legacy report (lineItem/UsageType) or of FOCUS (BilledCost); help: {}",
        file.display(), list(found), help(found)
    )]
    NotBilling {
        /// The file.
        file: PathBuf,
        /// Its columns.
        found: Vec<String>,
    },
    /// An export that was made without columns that nobody can do without.
    #[error(
        "{}: row 0 (header): this {form} export misses {}, found {}; help: add the missing columns to the SQL statement \
         of the data export under their own names and export the period again", file.display(), missing.join(", "),
        list(found)
    )]
    MissingColumns {
        /// The file.
        file: PathBuf,
        /// The export's form.
        form: &'static str,
        /// Required columns that are not there.
        missing: Vec<&'static str>,
        /// The columns that are.
        found: Vec<String>,
    },
    /// Bedrock rows in two currencies.
    #[error(
        "{}: row {row}: column {column}: found {found}, expected {expected} as in the rows before; \
         amounts in two currencies cannot be added up; help: read one payer account at a time", file.display()
    )]
    TwoCurrencies {
        /// The file of the second currency.
        file: PathBuf,
        /// Its row of data, counting from 1.
        row: u64,
        /// The currency's column.
        column: String,
        /// The second currency.
        found: String,
        /// The first currency.
        expected: String,
    },
    /// One payer's billing period came twice, with different amounts, and nothing says which is newer.
    #[error(
        "{}: billing period {period} of payer {payer} is also in {}; the one has {second_has}, the other {first_has}; \
         added up, dollars would count twice; help: give one of the two (of several executions the newest; a manifest \
         beside an export's files decides by itself)", second.display(), first.display()
    )]
    PeriodTwice {
        /// The payer account; empty where the export does not say.
        payer: Box<str>,
        /// First day of the billing period.
        period: Date,
        /// One folder.
        first: PathBuf,
        /// Dollars and rows of Bedrock there.
        first_has: Box<str>,
        /// The other folder.
        second: PathBuf,
        /// Dollars and rows of Bedrock there.
        second_has: Box<str>,
    },
    /// The same file was given twice.
    #[error("{}: given twice; added up, every dollar would count twice; help: name each file once", file.display())]
    FileTwice {
        /// The file.
        file: PathBuf,
    },
    /// Two files of one export that hold the same rows: an older copy, or one inside of the other.
    #[error(
        "{} and {} hold the same rows of one billing period; added up, their dollars would count twice; help: leave the \
         older or the smaller of them out",
        first.display(),
        second.display()
    )]
    RowsTwice {
        /// One file.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// Bedrock rows, and not one date among all rows.
    #[error(
        "{}: row {row}: column {column}: found {found:?}, expected a UTC time such as \
         2026-10-01T00:00:00.000Z; no row of any file has a date that can be read; help: export the column unchanged",
        file.display()
    )]
    NoDates {
        /// The file of the first Bedrock row.
        file: PathBuf,
        /// The row of data, counting from 1.
        row: u64,
        /// Its date column.
        column: String,
        /// What stands there.
        found: String,
    },
}

/// What to do about a table that is no billing export.
fn help(found: &[String]) -> &'static str {
    match found {
        [one] if one.contains([';', '\t', '|']) => {
            "the cells are not separated by commas, as when a spreadsheet has saved the file; give the file as AWS \
             delivered it"
        }
        _ => "point at the `data` folder of an AWS data export, or at the report's folder",
    }
}

/// The first few names of a list, and how many more there are.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| printable(name)).collect();
    match names.len() {
        0 => "no columns".to_owned(),
        n if n > SHOWN => format!("{} and {} more", shown.join(", "), n - SHOWN),
        _ => shown.join(", "),
    }
}

/// What stands in a file, made fit for a message: not too long, and nothing that moves a terminal's cursor.
pub(crate) fn printable(text: &str) -> String {
    const LONGEST: usize = 80;
    let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let cut = if text.chars().nth(LONGEST).is_some() { "…" } else { "" };
    text.chars().take(LONGEST).map(visible).chain(cut.chars()).collect()
}
