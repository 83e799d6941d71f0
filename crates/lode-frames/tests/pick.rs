//! Rows picked while reading are the rows that reading everything and picking afterwards gives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lode_frames::{FramesError, ParquetFile, Pick, write};
use lode_model::{Cell, Column, RowBatch};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

fn names(wanted: &[&str]) -> Vec<String> {
    wanted.iter().map(|name| (*name).to_owned()).collect()
}

fn text(value: &str) -> Cell {
    Cell::Text(value.into())
}

/// Random numbers, the same on each run (an xorshift generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn cell(&mut self, nulls: u64, cell: impl Fn(&mut Self) -> Cell) -> Cell {
        if self.below(100) < nulls { Cell::Null } else { cell(self) }
    }
}

/// A table of every kind of cell: texts of few and of many values, short and long, numbers, moments, maps.
fn table(numbers: &mut Numbers, rows: usize) -> RowBatch {
    let nulls = [0, 10, 60, 100];
    let mut columns = Vec::new();
    let mut add = |numbers: &mut Numbers, name: &str, cell: &dyn Fn(&mut Numbers) -> Cell| {
        let share = nulls[usize::try_from(numbers.below(4)).expect("small")];
        let cells = (0..rows).map(|_| numbers.cell(share, cell)).collect();
        columns.push(Column { name: name.to_owned(), cells });
    };
    add(numbers, "code", &|n| text(&format!("Product{}", n.below(4))));
    add(numbers, "usage", &|n| text(&format!("a usage type with a long name {}", n.below(30))));
    add(numbers, "id", &|n| text(&format!("{:x}", n.below(1 << 60))));
    add(numbers, "resource", &|n| text(&format!("arn:aws:bedrock:us-east-1:111111111111:{:x}", n.below(1 << 60))));
    add(numbers, "count", &|n| Cell::Int(n.below(5).cast_signed() - 2));
    add(numbers, "wide", &|n| Cell::Int(n.below(u64::MAX).cast_signed()));
    add(numbers, "cost", &|n| Cell::Float(f64::from(u32::try_from(n.below(1 << 30)).expect("30 bits")) / 7.0));
    add(numbers, "start", &|n| Cell::Micros(1_790_812_800_000_000 + n.below(700).cast_signed() * 3_600_000_000));
    add(numbers, "product", &|n| {
        let pairs = n.below(4);
        Cell::Map((0..pairs).map(|key| (format!("key{key}").into(), format!("value {}", n.below(9)).into())).collect())
    });
    RowBatch { first_row: 0, picked: None, columns }
}

/// All rows of a file by number, as `read` gives them.
fn all_rows(file: &ParquetFile, wanted: &[String]) -> BTreeMap<u64, Vec<Cell>> {
    let mut found = BTreeMap::new();
    let mut each = |batch: RowBatch| {
        assert_eq!(batch.picked, None);
        add_rows(&mut found, &batch);
    };
    file.read(wanted, &mut each).expect("read");
    found
}

fn add_rows(found: &mut BTreeMap<u64, Vec<Cell>>, batch: &RowBatch) {
    for row in 0..batch.rows() {
        let cells = batch.columns.iter().map(|column| column.cells[row].clone()).collect();
        assert!(found.insert(batch.number(row), cells).is_none(), "row {} twice", batch.number(row));
    }
}

fn shown(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null | Cell::Map(_) => None,
        Cell::Text(text) => Some(text.to_string()),
        Cell::Int(number) | Cell::Micros(number) => Some(number.to_string()),
        Cell::Float(number) => Some(number.to_string()),
    }
}

