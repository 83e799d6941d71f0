//! Tables that are written are read back; the same tables are the same bytes; damage and foreign files are refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lode_frames::{FramesError, ParquetFile, TableFile, TableWriter, write};
use lode_model::{Cell, Column, RowBatch, Table, Values};

fn in_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("table.parquet");
    (folder, path)
}

fn metadata() -> BTreeMap<String, String> {
    [("schema", "1"), ("month", "2026-10")].map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn write_all(path: &Path, tables: &[Table]) -> Result<u64, FramesError> {
    let mut writer = TableWriter::create(path, &metadata())?;
    tables.iter().try_for_each(|table| writer.write(table))?;
    writer.finish()
}

fn read_all(path: &Path) -> Result<Vec<Table>, FramesError> {
    let file = TableFile::open(path)?;
    (0..file.groups()).map(|group| file.read(group)).collect()
}

fn texts(all: &[&str]) -> Vec<Arc<str>> {
    all.iter().map(|text| Arc::from(*text)).collect()
}

fn of(columns: Vec<(&str, Values)>) -> Table {
    Table { columns: columns.into_iter().map(|(name, values)| (Arc::from(name), values)).collect() }
}

/// All kinds of values; texts in the order of their first appearance.
fn small() -> Table {
    let words = Values::Words { texts: texts(&["b", "a", ""]), places: vec![Some(0), None, Some(1), Some(0), Some(2)] };
    let word_lists = Values::WordLists {
        ends: vec![0, 3, 3, 4, 4],
        texts: texts(&["search", "book"]),
        places: vec![Some(0), None, Some(1), Some(0)],
    };
    of(vec![
        ("numbers", Values::Numbers(vec![i64::MIN, 7, 0, -1, i64::MAX])),
        ("optional", Values::Optional(vec![None, Some(-1), Some(i64::MAX), None, Some(0)])),
        ("time", Values::Micros(vec![-1, 0, 1_790_812_800_000_000, 5, 5])),
        ("flags", Values::Flags(vec![true, false, true, true, false])),
        ("words", words),
        ("nothing", Values::Words { texts: Vec::new(), places: vec![None; 5] }),
        ("lists", Values::Lists { ends: vec![0, 2, 2, 5, 5], values: vec![1, i64::MIN, 3, 4, 5] }),
        ("none", Values::Lists { ends: vec![0; 5], values: Vec::new() }),
        ("word_lists", word_lists),
        ("no_words", Values::WordLists { ends: vec![0; 5], texts: Vec::new(), places: Vec::new() }),
    ])
}

/// Random numbers, the same on each run (an xorshift generator).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    fn number(&mut self, end: u64) -> i64 {
        self.below(end).cast_signed()
    }

    fn hash(&mut self) -> i64 {
        self.next().wrapping_mul(0x9E37_79B9_7F4A_7C15).cast_signed()
    }

    /// Most small, few large.
    fn tokens(&mut self) -> i64 {
        let bits = 6 + self.below(8);
        self.number(1 << bits)
    }
}

