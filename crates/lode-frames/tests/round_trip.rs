//! What is written is read back, cell by cell; what is no Parquet file is refused with its name.

use std::path::{Path, PathBuf};

use std::sync::Arc;

use lode_frames::{FramesError, ParquetFile, write};
use lode_model::{Cell, Column, RowBatch};

fn column(name: &str, cells: Vec<Cell>) -> Column {
    Column { name: name.to_owned(), cells }
}

fn text(value: &str) -> Cell {
    Cell::Text(value.into())
}

fn map(pairs: &[(&str, &str)]) -> Cell {
    Cell::Map(pairs.iter().map(|(key, value)| (Arc::from(*key), Arc::from(*value))).collect())
}

fn names(wanted: &[&str]) -> Vec<String> {
    wanted.iter().map(|name| (*name).to_owned()).collect()
}

fn read(path: &Path, wanted: &[&str]) -> Result<Vec<RowBatch>, FramesError> {
    let mut batches = Vec::new();
    ParquetFile::open(path)?.read(&names(wanted), &mut |batch| batches.push(batch))?;
    Ok(batches)
}

fn in_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("table.parquet");
    (folder, path)
}

fn table() -> RowBatch {
    RowBatch {
        first_row: 0,
        picked: None,
        columns: vec![
            column("usage_type", vec![text("USE1-NovaPro-input-tokens"), Cell::Null, text("")]),
            column("rows", vec![Cell::Int(i64::MIN), Cell::Int(7), Cell::Null]),
            column("cost", vec![Cell::Float(0.1), Cell::Null, Cell::Float(-3.5)]),
            column("start", vec![Cell::Micros(1_790_812_800_000_000), Cell::Null, Cell::Micros(-1)]),
            column("product", vec![map(&[("product_name", "Amazon Bedrock"), ("region", "x")]), Cell::Null, map(&[])]),
            column("nothing", vec![Cell::Null, Cell::Null, Cell::Null]),
        ],
    }
}

#[test]
fn every_kind_of_cell_comes_back() {
    let (_folder, path) = in_folder();
    write(&path, &[table()]).expect("written");
    let file = ParquetFile::open(&path).expect("opened");
    assert_eq!(file.rows(), 3);
    assert_eq!(file.columns(), names(&["usage_type", "rows", "cost", "start", "product", "nothing"]));
    let all: Vec<&str> = file.columns().iter().map(String::as_str).collect();
    assert_eq!(read(&path, &all).expect("read"), [table()]);
}

#[test]
fn only_the_wanted_columns_come_in_the_wanted_order() {
    let (_folder, path) = in_folder();
    write(&path, &[table()]).expect("written");
    let table = table();
    let wanted =
        RowBatch { first_row: 0, picked: None, columns: vec![table.columns[3].clone(), table.columns[0].clone()] };
    assert_eq!(read(&path, &["start", "usage_type"]).expect("read"), [wanted]);
    assert_eq!(read(&path, &[]).expect("read"), []);
    let fault = read(&path, &["region"]).expect_err("no such column");
    assert!(matches!(&fault, FramesError::NoColumn { column, .. } if column == "region"), "{fault}");
}

#[test]
fn many_rows_come_in_batches_of_bounded_size() {
    let (_folder, path) = in_folder();
    let rows = 300_000_usize;
    let batch = |from: i64, to: i64| RowBatch {
        first_row: 0,
        picked: None,
        columns: vec![
            column("n", (from..to).map(Cell::Int).collect()),
            column("m", (from..to).map(|n| map(&[("n", n.to_string().as_str())])).collect()),
        ],
    };
    write(&path, &[batch(0, 100_000), batch(100_000, 300_000)]).expect("written");
    let batches = read(&path, &["n", "m"]).expect("read");
    let mut next = 0_i64;
    for batch in &batches {
        assert!(batch.rows() <= 4_096);
        assert_eq!(batch.first_row, u64::try_from(next).expect("positive"));
        for (n, m) in batch.columns[0].cells.iter().zip(&batch.columns[1].cells) {
            assert_eq!((n, m), (&Cell::Int(next), &map(&[("n", next.to_string().as_str())])));
            next += 1;
        }
    }
    assert_eq!(usize::try_from(next).expect("positive"), rows);
}