/// Picks while reading and after reading, and compares. Returns how many rows were picked.
fn check(path: &Path, by: &[&str], keep: &(dyn Fn(&[Option<&str>]) -> bool + Sync), sample_every: u64) -> usize {
    let file = ParquetFile::open(path).expect("opened");
    // The other way round, and one column twice: the order is the caller's.
    let mut wanted: Vec<String> = file.columns().iter().rev().cloned().collect();
    wanted.push(wanted[0].clone());
    let by = names(by);
    let mut expected = all_rows(&file, &wanted);
    let deciding = all_rows(&file, &by);
    expected.retain(|row, _| {
        let texts: Vec<Option<String>> = deciding.get(row).into_iter().flatten().map(shown).collect();
        let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        keep(&texts) || row.checked_rem(sample_every) == Some(0)
    });
    let mut found = BTreeMap::new();
    let pick = Pick { columns: &by, keep, sample_every };
    let mut each = |batch: RowBatch| {
        let picked = batch.picked.as_ref().expect("row numbers");
        assert_eq!(picked.len(), batch.rows());
        assert_eq!(picked.first(), Some(&batch.first_row));
        assert!(batch.rows() <= 4_096 && picked.is_sorted());
        let columns: Vec<&String> = batch.columns.iter().map(|column| &column.name).collect();
        assert_eq!(columns, wanted.iter().collect::<Vec<_>>());
        add_rows(&mut found, &batch);
    };
    assert_eq!(file.read_where(&wanted, &pick, &mut each).expect("picked"), file.rows());
    assert!(found == expected, "{}: by {by:?}, 1 in {sample_every}", path.display());
    found.len()
}

fn in_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("table.parquet");
    (folder, path)
}

#[test]
fn picking_while_reading_is_reading_then_picking() {
    let (_folder, path) = in_folder();
    let mut numbers = Numbers(42);
    let mut picked = 0;
    for rows in [0, 1, 63, 64, 65, 1_000, 5_000].into_iter().cycle().take(28) {
        write(&path, &[table(&mut numbers, rows)]).expect("written");
        let rare = format!("a usage type with a long name {}", numbers.below(30));
        picked += check(&path, &["code"], &|texts| texts == [Some("Product1")], 0);
        picked += check(&path, &["usage"], &|texts| texts == [Some(rare.as_str())], 97);
        picked += check(&path, &["code", "usage"], &|texts| texts[0].is_none() || texts[1] == Some(rare.as_str()), 0);
        picked += check(&path, &["count", "start", "id"], &|texts| texts[0] == Some("-1") && texts[2].is_some(), 0);
        picked += check(&path, &["resource"], &|texts| texts[0].is_none_or(|text| text.ends_with('7')), 0);
        picked += check(&path, &["code"], &|_| true, 0);
        picked += check(&path, &["code"], &|_| false, 0);
        picked += check(&path, &[], &|_| false, 10);
    }
    assert!(picked > 10_000, "{picked}: there was something to pick");
}

/// Written by another library: pages, dictionaries and types that our own writer does not make.
#[test]
fn files_of_other_writers_are_picked_alike() {
    let path = Path::new(DATA).join("pick.parquet");
    let mut picked = 0;
    for column in ["code", "required", "plain", "flag", "small", "cost", "price", "day", "milli", "nano"] {
        picked += check(&path, &[column], &|texts| texts[0].is_some_and(|text| text.ends_with('1')), 0);
        picked += check(&path, &[column, "code"], &|texts| texts[0].is_none() && texts[1] != Some("AmazonEC2"), 501);
    }
    picked += check(&path, &["code"], &|texts| texts[0].is_some_and(|text| text.contains("Bedrock")), 0);
    assert!(picked > 1_000, "{picked}: there was something to pick");
}

#[test]
fn a_large_row_group_is_picked_in_parts() {
    let (_folder, path) = in_folder();
    let rows = 300_000_i64;
    let columns = vec![
        Column { name: "n".to_owned(), cells: (0..rows).map(Cell::Int).collect() },
        Column { name: "kind".to_owned(), cells: (0..rows).map(|n| text(&(n % 3).to_string())).collect() },
        Column { name: "m".to_owned(), cells: (0..rows).map(|n| map(n % 5)).collect() },
    ];
    write(&path, &[RowBatch { first_row: 0, picked: None, columns }]).expect("written");
    assert_eq!(check(&path, &["kind"], &|texts| texts == [Some("1")], 0), 100_000);
    assert_eq!(check(&path, &["kind"], &|texts| texts != [Some("1")], 0), 200_000);
}

