//! Why a billing export cannot be read at all. What can be read in part is read, and the rest is listed in
//! `Bill::rejected` instead.

use std::path::PathBuf;

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
    #[error("{}: byte 0: found {found}, expected CSV text or gzip; help: {help}", file.display())]
    Container {
        /// The file.
        file: PathBuf,
        /// What the first bytes say it is.
        found: &'static str,
        /// What to do.
        help: &'static str,
    },
    /// No billing export.
    #[error(
        "{}: row 0 (header): no billing export: found {}, expected the columns of a CUR 2.0 data export, such as \
         line_item_usage_type; help: point at the `data` folder of an AWS data export",
        file.display(), list(found)
    )]
    NotBilling {
        /// The file.
        file: PathBuf,
        /// Its columns.
        found: Vec<String>,
    },
    /// A billing export in a form that is named here but not read.
    #[error(
        "{}: row 0 (header): found {form}, which is not yet read by this version, expected CUR 2.0 (columns such as \
         line_item_usage_type); help: in Billing and Cost Management, Data Exports, create a CUR 2.0 data export \
         (resource ids included, daily, Parquet or gzip CSV)",
        file.display()
    )]
    NotYetRead {
        /// The file.
        file: PathBuf,
        /// The form's name.
        form: &'static str,
    },
    /// A CUR 2.0 export that was made without columns that nobody can do without.
    #[error(
        "{}: row 0 (header): missing {}, found {}; help: add the missing columns to the SQL statement of the data \
         export and export the period again", file.display(), missing.join(", "), list(found)
    )]
    MissingColumns {
        /// The file.
        file: PathBuf,
        /// Required columns that are not there.
        missing: Vec<&'static str>,
        /// The columns that are.
        found: Vec<String>,
    },
    /// Bedrock rows in two currencies.
    #[error(
        "{}: row {row}: column line_item_currency_code: found {found}, expected {expected} as in the rows before; \
         amounts in two currencies cannot be added up; help: read one payer account at a time", file.display()
    )]
    TwoCurrencies {
        /// The file of the second currency.
        file: PathBuf,
        /// Its row of data, counting from 1.
        row: u64,
        /// The second currency.
        found: String,
        /// The first currency.
        expected: String,
    },
    /// One payer's billing period came twice, from two places.
    #[error(
        "{}: row {row}: billing period {period} of payer {payer} was already read from {}; added up, every dollar \
         would count twice; help: give one of the two (the CSV and the Parquet of one export hold the same rows, \
         and of several executions only the newest counts)", second.display(), first.display()
    )]
    PeriodTwice {
        /// The payer account; empty where the export does not say.
        payer: String,
        /// First day of the billing period.
        period: String,
        /// Folder read first; the file itself when both are in one folder.
        first: PathBuf,
        /// Folder that has it again; the file itself when both are in one folder.
        second: PathBuf,
        /// Row of data in the second place, counting from 1.
        row: u64,
    },
    /// The same file was given twice.
    #[error("{}: given twice; added up, every dollar would count twice; help: name each file once", file.display())]
    FileTwice {
        /// The file.
        file: PathBuf,
    },
    /// Bedrock rows, and not one date among all rows.
    #[error(
        "{}: row {row}: column line_item_usage_start_date: found {found:?}, expected a UTC time such as \
         2026-10-01T00:00:00.000Z; no row of any file has a date that can be read; help: export the column unchanged",
        file.display()
    )]
    NoDates {
        /// The file of the first Bedrock row.
        file: PathBuf,
        /// The row of data, counting from 1.
        row: u64,
        /// What stands in its date column.
        found: String,
    },
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