/// A table as a trace has them: conversations of which every row has the past and two new segments.
fn trace(rows: usize) -> Table {
    let mut random = Random(42);
    let words = |all: &[&str], random: &mut Random, none: u64| {
        let ends = all.len() as u64 + none;
        let places =
            (0..rows).map(|_| u32::try_from(random.below(ends)).ok().filter(|place| (*place as usize) < all.len()));
        Values::Words { texts: texts(all), places: places.collect() }
    };
    let mut numbers = |f: &dyn Fn(&mut Random) -> i64| (0..rows).map(|_| f(&mut random)).collect::<Vec<i64>>();
    let (ids, ids_low) = (numbers(&Random::hash), numbers(&Random::hash));
    let (input, output, cached) = (numbers(&Random::tokens), numbers(&Random::tokens), numbers(&Random::tokens));
    let limits = numbers(&|random| [1_024, 4_096, 8_192, 128_000][usize::try_from(random.below(4)).expect("small")]);
    let latency = numbers(&|random| 300 + random.tokens());
    let (high, low) = (numbers(&Random::hash), numbers(&Random::hash));
    let (high_2, low_2) = (numbers(&Random::hash), numbers(&Random::hash));
    let bytes: Vec<i64> = numbers(&Random::tokens).into_iter().flat_map(|bytes| [bytes, bytes / 3]).collect();
    let both = |a: Vec<i64>, b: Vec<i64>| a.into_iter().zip(b).flat_map(|(a, b)| [a, b]).collect::<Vec<i64>>();
    let mut talks: Vec<Vec<i64>> = vec![Vec::new(); 400];
    let (mut segments, mut ends, mut new) = (Vec::new(), Vec::new(), 0);
    for _ in 0..rows {
        let talk = usize::try_from(random.below(400)).expect("small");
        if talks[talk].len() > 7 {
            talks[talk].clear();
        }
        talks[talk].extend([new, new + 1]);
        new += 2;
        segments.extend(&talks[talk]);
        ends.push(u32::try_from(segments.len()).expect("few"));
    }
    let twos: Vec<u32> = (1..=rows).map(|row| u32::try_from(2 * row).expect("few")).collect();
    let list = |values: Vec<i64>| Values::Lists { ends: twos.clone(), values };
    let same = |text: &str| Values::Words { texts: texts(&[text]), places: vec![Some(0); rows] };
    let seconds = (0..rows).map(|row| 1_790_812_800_000_000 + (row as i64 / 100) * 1_000_000);
    of(vec![
        ("account", same("111111111111")),
        ("region", same("us-east-1")),
        ("model", same("anthropic.claude-sonnet-4-6")),
        ("time", Values::Micros(seconds.collect())),
        ("id_high", Values::Optional(ids.into_iter().map(Some).collect())),
        ("id_low", Values::Optional(ids_low.into_iter().map(Some).collect())),
        ("id", Values::Words { texts: Vec::new(), places: vec![None; rows] }),
        ("caller", words(&["role/app", "role/batch", "role/search", "user/someone"], &mut random, 0)),
        ("error", words(&["ThrottlingException"], &mut random, 40)),
        ("stop_reason", words(&["end_turn", "tool_use", "max_tokens"], &mut random, 0)),
        ("streaming", Values::Flags((0..rows).map(|_| random.below(3) == 0).collect())),
        ("input", Values::Numbers(input)),
        ("output", Values::Numbers(output)),
        ("cache_read", Values::Numbers(cached)),
        ("cache_write_5m", Values::Numbers(vec![0; rows])),
        ("output_limit", Values::Optional(limits.into_iter().map(|limit| (limit > 1_024).then_some(limit)).collect())),
        ("latency_ms", Values::Optional(latency.into_iter().map(Some).collect())),
        ("segments", Values::Lists { ends, values: segments }),
        ("new_kind", list([3, 4].repeat(rows))),
        ("new_high", list(both(high, high_2))),
        ("new_low", list(both(low, low_2))),
        ("new_bytes", list(bytes)),
        ("new_tool", Values::WordLists { ends: twos.clone(), texts: Vec::new(), places: vec![None; 2 * rows] }),
    ])
}

#[test]
fn every_kind_of_values_comes_back() {
    let (_folder, path) = in_folder();
    let size = write_all(&path, &[small()]).expect("written");
    assert_eq!(size, std::fs::metadata(&path).expect("there").len());
    assert_eq!(read_all(&path).expect("read"), [small()]);
    let file = TableFile::open(&path).expect("opened");
    assert_eq!((file.groups(), file.rows(), file.metadata()), (1, 5, &metadata()));
    let some = file.read_columns(0, &["words", "time"]).expect("read");
    assert_eq!(some.columns, [small().columns[4].clone(), small().columns[2].clone()]);
    let fault = file.read_columns(0, &["nowhere"]).expect_err("no such column");
    assert!(matches!(&fault, FramesError::NoColumn { column, .. } if column == "nowhere"), "{fault}");
    assert!(file.read(1).is_err());
}

#[test]
fn each_table_is_a_row_group_and_empty_ones_are_none() {
    let (_folder, path) = in_folder();
    let mut empty = small();
    for (_, values) in &mut empty.columns {
        *values = match values {
            Values::Numbers(_) => Values::Numbers(Vec::new()),
            Values::Optional(_) => Values::Optional(Vec::new()),
            Values::Micros(_) => Values::Micros(Vec::new()),
            Values::Flags(_) => Values::Flags(Vec::new()),
            Values::Words { .. } => Values::Words { texts: Vec::new(), places: Vec::new() },
            Values::Lists { .. } => Values::Lists { ends: Vec::new(), values: Vec::new() },
            Values::WordLists { .. } => Values::WordLists { ends: Vec::new(), texts: Vec::new(), places: Vec::new() },
        };
    }
    write_all(&path, &[empty.clone(), small(), empty.clone(), small()]).expect("written");
    assert_eq!(read_all(&path).expect("read"), [small(), small()]);
    write_all(&path, &[empty]).expect("written");
    let file = TableFile::open(&path).expect("opened");
    assert_eq!((file.groups(), file.rows(), file.metadata()), (0, 0, &metadata()));
    assert!(write_all(&path, &[]).is_err(), "no table, no columns");
}

