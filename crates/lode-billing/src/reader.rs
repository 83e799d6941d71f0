//! The reader: files in, one bill out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lode_files::TextFile;
use lode_model::{Bill, CallerKey, Cell, Loss, Rejected, RowBatch};

use crate::BillingError;
use crate::columns::{Col, Layout};
use crate::gather::Gather;
use crate::row::{BatchRow, CsvRow, Value};
use crate::scan::{Needles, Picked, Scanned, header, scan};
use crate::source;
use crate::telling::Telling;

/// Rows between two reports of progress.
const ROWS_PER_REPORT: u64 = 1_024;

/// Reads the files of one or more billing exports, in any of their forms, into one bill.
///
/// CSV files are read from disk by [`read_csv`](Self::read_csv). For a Parquet file, call
/// [`table`](Self::table) with its column names, then [`push`](Self::push) with its rows. Neither the order of files
/// nor how they are divided among readers that are [merged](Self::merge) matters. Nothing is added up twice: of the same
/// billing period in two places one is used.
#[derive(Debug, Default)]
pub struct BillReader {
    gather: Gather,
    labels: Vec<CallerKey>,
    table: Option<Table>,
}

/// The Parquet file whose batches are being pushed.
#[derive(Debug)]
struct Table {
    columns: Vec<String>,
    layout: Layout,
}

/// What to read of a Parquet file.
#[derive(Debug)]
pub struct Wanted {
    /// The columns, as the table spells them.
    pub columns: Vec<String>,
    /// Which rows: all where they need not be told apart.
    pub rows: Telling,
    /// The column with the start of each row's usage.
    pub start: String,
}

impl BillReader {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also reads these tags and cost categories; other keys are no columns of a bill and are passed over.
    #[must_use]
    pub fn with_labels(mut self, keys: &[CallerKey]) -> Self {
        self.labels = keys.to_vec();
        self
    }

    /// Also reads what other services bill for these resources: the stores of knowledge bases, as the bill names them.
    #[must_use]
    pub fn with_stores(mut self, resources: BTreeSet<String>) -> Self {
        self.gather.stores = Arc::new(resources);
        self
    }

    /// Another reader that is to read the same way, having read nothing.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { gather: self.gather.beside(), labels: self.labels.clone(), table: None }
    }

    /// Reads a CSV file, plain, gzip or zip (told by its first bytes, not by its name). An empty file is accepted:
    /// overwriting exports leave them behind. `progress` is called with the bytes of this file read so far.
    ///
    /// # Errors
    /// When the file cannot be read at all, is no billing export, or lacks a required column.
    pub fn read_csv(&mut self, file: &Path, progress: &mut dyn FnMut(u64)) -> Result<(), BillingError> {
        self.table = None;
        let TextFile { mut text, count } = source::open(file)?;
        let header = header(&mut text).map_err(|source| BillingError::Unreadable {
            file: file.to_path_buf(),
            byte: count.get(),
            source,
        })?;
        let Some(header) = header else {
            self.gather.empty_file(file);
            progress(count.get());
            return Ok(());
        };
        let columns: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned()).collect();
        let layout = Layout::of(file, &columns, &self.labels)?;
        self.gather.begin(file, false, &layout);
        let needles = Needles::new(&self.gather.stores.iter().map(String::as_str).collect::<Vec<_>>());
        let gather = &mut self.gather;
        let mut picked = 0;
        let mut last = 0;
        let Scanned { rows, fault } = scan(&mut text, &needles, &mut |Picked { number, record }| {
            picked += 1;
            if number >= last + ROWS_PER_REPORT {
                last = number;
                progress(count.get());
            }
            if record.len() == columns.len() {
                gather.take(number, &CsvRow { layout: &layout, record });
            } else {
                let expected = format!("{} cells, as in the header", columns.len());
                gather.reject_row(number, format!("{} cells", record.len()), expected);
            }
            Ok::<(), std::convert::Infallible>(())
        })
        .unwrap_or_else(|never| match never {});
        self.gather.passed_over(rows.saturating_sub(picked));
        if let Some(fault) = fault {
            self.gather.notes.add(cut_off(file, rows, count.get(), &fault));
        }
        progress(count.get());
        Ok(())
    }

    /// Starts a Parquet file with these columns, and says what it wants of it to be pushed.
    ///
    /// # Errors
    /// When the table is no billing export or lacks a required column.
    pub fn table(&mut self, file: &Path, columns: &[String]) -> Result<Wanted, BillingError> {
        self.table = None;
        let layout = Layout::of(file, columns, &self.labels)?;
        self.gather.begin(file, true, &layout);
        let wanted = Wanted {
            columns: layout.wanted(columns),
            rows: Telling::of(&layout, Arc::clone(&self.gather.stores)),
            start: layout.name(Col::Start).to_owned(),
        };
        self.table = Some(Table { columns: columns.to_vec(), layout });
        Ok(wanted)
    }

    /// Takes rows of the file that [`table`](Self::table) started; columns may come in any order.
    pub fn push(&mut self, batch: &RowBatch) {
        let Some(table) = &self.table else { return };
        let names: Vec<&str> = batch.columns.iter().map(|column| column.name.as_str()).collect();
        let layout = table.layout.reordered(&table.columns, &names);
        for row in 0..batch.rows() {
            self.gather.take(batch.number(row) + 1, &BatchRow { layout: &layout, batch, row });
        }
    }

    /// Counts rows of the file that were not pushed, because they are other services'. `starts` are the earliest and
    /// the latest start of usage in the file, where it tells without being read.
    pub fn passed_over(&mut self, rows: u64, starts: Option<(Cell, Cell)>) {
        self.gather.passed_over(rows);
        let moment = |cell: &Cell| Value::of_cell(cell).moment();
        if let Some((first, last)) = starts.and_then(|(first, last)| Some((moment(&first)?, moment(&last)?))) {
            self.gather.see_starts(first, last);
        }
    }

    /// Adds what another reader has read.
    pub fn merge(&mut self, other: Self) {
        self.gather.merge(other.gather);
    }

    /// The bill.
    ///
    /// # Errors
    /// When amounts cannot be added up (two currencies, a file given twice, a billing period in two places that
    /// differ), or when Bedrock rows were read and no row has a date.
    pub fn finish(self) -> Result<Bill, BillingError> {
        self.gather.finish()
    }
}

/// The note for a file that ends too early.
fn cut_off(file: &Path, rows: u64, byte: u64, fault: &std::io::Error) -> Rejected {
    Rejected {
        file: PathBuf::from(file),
        row: Some(rows + 1),
        column: None,
        found: format!("a file that cannot be read past byte {byte}: {fault}"),
        expected: format!("a whole file; the {rows} rows before are used; copy the file again"),
        kept: None,
        loss: Loss::RestOfFile,
    }
}
