//! Files of every form, opened.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::*;

fn open(bytes: &[u8]) -> Result<String, OpenError> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    TextFile::open(file.path()).and_then(|mut opened| {
        let mut text = String::new();
        let read = opened.text.read_to_string(&mut text);
        read.map(|_| text).map_err(|source| OpenError::Unreadable { byte: opened.count.get(), source })
    })
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).expect("in memory");
    packed.finish().expect("in memory")
}

/// A file of an archive: its name, its text, and its method: 0 stored, 8 deflated, others not packed at all.
type Entry<'a> = (&'a str, &'a [u8], u16);

/// An archive as the specification has it (APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16), with the sizes in its
/// central directory alone where `late`, as writers of streams leave them.
fn zip(entries: &[Entry<'_>], late: bool) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, text, method) in entries {
        let packed = if *method == 8 {
            let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
            packed.write_all(text).expect("in memory");
            packed.finish().expect("in memory")
        } else {
            text.to_vec()
        };
        let mut crc = flate2::Crc::new();
        crc.update(text);
        let short = |value: usize| u16::try_from(value).expect("short").to_le_bytes();
        let long = |value: usize| u32::try_from(value).expect("long").to_le_bytes();
        let flags: u16 = if late { 8 } else { 0 };
        let known = [crc.sum().to_le_bytes(), long(packed.len()), long(text.len())].concat();
        let start =
            [&20_u16.to_le_bytes()[..], &flags.to_le_bytes(), &method.to_le_bytes(), &[0; 2], &[0x21, 0x5b]].concat();
        directory.extend([&b"PK\x01\x02"[..], &[20, 0], &start, &known, &short(name.len()), &[0; 12]].concat());
        directory.extend([&long(archive.len())[..], name.as_bytes()].concat());
        let told = if late { vec![0; 12] } else { known.clone() };
        archive.extend([&b"PK\x03\x04"[..], &start, &told, &short(name.len()), &[0; 2], name.as_bytes()].concat());
        archive.extend(packed);
        if late {
            archive.extend([&b"PK\x07\x08"[..], &known].concat());
        }
    }
    let count = u16::try_from(entries.len()).expect("few").to_le_bytes();
    let at = |value: usize| u32::try_from(value).expect("small").to_le_bytes();
    let end = [&b"PK\x05\x06"[..], &[0; 4], &count, &count, &at(directory.len()), &at(archive.len()), &[0; 2]].concat();
    [archive, directory, end].concat()
}