/// polars 0.55.2 stops at such a map in builds with debug assertions, unless the reader names it anew.
#[test]
fn a_map_with_the_older_mark_is_a_map() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/map-older-mark.parquet");
    let batches = read(&path, &["product", "n"]).expect("read");
    let product = map(&[("product_name", "Claude Sonnet 4.6 (Amazon Bedrock Edition)"), ("region", "us-east-1")]);
    let n = (1..=3).map(Cell::Int).collect();
    let columns = vec![column("product", vec![product, map(&[]), Cell::Null]), column("n", n)];
    assert_eq!(batches, [RowBatch { first_row: 0, picked: None, columns }]);
}

#[test]
fn an_empty_table_has_columns_and_no_rows() {
    let (_folder, path) = in_folder();
    let none = RowBatch { first_row: 0, picked: None, columns: vec![column("a", vec![]), column("b", vec![])] };
    write(&path, &[none]).expect("written");
    let file = ParquetFile::open(&path).expect("opened");
    assert_eq!((file.rows(), file.columns()), (0, names(&["a", "b"]).as_slice()));
    assert_eq!(read(&path, &["a"]).expect("read"), []);
}

#[test]
fn what_is_no_parquet_file_is_refused_by_name() {
    let (folder, path) = in_folder();
    std::fs::write(&path, "line_item_usage_type\nx\n").expect("written");
    let fault = ParquetFile::open(&path).expect_err("text");
    assert!(matches!(fault, FramesError::NotParquet { .. }), "{fault}");
    assert!(fault.to_string().contains("table.parquet"), "{fault}");
    std::fs::write(&path, "").expect("written");
    assert!(matches!(ParquetFile::open(&path), Err(FramesError::NotParquet { .. })));
    std::fs::write(&path, "PAR1").expect("written");
    assert!(matches!(ParquetFile::open(&path), Err(FramesError::CutOff { .. })));
    std::fs::write(&path, "PAR1abcdefghijklPAR1").expect("written");
    assert!(matches!(ParquetFile::open(&path), Err(FramesError::Damaged { .. })));
    let missing = folder.path().join("missing.parquet");
    assert!(matches!(ParquetFile::open(&missing), Err(FramesError::Io { .. })));
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let (_folder, path) = in_folder();
    write(&path, &[table()]).expect("written");
    let whole = std::fs::read(&path).expect("read");
    for length in [5, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).expect("written");
        let fault = ParquetFile::open(&path).expect_err("cut off");
        assert!(matches!(fault, FramesError::CutOff { .. }), "{length}: {fault}");
    }
}

#[test]
fn batches_that_make_no_table_are_refused() {
    let (_folder, path) = in_folder();
    let one = |cells| RowBatch { first_row: 0, picked: None, columns: vec![column("a", cells)] };
    let other = RowBatch { first_row: 0, picked: None, columns: vec![column("b", vec![Cell::Null])] };
    for batches in [vec![one(vec![Cell::Int(1), text("x")])], vec![one(vec![Cell::Null]), other]] {
        let fault = write(&path, &batches).expect_err("no table");
        assert!(matches!(&fault, FramesError::Uneven { column, .. } if column == "a"), "{fault}");
    }
}

/// Every bit of a small file, turned over on its own, gives other cells or a fault. A page header that counts too many
/// values once made the decoder ask for more memory than there is, which ends a process.
#[test]
fn no_damage_panics() {
    let (_folder, path) = in_folder();
    write(&path, &[table()]).expect("written");
    let whole = std::fs::read(&path).expect("read");
    // The decoder's own panics are caught by the reader; their words are not of interest here.
    std::panic::set_hook(Box::new(|_| {}));
    let mut faults = 0;
    for at in 4..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            // Written anew: some file systems wait for the disk when a file is written over.
            std::fs::remove_file(&path).expect("removed");
            std::fs::write(&path, bytes).expect("written");
            faults += usize::from(read(&path, &["usage_type", "rows", "cost", "start", "product", "nothing"]).is_err());
        }
    }
    let _ = std::panic::take_hook();
    assert!(faults > 1_000, "{faults}: damage is noticed");
}
