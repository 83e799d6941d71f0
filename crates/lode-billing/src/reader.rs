//! The reader: files in, one bill out.

use std::path::{Path, PathBuf};

use lode_files::TextFile;
use lode_model::{Bill, Loss, Rejected, RowBatch};

use crate::BillingError;
use crate::columns::Layout;
use crate::gather::Gather;
use crate::row::{BatchRow, CsvRow};
use crate::source;

/// Rows between two reports of progress.
const ROWS_PER_REPORT: u64 = 4_096;

/// Reads the files of one or more CUR 2.0 exports into one bill.
///
/// CSV files are read from disk by [`read_csv`](Self::read_csv). For a Parquet file, call
/// [`table`](Self::table) with its column names, then [`push`](Self::push) with its rows. The order of files does
/// not matter. Nothing is added up twice: the same billing period from two places is an error.
#[derive(Debug, Default)]
pub struct BillReader {
    gather: Gather,
    table: Option<Table>,
    fault: Option<BillingError>,
}

/// The Parquet file whose batches are being pushed.
#[derive(Debug)]
struct Table {
    file: PathBuf,
    columns: Vec<String>,
    layout: Layout,
}

impl BillReader {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a CSV file, plain or gzip (told by its first bytes, not by its name). An empty file is accepted:
    /// overwriting exports leave them behind. `progress` is called with the bytes of this file read so far.
    ///
    /// # Errors
    /// When the file cannot be read at all, is no CUR 2.0 export, lacks a required column, or may not be added to
    /// what was read before (a second currency, a billing period from another folder).
    pub fn read_csv(&mut self, file: &Path, progress: &mut dyn FnMut(u64)) -> Result<(), BillingError> {
        self.table = None;
        let TextFile { text, count } = source::open(file)?;
        let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
        let mut record = csv::ByteRecord::new();
        let any = csv.read_byte_record(&mut record).map_err(|fault| BillingError::Unreadable {
            file: file.to_path_buf(),
            byte: count.get(),
            source: into_io(fault),
        })?;
        if !any {
            self.gather.begin(file, false)?;
            progress(count.get());
            return Ok(());
        }
        let columns: Vec<String> =
            record.iter().map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned()).collect();
        let layout = Layout::of(file, &columns)?;
        self.gather.begin(file, false)?;
        self.gather.see_layout(&layout);
        let mut number = 0;
        loop {
            match csv.read_byte_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(fault) => {
                    self.gather.notes.add(cut_off(file, number, count.get(), &into_io(fault)));
                    break;
                }
            }
            number += 1;
            if number % ROWS_PER_REPORT == 0 {
                progress(count.get());
            }
            if record.len() == columns.len() {
                self.gather.take(file, number, &CsvRow { layout: &layout, record: &record })?;
            } else {
                self.gather.reject_row(
                    file,
                    number,
                    format!("{} cells", record.len()),
                    format!("{} cells, as in the header", columns.len()),
                );
            }
        }
        progress(count.get());
        Ok(())
    }

    /// Starts a Parquet file with these columns, and returns the names of those it wants to be pushed.
    ///
    /// # Errors
    /// When the table is no CUR 2.0 export or lacks a required column.
    pub fn table(&mut self, file: &Path, columns: &[String]) -> Result<Vec<String>, BillingError> {
        self.table = None;
        let layout = Layout::of(file, columns)?;
        self.gather.begin(file, true)?;
        self.gather.see_layout(&layout);
        let wanted = layout.wanted(columns);
        self.table = Some(Table { file: file.to_path_buf(), columns: columns.to_vec(), layout });
        Ok(wanted)
    }

    /// Takes rows of the file that [`table`](Self::table) started; columns may come in any order. A fault stops
    /// the reading of further batches and is returned by [`finish`](Self::finish).
    pub fn push(&mut self, batch: &RowBatch) {
        let (Some(table), None) = (&self.table, &self.fault) else { return };
        let names: Vec<&str> = batch.columns.iter().map(|column| column.name.as_str()).collect();
        let layout = table.layout.reordered(&table.columns, &names);
        for (row, number) in (0..batch.rows()).zip(batch.first_row + 1..) {
            let taken = self.gather.take(&table.file, number, &BatchRow { layout: &layout, batch, row });
            if let Err(fault) = taken {
                self.fault = Some(fault);
                return;
            }
        }
    }

    /// The bill.
    ///
    /// # Errors
    /// The fault that stopped [`push`](Self::push), or when Bedrock rows were read and no row has a date.
    pub fn finish(self) -> Result<Bill, BillingError> {
        match self.fault {
            Some(fault) => Err(fault),
            None => self.gather.finish(),
        }
    }
}

/// The note for a file that ends too early.
fn cut_off(file: &Path, rows: u64, byte: u64, fault: &std::io::Error) -> Rejected {
    Rejected {
        file: file.to_path_buf(),
        row: Some(rows + 1),
        column: None,
        found: format!("a file that cannot be read past byte {byte}: {fault}"),
        expected: format!("a whole file; the {rows} rows before are used; copy the file again"),
        kept: None,
        loss: Loss::RestOfFile,
    }
}

fn into_io(fault: csv::Error) -> std::io::Error {
    match fault.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => std::io::Error::other(format!("{other:?}")),
    }
}