fn found(bytes: &[u8]) -> String {
    match open(bytes) {
        Err(OpenError::Archive(found)) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn plain_and_gzip_of_one_member_or_many_are_text_without_a_mark() {
    let members = [gzip("\u{feff}a,b\n"), gzip("1,2\n")].concat();
    assert_eq!(open("\u{feff}a,b\n1,2\n".as_bytes()).expect("plain"), "a,b\n1,2\n");
    assert_eq!(open(&members).expect("gzip"), "a,b\n1,2\n");
    assert_eq!(open(b"").expect("empty"), "");
}

#[test]
fn an_archive_of_one_file_is_its_text() {
    let text = "\u{feff}a,b\n".to_owned() + &"1,2\n".repeat(200_000);
    for method in [0, 8] {
        for late in [false, true] {
            let archive = zip(&[("20261001-20261101/", b"", 0), ("report-00001.csv", text.as_bytes(), method)], late);
            assert_eq!(open(&archive).expect("one file"), text["\u{feff}".len()..], "method {method}, late {late}");
        }
    }
    assert_eq!(open(&zip(&[("empty.csv", b"", 8)], false)).expect("one file"), "");
}

#[test]
fn the_count_goes_to_the_end_of_the_file_inside() {
    let archive = zip(&[("a.csv", "1,2\n".repeat(200_000).as_bytes(), 8)], false);
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&archive).expect("written");
    let mut opened = TextFile::open(file.path()).expect("one file");
    std::io::copy(&mut opened.text, &mut std::io::sink()).expect("text");
    let directory = 46 + "a.csv".len() + 22;
    assert_eq!(opened.count.get(), (archive.len() - directory) as u64);
}

#[test]
fn archives_that_are_not_of_one_readable_file_say_what_they_are() {
    let file = |name| (name, &b"a,b\n"[..], 8);
    assert_eq!(found(&zip(&[file("a.csv"), file("b.csv")], false)), "a ZIP archive of 2 files (a.csv, b.csv)");
    let four = ["a", "b", "c", "d"].map(file);
    assert_eq!(found(&zip(&four, false)), "a ZIP archive of 4 files (a, b, c, …)");
    assert_eq!(found(&zip(&[], false)), "a ZIP archive without a file");
    assert!(found(&zip(&[("a.csv", b"a,b\n", 12)], false)).starts_with("a ZIP archive whose file a.csv is packed by"));
    let mut encrypted = zip(&[file("a.csv")], false);
    let directory = encrypted.len() - 22 - 46 - "a.csv".len();
    (encrypted[6], encrypted[directory + 8]) = (1, 1);
    assert_eq!(found(&encrypted), "a ZIP archive whose file a.csv is encrypted");
    let whole = zip(&[file("a.csv")], false);
    assert!(found(&whole[..whole.len() - 30]).starts_with("a broken or cut-off ZIP archive"));
    assert!(found(b"PK\x03\x04").starts_with("a broken or cut-off ZIP archive"));
}

#[test]
fn an_archive_whose_text_was_damaged_is_not_read_to_its_end() {
    let text = "1,2\n".repeat(1_000);
    let mut archive = zip(&[("a.csv", text.as_bytes(), 0)], false);
    archive[40] ^= 1;
    let Err(OpenError::Unreadable { source, .. }) = open(&archive) else { panic!("damaged") };
    assert_eq!(source.kind(), std::io::ErrorKind::InvalidData);
}

#[test]
fn containers_are_named() {
    assert!(matches!(open(b"PAR1"), Err(OpenError::Container(Container::Parquet))));
    let inside = |bytes: &[u8]| open(&zip(&[("x", bytes, 8)], false));
    assert!(matches!(inside(b"PAR1...."), Err(OpenError::Container(Container::Parquet))));
    assert!(matches!(inside(&zip(&[], false)), Err(OpenError::Container(Container::Zip))));
}

#[test]
fn a_gzip_that_is_cut_in_its_header_is_not_an_empty_file() {
    let packed = gzip("a,b\n");
    for cut in 4..12 {
        assert!(matches!(open(&packed[..cut]), Err(OpenError::Unreadable { .. })), "cut at byte {cut}");
    }
}

/// The whole text of a file of these bytes, of at most `most`.
fn whole(bytes: &[u8], most: usize) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    let mut unpacker = Unpacker::new(most);
    unpacker.whole(file.path()).map(|whole| {
        assert_eq!(whole.file_bytes, bytes.len() as u64);
        String::from_utf8(whole.text.to_vec()).expect("text")
    })
}

#[test]
fn whole_texts_are_those_of_the_stream() {
    let (a, b) = ("a,b\n".repeat(1_000), "1,2\n".repeat(1_000));
    let same_length = [gzip(&a), gzip(&b)].concat();
    let around = [gzip(&a), gzip(&b), gzip(&a)].concat();
    let empty = [gzip(""), gzip(&a), gzip("")].concat();
    let zeros = [gzip(&"\0".repeat(100_000)), gzip("x")].concat();
    // Bytes of a member's beginning inside of stored data.
    let mut stored = GzEncoder::new(Vec::new(), Compression::none());
    stored.write_all(b"\x1f\x8b\x08 and \x1f\x8b\x08\x00").expect("in memory");
    let plain = "\u{feff}plain".as_bytes().to_vec();
    let stored = stored.finish().expect("in memory");
    for bytes in [&gzip(&a)[..], &same_length, &around, &zeros, &plain, b""] {
        assert_eq!(whole(bytes, 1 << 20), open(bytes).ok(), "{} bytes", bytes.len());
    }
    // Checksum and length of an empty member are zeros, which may stand anywhere: the stream reads it.
    assert!(whole(&empty, 1 << 20).is_none_or(|text| text == a));
    let mut unpacker = Unpacker::new(1 << 20);
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&stored).expect("written");
    assert_eq!(unpacker.whole(file.path()).expect("one member").text, b"\x1f\x8b\x08 and \x1f\x8b\x08\x00");
}

