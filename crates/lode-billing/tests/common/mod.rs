//! A small CUR 2.0 table to make test files from.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use lode_billing::{BillReader, BillingError};
use lode_model::{Bill, Cell, Column, RowBatch};

/// Columns of the test table, in the order of the fields of a row.
pub(crate) const COLUMNS: [&str; 18] = [
    "bill_billing_entity",
    "bill_payer_account_id",
    "bill_billing_period_start_date",
    "line_item_usage_account_id",
    "line_item_line_item_type",
    "line_item_usage_start_date",
    "line_item_usage_end_date",
    "line_item_product_code",
    "line_item_usage_type",
    "line_item_resource_id",
    "line_item_iam_principal",
    "line_item_usage_amount",
    "line_item_unblended_cost",
    "line_item_currency_code",
    "pricing_unit",
    "pricing_public_on_demand_cost",
    "product_region_code",
    "product",
];

/// A row: the cells that differ from an ordinary Nova Pro input row of 1 October.
#[derive(Clone, Debug)]
pub(crate) struct Row(pub(crate) Vec<String>);

impl Row {
    pub(crate) fn new() -> Self {
        let cells = [
            "AWS",
            "111111111111",
            "2026-10-01T00:00:00.000Z",
            "222222222222",
            "Usage",
            "2026-10-01T00:00:00.000Z",
            "2026-10-02T00:00:00.000Z",
            "AmazonBedrock",
            "USE1-NovaPro-input-tokens",
            "",
            "",
            "1000",
            "0.80",
            "USD",
            "1K tokens",
            "0.80",
            "us-east-1",
            "",
        ];
        Self(cells.map(str::to_owned).to_vec())
    }

    /// The same row with another cell.
    pub(crate) fn with(mut self, column: &str, value: &str) -> Self {
        let place = COLUMNS.iter().position(|name| *name == column).expect("a column of the table");
        self.0[place] = value.to_owned();
        self
    }

    #[allow(dead_code, reason = "not every test file needs it")]
    pub(crate) fn day(self, day: u8) -> Self {
        self.with("line_item_usage_start_date", &format!("2026-10-{day:02}T00:00:00.000Z")).with(
            "line_item_usage_end_date",
            &if day == 31 {
                "2026-11-01T00:00:00.000Z".to_owned()
            } else {
                format!("2026-10-{:02}T00:00:00.000Z", day + 1)
            },
        )
    }
}

pub(crate) fn csv(rows: &[Row]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).expect("memory");
    for row in rows {
        writer.write_record(&row.0).expect("memory");
    }
    writer.into_inner().expect("memory")
}

#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn batch(rows: &[Row]) -> RowBatch {
    let cell = |text: &String| if text.is_empty() { Cell::Null } else { Cell::Text(text.as_str().into()) };
    let columns = COLUMNS.iter().enumerate().map(|(place, name)| Column {
        name: (*name).to_owned(),
        cells: rows.iter().map(|row| cell(&row.0[place])).collect(),
    });
    RowBatch { first_row: 0, picked: None, columns: columns.collect() }
}

/// A folder of files.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, bytes).expect("written");
        path
    }
}

pub(crate) fn read(files: &[impl AsRef<Path>]) -> Result<Bill, BillingError> {
    let mut reader = BillReader::new();
    for file in files {
        reader.read_csv(file.as_ref(), &mut |_| {})?;
    }
    reader.finish()
}

/// The bill of one CSV file with these rows.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn bill(rows: &[Row]) -> Bill {
    let folder = Folder::new();
    read(&[folder.file("a.csv", &csv(rows))]).expect("a bill")
}