#[test]
fn large_tables_come_back_and_are_the_same_bytes() {
    let (_folder, path) = in_folder();
    let tables = [trace(20_000), trace(3), trace(1_000)];
    write_all(&path, &tables).expect("written");
    let bytes = std::fs::read(&path).expect("read");
    write_all(&path, &tables).expect("written");
    assert!(bytes == std::fs::read(&path).expect("read"), "the same tables, the same bytes");
    for (found, expected) in read_all(&path).expect("read").iter().zip(&tables) {
        assert_eq!(found.rows(), expected.rows());
        for ((name, found), (_, expected)) in found.columns.iter().zip(&expected.columns) {
            assert!(words_of(found) == words_of(expected), "{name}");
            assert!(found == expected || words_of(found).is_some(), "{name}");
        }
    }
}

/// Texts whatever the order of the dictionary.
fn words_of(values: &Values) -> Option<Vec<Option<&str>>> {
    let (Values::Words { texts, places } | Values::WordLists { texts, places, .. }) = values else { return None };
    Some(places.iter().map(|place| place.map(|place| &*texts[usize::try_from(place).expect("small")])).collect())
}

#[test]
fn many_texts_and_numbers_of_any_distribution_come_back() {
    let (_folder, path) = in_folder();
    let mut random = Random(7);
    for distinct in [1, 2, 255, 256, 257, 300, 70_000] {
        let all: Vec<String> = (0..distinct).map(|text| format!("text {text}")).collect();
        let all = texts(&all.iter().map(String::as_str).collect::<Vec<_>>());
        let places: Vec<Option<u32>> = (0..distinct).chain(0..distinct).chain(0..distinct).map(Some).collect();
        let numbers: Vec<i64> = places.iter().flatten().map(|place| i64::from(*place) * 1_000_003 - 9).collect();
        let hashes = places.iter().map(|_| Some(random.hash()).filter(|hash| hash % 3 != 0)).collect();
        let once = Values::Words {
            texts: all.clone(),
            places: (0..distinct).map(Some).chain(vec![None; numbers.len() - distinct as usize]).collect(),
        };
        let table = of(vec![
            ("words", Values::Words { texts: all, places }),
            ("once", once),
            ("numbers", Values::Numbers(numbers)),
            ("hashes", Values::Optional(hashes)),
        ]);
        write_all(&path, std::slice::from_ref(&table)).expect("written");
        assert!(read_all(&path).expect("read") == [table], "{distinct}");
    }
}

#[test]
fn what_is_no_table_is_refused() {
    let (_folder, path) = in_folder();
    let one = |name: &str, values| of(vec![(name, values)]);
    let numbers = |count| Values::Numbers(vec![0; count]);
    let bad = [
        vec![of(vec![("a", numbers(1)), ("b", numbers(2))])],
        vec![of(vec![("b", numbers(1)), ("b", numbers(1))])],
        vec![one("a", numbers(1)), one("b", numbers(1))],
        vec![one("b", numbers(1)), one("b", Values::Flags(vec![true]))],
        vec![of(vec![("a", numbers(1)), ("b", numbers(1))]), one("a", numbers(1))],
        vec![one("b", Values::Words { texts: texts(&["x"]), places: vec![Some(1)] })],
        vec![one("b", Values::Lists { ends: vec![2, 1], values: vec![1, 2] })],
        vec![one("b", Values::Lists { ends: vec![1], values: vec![1, 2] })],
    ];
    for tables in bad {
        let fault = write_all(&path, &tables).expect_err("no table");
        assert!(matches!(&fault, FramesError::Uneven { column, .. } if column == "b"), "{fault}");
    }
    assert!(matches!(write_all(&path, &[Table::default()]), Err(FramesError::Uneven { .. })));
}