#[test]
fn a_member_that_is_damaged_does_not_go_missing() {
    let (a, b) = (gzip("{\"a\":1}\n"), gzip("{\"b\":2}\n"));
    // The second member is as long as the first and begins with no member's bytes: the file ends in the length of both.
    let mut damaged = b.clone();
    damaged[2] ^= 1;
    let length = 8_u32.to_le_bytes();
    let trailer = &a[a.len() - 8..];
    for after in [&damaged[..], &length, trailer, &[b"junk", &a[..]].concat(), &[&damaged[..], &a].concat()] {
        let bytes = [&a, after].concat();
        assert_eq!((whole(&bytes, 1 << 20), open(&bytes).ok()), (None, None), "{} bytes", bytes.len());
    }
    // The length and checksum of nothing are zeros: such members are left to the stream too.
    let empty = [&gzip("")[..], &a, &gzip("")].concat();
    assert_eq!((whole(&empty, 1 << 20), open(&empty).ok()), (None, Some("{\"a\":1}\n".to_owned())));
}

#[test]
fn many_members_take_linear_time() {
    let members: Vec<u8> = (0..100_000).flat_map(|_| gzip("x")).collect();
    assert_eq!(whole(&members, 1 << 26), Some("x".repeat(100_000)));
}

#[test]
fn what_is_damaged_too_long_or_no_text_is_left_to_the_stream() {
    let text = "1,2\n".repeat(10_000);
    let packed = gzip(&text);
    assert_eq!(whole(&packed, text.len()), Some(text.clone()));
    assert_eq!(whole(&packed, text.len() - 1), None);
    assert_eq!(whole(text.as_bytes(), text.len() - 1), None);
    assert_eq!(whole(&[&packed[..], b"garbage"].concat(), 1 << 20), None);
    assert_eq!(whole(&[&packed[..], &[0; 8]].concat(), 1 << 20), None);
    for cut in 0..packed.len() {
        let found = whole(&packed[..cut], 1 << 20);
        assert!(found.is_none() || cut < 2, "cut at byte {cut}");
    }
    let mut damaged = packed.clone();
    damaged[40] ^= 1;
    assert_eq!(whole(&damaged, 1 << 20), None);
    assert_eq!(whole(b"PAR1", 1 << 20), None);
    assert_eq!(whole(&zip(&[("a", b"x", 0)], false), 1 << 20), None);
}

/// Found by fuzzing: a length that RFC 1951 knows no use for (section 3.2.6, code 286) is read by libdeflate as 258, and as a fault
/// by others. The checksum of the text decides.
#[test]
fn a_code_that_nobody_writes_is_read_where_the_checksum_holds() {
    let mut packed = vec![
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x4b, 0x1c, 0x03, 0x00, 0x56, 0xfa, 0xc2, 0x34,
        0x03, 0x01, 0x00, 0x00,
    ];
    let whole = |packed: &[u8]| {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(packed).expect("written");
        Unpacker::new(1000).whole(file.path()).map(|whole| whole.text.to_vec())
    };
    assert_eq!(whole(&packed), Some(vec![b'a'; 259]));
    assert!(open(&packed).is_err(), "the stream refuses it");
    packed[14] ^= 1;
    assert_eq!(whole(&packed), None, "another checksum");
}