fn map(pairs: i64) -> Cell {
    Cell::Map((0..pairs).map(|key| (format!("k{key}").into(), format!("v{pairs}").into())).collect())
}

#[test]
fn columns_that_cannot_decide_are_refused() {
    let (_folder, path) = in_folder();
    write(&path, &[table(&mut Numbers(7), 10)]).expect("written");
    let file = ParquetFile::open(&path).expect("opened");
    let fault = |by: &str| {
        let pick = Pick { columns: &names(&[by]), keep: &|_| true, sample_every: 0 };
        file.read_where(&names(&["id"]), &pick, &mut |_| panic!("no rows")).expect_err("refused")
    };
    assert!(matches!(fault("nowhere"), FramesError::NoColumn { column, .. } if column == "nowhere"));
    assert!(matches!(fault("product"), FramesError::ColumnType { column, .. } if column == "product"));
}

#[test]
fn bounds_are_the_ends_of_a_column() {
    let (_folder, path) = in_folder();
    for seed in 1..20 {
        let table = table(&mut Numbers(seed), 300);
        write(&path, std::slice::from_ref(&table)).expect("written");
        let file = ParquetFile::open(&path).expect("opened");
        for column in table.columns.iter().filter(|column| column.name != "product") {
            let filled = || column.cells.iter().filter(|cell| **cell != Cell::Null);
            let ends = filled().min_by(|a, b| order(a, b)).cloned().zip(filled().max_by(|a, b| order(a, b)).cloned());
            assert_eq!(file.bounds(&column.name), ends, "{}", column.name);
        }
        assert_eq!((file.bounds("product"), file.bounds("nowhere")), (None, None));
    }
}

fn order(left: &Cell, right: &Cell) -> std::cmp::Ordering {
    match (left, right) {
        (Cell::Int(left), Cell::Int(right)) | (Cell::Micros(left), Cell::Micros(right)) => left.cmp(right),
        (Cell::Float(left), Cell::Float(right)) => left.total_cmp(right),
        (Cell::Text(left), Cell::Text(right)) => left.cmp(right),
        _ => panic!("cells of two kinds"),
    }
}

/// The other library's file has three row groups; the last holds nulls only in `late`.
#[test]
fn bounds_span_row_groups() {
    let file = ParquetFile::open(&Path::new(DATA).join("pick.parquet")).expect("opened");
    let first = 1_790_812_800_000_000;
    let last = first + 2_999 * 60_000_000;
    assert_eq!(file.bounds("milli"), Some((Cell::Micros(first), Cell::Micros(last))));
    assert_eq!(file.bounds("nano"), Some((Cell::Micros(first), Cell::Micros(last))));
    assert_eq!(file.bounds("late"), Some((Cell::Int(0), Cell::Int(1_999))));
    assert_eq!(file.bounds("code"), Some((text("AmazonBedrock"), text("AmazonS3"))));
    assert_eq!((file.bounds("unsaid"), file.bounds("never"), file.bounds("product")), (None, None, None));
}

/// As for `read`: every bit turned over gives other cells or a fault, never an abort.
#[test]
fn no_damage_panics() {
    let (_folder, path) = in_folder();
    write(&path, &[table(&mut Numbers(3), 12)]).expect("written");
    let whole = std::fs::read(&path).expect("read");
    let by = names(&["code", "count"]);
    let pick = Pick { columns: &by, keep: &|texts| texts[0] != Some("Product1"), sample_every: 5 };
    std::panic::set_hook(Box::new(|_| {}));
    let mut faults = 0;
    for at in 4..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        // Written anew: some file systems wait for the disk when a file is written over.
        std::fs::remove_file(&path).expect("removed");
        std::fs::write(&path, bytes).expect("written");
        let outcome = ParquetFile::open(&path).and_then(|file| {
            let _ = file.bounds("start");
            let wanted = file.columns().to_vec();
            file.read_where(&wanted, &pick, &mut |_| {})
        });
        faults += usize::from(outcome.is_err());
    }
    let _ = std::panic::take_hook();
    assert!(faults > 100, "{faults}: damage is noticed");
}