#[test]
fn the_other_reader_reads_tables_and_this_one_refuses_what_it_cannot_hold() {
    let (_folder, path) = in_folder();
    write_all(&path, &[small()]).expect("written");
    let file = ParquetFile::open(&path).expect("opened");
    let wanted = ["numbers", "optional", "time", "flags", "words"].map(str::to_owned);
    let mut rows = 0;
    file.read(&wanted, &mut |batch| {
        rows += batch.rows();
        assert_eq!(batch.columns[2].cells[2], Cell::Micros(1_790_812_800_000_000));
        assert_eq!(batch.columns[4].cells[..2], [Cell::Text("b".into()), Cell::Null]);
    })
    .expect("read");
    assert_eq!(rows, 5);
    let cells = vec![Cell::Float(0.5)];
    let columns =
        vec![Column { name: "cost".to_owned(), cells }, Column { name: "n".to_owned(), cells: vec![Cell::Int(3)] }];
    write(&path, &[RowBatch { first_row: 0, picked: None, columns }]).expect("written");
    let file = TableFile::open(&path).expect("opened");
    let fault = file.read(0).expect_err("a floating-point number");
    assert!(matches!(&fault, FramesError::TableType { column, .. } if column == "cost"), "{fault}");
    assert_eq!(file.read_columns(0, &["n"]).expect("read"), of(vec![("n", Values::Optional(vec![Some(3)]))]));
    assert_eq!(file.metadata(), &BTreeMap::new());
    let foreign =
        TableFile::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pick.parquet")).expect("opened");
    let fault = foreign.read(0).expect_err("types of all sorts");
    assert!(matches!(&fault, FramesError::TableType { .. }), "{fault}");
    let code = foreign.read_columns(0, &["code"]).expect("read");
    assert!(words_of(&code.columns[0].1).expect("words").contains(&Some("AmazonBedrock")));
    std::fs::write(&path, "line_item_usage_type\nx\n").expect("written");
    assert!(matches!(TableFile::open(&path), Err(FramesError::NotParquet { .. })));
}

/// Every bit turned over gives other values or a fault, never an abort.
#[test]
fn no_damage_panics() {
    let (_folder, path) = in_folder();
    let whole = [small(), trace(700)].map(|table| {
        write_all(&path, &[table]).expect("written");
        std::fs::read(&path).expect("read")
    });
    // The decoder's own panics are caught by the reader; their words are not of interest here.
    std::panic::set_hook(Box::new(|_| {}));
    let mut faults = 0;
    for (step, whole) in [(1, &whole[0]), (53, &whole[1])] {
        for at in (4 * 8..whole.len() * 8).step_by(step) {
            let mut bytes = whole.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            // Written anew: some file systems wait for the disk when a file is written over.
            std::fs::remove_file(&path).expect("removed");
            std::fs::write(&path, bytes).expect("written");
            faults += usize::from(read_all(&path).is_err());
        }
    }
    let _ = std::panic::take_hook();
    assert!(faults > 1_000, "{faults}: damage is noticed");
}

/// `cargo test -p lode-frames --test tables -- --ignored --nocapture`: bytes a row of each column, and the time of it all.
#[test]
#[ignore = "prints sizes and times"]
#[expect(clippy::print_stderr, clippy::disallowed_methods, reason = "a measurement")]
fn sizes_and_times() {
    let (_folder, path) = in_folder();
    let rows = 65_536;
    let table = trace(rows);
    let hundredth = |bytes: u64| bytes * 100 / rows as u64;
    for (name, values) in &table.columns {
        let size = write_all(&path, &[of(vec![(name, values.clone())])]).expect("written");
        let hundredths = hundredth(size);
        eprintln!("{name:16} {:3}.{:02} bytes a row", hundredths / 100, hundredths % 100);
    }
    let tables: Vec<Table> = (0..10).map(|_| table.clone()).collect();
    let started = std::time::Instant::now();
    let size = write_all(&path, &tables).expect("written");
    let written = started.elapsed();
    let started = std::time::Instant::now();
    let read = read_all(&path).expect("read");
    let hundredths = hundredth(size) / 10;
    eprintln!(
        "all {}.{:02}; written {written:?}, read {:?}, {} rows",
        hundredths / 100,
        hundredths % 100,
        started.elapsed(),
        read.len() * rows
    );
    let file = TableFile::open(&path).expect("opened");
    for (name, _) in &table.columns {
        let started = std::time::Instant::now();
        for group in 0..10 {
            file.read_columns(group, &[name]).expect("read");
        }
        eprintln!("{name:16} read {:?}", started.elapsed());
    }
}
