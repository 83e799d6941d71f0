//! A scan agrees with the CSV parser on rows, numbers and cells, whatever the text, and keeps back no row of Bedrock.

use std::io::{BufReader, Write};

use proptest::prelude::*;

use super::*;
use crate::{Named, classify};

type Row = (u64, Vec<Vec<u8>>);

const NO_SAMPLES: Sampling = Sampling { head: 0, every: u64::MAX };
const EXTRA: &[&str] = &["store/\"a\"", "arn:aws:rds:us-east-1:111111111111:cluster:kb"];

fn keep(rows: &mut Vec<Row>) -> impl FnMut(Picked<'_>) -> Result<(), ()> {
    |picked| {
        rows.push((picked.number, picked.record.iter().map(<[u8]>::to_vec).collect()));
        Ok(())
    }
}

fn scan_with(text: &[u8], window: usize, needles: &Needles, sampling: Sampling) -> (Vec<Row>, Scanned) {
    let mut rows = Vec::new();
    let mut each = keep(&mut rows);
    let scan = Scan { needles, sampling, each: &mut each, rows: 0, line: LineParser::new() };
    let scanned = scan.run(&mut BufReader::with_capacity(window, text)).expect("no row is refused");
    drop(each);
    (rows, scanned)
}

fn scan_all(text: &mut dyn BufRead) -> (Vec<Row>, Scanned) {
    let mut rows = Vec::new();
    let mut each = keep(&mut rows);
    let scanned = scan(text, &Needles::new(&[]), &mut each).expect("no row is refused");
    drop(each);
    (rows, scanned)
}

/// The parser alone, with nothing of this module around it but the empty line against byte order marks.
fn parsed(text: &[u8]) -> Vec<Row> {
    let mut csv = parser().from_reader(Cursor::new(b"\n").chain(text));
    let rows = csv.byte_records().map(|record| record.expect("in memory").iter().map(<[u8]>::to_vec).collect());
    (1..).zip(rows).collect()
}

fn holds_needle(row: &Row) -> bool {
    let words = OPENSEARCH_SERVERLESS.iter().chain(MARKS).chain([&WORD]).map(|word| word.to_ascii_lowercase());
    row.1.iter().any(|cell| {
        let cell = String::from_utf8_lossy(cell);
        let lower = cell.to_ascii_lowercase();
        words.clone().any(|word| lower.contains(&word))
            || EXTRA.iter().chain(OPERATIONS).any(|text| cell.contains(text))
    })
}

/// Pieces that decide how text is cut into rows and cells, and needles whole, cut and in other cases.
const PIECES: &[&str] = &[
    "\n",
    "\n",
    "\r\n",
    "\r",
    ",",
    ",",
    ",",
    "\"",
    "\"\"",
    "\",\"",
    "a",
    "rock",
    " ",
    "\u{feff}",
    "é",
    "bedrock",
    "BedRock",
    "bed",
    "Bedroc",
    "MP:",
    "mp:",
    "-Units",
    "-Unit",
    "SearchOCU",
    "OCU",
    "InvokeModel",
    "StorageUsedInS3ByteHour",
    "S3B",
    "store/\"a\"",
    "store/\"\"a\"\"",
    "arn:aws:rds:us-east-1:111111111111:cluster:kb",
    "cluster:kb",
];

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(PIECES);
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

/// Tables as a CSV writer quotes them, so that most of the text is not left to the parser at the first odd quote.
fn table() -> impl Strategy<Value = Vec<u8>> {
    let cell = proptest::collection::vec(proptest::sample::select(PIECES), 0..4).prop_map(|pieces| pieces.concat());
    let row = proptest::collection::vec(cell, 1..5);
    (proptest::collection::vec(row, 0..12), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(rows, crlf, line_breaks, last)| {
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut csv = csv::WriterBuilder::new().flexible(true).terminator(terminator).from_writer(Vec::new());
            for row in &rows {
                let row =
                    row.iter().map(|cell| if line_breaks { cell.clone() } else { cell.replace(['\n', '\r'], "") });
                csv.write_record(row).expect("in memory");
            }
            let mut text = csv.into_inner().expect("in memory");
            if !last {
                text.truncate(text.len().saturating_sub(1));
            }
            text
        },
    )
}

/// Compares a scan of the text with the parser's rows.
fn agrees(text: &[u8], window: usize, sampling: Sampling) -> Result<(), TestCaseError> {
    let expected = parsed(text);
    let (picked, scanned) = scan_with(text, window, &Needles::new(EXTRA), sampling);
    let unclosed = u64::from(scanned.fault.is_some());
    if let Some(fault) = &scanned.fault {
        // Only the last row can be open; the parser hands it over as if it had ended.
        prop_assert_eq!(fault.kind(), ErrorKind::InvalidData);
        prop_assert_eq!(fault.to_string(), format!("row {} opens a quote that is never closed", expected.len()));
    }
    prop_assert_eq!(scanned.rows + unclosed, expected.len() as u64);
    let whole = &expected[..expected.len() - usize::from(scanned.fault.is_some())];
    for row in &picked {
        prop_assert_eq!(Some(row), usize::try_from(row.0 - 1).ok().and_then(|at| whole.get(at)));
    }
    let numbers: Vec<u64> = picked.iter().map(|row| row.0).collect();
    prop_assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    for row in whole.iter().filter(|row| holds_needle(row) || sampling.takes(row.0)) {
        prop_assert!(numbers.contains(&row.0), "row {row:?} was kept back");
    }
    let mut every = Vec::new();
    let mut each = keep(&mut every);
    let all = every_row(&mut BufReader::with_capacity(window, text), &mut each).expect("no row is refused");
    drop(each);
    prop_assert_eq!(&every[..], whole);
    prop_assert_eq!(all.rows, scanned.rows);
    prop_assert_eq!(all.fault.is_some(), scanned.fault.is_some());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn a_scan_of_any_text_agrees_with_the_parser(text in pieces(), window in 1_usize..40) {
        agrees(&text, window, NO_SAMPLES)?;
    }

    #[test]
    fn a_scan_of_written_tables_agrees_with_the_parser(text in table(), window in 1_usize..200, every in 1_u64..5) {
        agrees(&text, window, Sampling { head: 2, every })?;
    }

    #[test]
    fn every_row_that_is_told_apart_holds_a_needle(row in row(), stored in any::<bool>(), crowd in any::<bool>()) {
        let [entity, product_code, product_name, usage_type, resource, operation, publisher, service_name] = &row;
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(&row).expect("in memory");
        let line = csv.into_inner().expect("in memory");
        let said = |text: &'_ String| (!text.is_empty()).then(|| text.clone());
        let (entity, product_name, resource) = (said(entity), said(product_name), said(resource));
        let (operation, publisher, service_name) = (said(operation), said(publisher), said(service_name));
        let named = Named {
            entity: entity.as_deref(), product_code, product_name: product_name.as_deref(), usage_type,
            resource: resource.as_deref(), operation: operation.as_deref(), publisher: publisher.as_deref(),
            service_name: service_name.as_deref(), knowledge_base_store: stored && resource.is_some(),
        };
        let crowd: Vec<String> = (0..if crowd { 200 } else { 0 }).map(|n| format!("vector-store-{n:03}")).collect();
        let stores = resource.as_deref().filter(|_| stored).into_iter();
        let needles = Needles::new(&crowd.iter().map(String::as_str).chain(stores).collect::<Vec<_>>());
        if classify(&named).is_some() {
            prop_assert!(needles.find(&line, 0).is_some(), "{}", String::from_utf8_lossy(&line));
        }
    }
}

/// The texts of `Named`, in its order.
fn row() -> impl Strategy<Value = [String; 8]> {
    [
        name(&["AWS", "AWS Marketplace", "aws marketplace ", "NULL"]),
        name(CODES),
        name(&["Claude Sonnet 4.6 (Amazon Bedrock Edition)", "BEDROCK", "Amazon EC2", "NULL"]),
        usage_type(),
        name(&[
            "arn:aws:bedrock:us-east-1:111111111111:inference-profile/x",
            ":bedrock-agentcore",
            "i-1",
            "a \"b\", c",
        ]),
        name(&["InvokeModelInference", "invokemodelstreaming", "RunInstances", "Usage"]),
        name(&["Anthropic", "NULL", "Amazon"]),
        name(&["Amazon Bedrock Service", "amazon bedrock", "Amazon OpenSearch Service", "Claude 5 (bedrock edition)"]),
    ]
}

const CODES: &[&str] = &[
    "AmazonBedrock",
    "Amazon Bedrock Service",
    "amazonbedrockagentcore",
    "AWSBEDROCKNEW",
    "AmazonBedrockFoundationModels",
    "Amazon Bedrock Managed Knowledge Base",
    "AmazonES",
    "AmazonRDS",
    "AmazonS3",
    "4a524th30q694o538qndh9ucht",
    "NULL",
];

fn name(known: &'static [&'static str]) -> BoxedStrategy<String> {
    let known = proptest::sample::select(known).prop_map(str::to_owned);
    prop_oneof![4 => known, 3 => Just(String::new()), 1 => "\\PC{0,12}"].boxed()
}

fn usage_type() -> BoxedStrategy<String> {
    let words = &[
        "USE1-",
        "EU_",
        "MP:",
        "mp:",
        "USE1_",
        "InputTokenCount",
        "output-tokens",
        "Reserved_1Month",
        "ModelUnits",
        "_",
        "-",
        "-Units",
        "-units",
        "SearchOCU",
        "indexingocu",
        "IngestionOCU",
        "StorageUsedInS3ByteHour",
        "\"",
        ",",
        "BoxUsage:",
        " ",
    ];
    let words = proptest::collection::vec(proptest::sample::select(&words[..]), 0..6);
    words.prop_map(|words| words.concat()).boxed()
}

#[test]
fn the_tables_have_their_needles() {
    let needles = Needles::new(&[]);
    assert!(matches!(needles.finder, Finder::Packed(_) | Finder::General(_)));
    for (code, _) in PRODUCT_CODES {
        assert!(
            needles.find(code.as_bytes(), 0).is_some() && needles.find(code.to_uppercase().as_bytes(), 0).is_some()
        );
        assert!(code.contains(WORD), "{code}: its needle has no spaces; see how bills spell it");
    }
    assert_eq!(["SearchOCU", "StorageUsedInS3ByteHour", "MP:", "-Units", "InvokeModel"].map(rarest), [6, 13, 0, 0, 4]);
}

#[test]
fn needles_are_found_whole_and_in_the_cases_they_have() {
    let needles = Needles::new(EXTRA);
    for text in
        ["aBeDRoCKb", "xSearchOCU", "-Units", "MP:", "InvokeModelInference", EXTRA[0], "store/\"\"a\"\"", EXTRA[1]]
    {
        assert!(needles.find(text.as_bytes(), 0).is_some(), "{text}");
    }
    for text in
        ["", "edrock", "bedroc", "bed rock", "SearchOC", "-Unit", "MP", "us-east-1:111111111111:cluster:kb", "OCU"]
    {
        assert_eq!(needles.find(text.as_bytes(), 0), None, "{text}");
    }
    // The fast search takes 32 words before it takes half of its speed.
    let fragments: BTreeSet<_> = Needles::new(&[]).list.iter().flat_map(Needle::fragments).collect();
    assert!(fragments.len() <= 32, "{}", fragments.len());
    // A miss right before a hit does not hide it.
    assert_eq!(needles.find(b"edrbedrock", 0), Some(4));
    assert_eq!(needles.find(b"bedrock,bedrock", 2), Some(9));
}

#[test]
fn more_extra_needles_than_the_fast_search_takes_are_found_too() {
    let stores: Vec<String> = (0..1_000).map(|n| format!("arn:aws:s3vectors:::bucket/store-{n:04}")).collect();
    let needles = Needles::new(&stores.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(matches!(needles.finder, Finder::General(_)));
    assert!(needles.find(b"x,arn:aws:s3vectors:::bucket/store-0999,y", 0).is_some());
    assert_eq!(needles.find(b"x,arn:aws:s3vectors:::bucket/store-1000,y", 0), None);
}

#[test]
fn the_first_rows_and_every_64th_are_handed_over() {
    let text: String =
        (1..=5_000).map(|n| if n == 4_500 { "Bedrock\n".to_owned() } else { format!("row {n}\n") }).collect();
    let (rows, scanned) = scan_all(&mut text.as_bytes());
    assert!(scanned.rows == 5_000 && scanned.fault.is_none());
    let mut expected: Vec<u64> = (1..=4_096).chain((65..=78).map(|n| n * 64)).chain([4_500]).collect();
    expected.sort_unstable();
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), expected);
}

#[test]
fn a_quoted_line_break_anywhere_keeps_the_numbers_of_rows() {
    let mut text = "a,b\n".repeat(9_999) + "\"two\r\nlines\",b\r\n\r\n";
    text += &"c,d\r\n".repeat(9_999);
    text += "bedrock,\"x\ny\"";
    for window in [100, 256 * 1024] {
        let (rows, scanned) =
            scan_with(text.as_bytes(), window, &Needles::new(&[]), Sampling { head: 0, every: 10_000 });
        assert!(scanned.rows == 20_000 - 1 + 1 && scanned.fault.is_none());
        let cells = |cells: &[&str]| cells.iter().map(|cell| cell.as_bytes().to_vec()).collect();
        assert_eq!(rows, [(10_000, cells(&["two\r\nlines", "b"])), (20_000, cells(&["bedrock", "x\ny"]))]);
    }
}

#[test]
fn quotes_where_no_writer_puts_them_are_read_as_the_parser_reads_them() {
    for text in [
        // A needle of which a quote is a part only in the text.
        "a,\"bed\"rock,b\n1,2\n",
        "\"Search\"OCU\n",
        // Quotes that pair up in the line, and leave a cell open in the parser.
        "a\"b,\"c\nd\",bedrock\n",
        "5\",x,\"y\nz\",MP:\n",
        "a \"b\",\"c\nbedrock\"\n",
        // Text after a closing quote, and a quote after that, which is text.
        "\"a\"b\",bedrock\n1\n",
        "\"a\"b\"\"c\nd\",bedrock\n1\n",
        "\"a\"\"\"b\",\"c\n\"\n-Units\n",
        "\"\"bedrock\n\"\"\"\",x\n",
        "\"a\" ,\"b\nbedrock\"\n",
        "\u{feff}\"a,b\",\"c\nbedrock\"\n",
    ] {
        for window in [1, 3, 7, 1_000] {
            for before in ["", "x,y\n"] {
                let text = before.to_owned() + text;
                agrees(text.as_bytes(), window, NO_SAMPLES).unwrap_or_else(|fault| panic!("{text:?}: {fault}"));
            }
        }
    }
}

#[test]
fn the_header_is_read_and_no_byte_more() {
    for (text, cells, rest) in [
        ("a,b\n1,2\n", Some(vec!["a", "b"]), "1,2\n"),
        ("\n\r\n\"a\nb\",c\r\n1,2", Some(vec!["a\nb", "c"]), "\n1,2"),
        ("a", Some(vec!["a"]), ""),
        ("\n\n", None, ""),
        ("", None, ""),
    ] {
        let mut left = text.as_bytes();
        let header = header(&mut left).expect("in memory");
        assert_eq!(header, cells.map(ByteRecord::from), "{text:?}");
        assert_eq!(left, rest.as_bytes(), "{text:?}");
        let (rows, _) = scan_all(&mut left);
        assert_eq!(rows.len(), usize::from(rest.contains("1,2")));
    }
}

#[test]
fn a_quote_that_never_closes_does_not_take_all_memory() {
    let endless = || "1,2\n\"a\nb\",\"c".as_bytes().chain(std::io::repeat(b'x'));
    for one_line in [true, false] {
        let open = if one_line { "1,2\n3,4\n5" } else { "1,2\n\"a\nb\",3\n\"c\n" };
        let mut text = BufReader::new(open.as_bytes().chain(std::io::repeat(b'x')));
        let (rows, scanned) = scan_all(&mut text);
        assert_eq!((rows.len(), scanned.rows), (2, 2));
        let fault = scanned.fault.expect("no end");
        assert_eq!(fault.kind(), ErrorKind::InvalidData);
        assert_eq!(fault.to_string(), "row 3 is longer than 16 MiB: it opens a quote that is not closed");
    }
    let (rows, scanned) = scan_all(&mut BufReader::new(endless().take(1_000)));
    assert_eq!((rows.len(), scanned.rows), (1, 1));
    assert_eq!(scanned.fault.expect("open").to_string(), "row 2 opens a quote that is never closed");
}

#[test]
fn what_comes_before_a_cut_is_used_and_the_cut_row_is_not() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut noise = 1_u64;
    for n in 0..20_000 {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        writeln!(packed, "{n},bedrock {noise}").expect("in memory");
    }
    let packed = packed.finish().expect("in memory");
    for quoted in [false, true] {
        let before = if quoted { "\"x\ny\",z\n" } else { "x,y\n" };
        let cut = BufReader::new(flate2::bufread::MultiGzDecoder::new(&packed[..packed.len() / 2]));
        let (rows, scanned) = scan_all(&mut BufReader::new(before.as_bytes().chain(cut)));
        assert_eq!(scanned.fault.expect("cut").kind(), ErrorKind::UnexpectedEof);
        assert!((5_000..15_000).contains(&rows.len()) && scanned.rows == rows.len() as u64);
        let last = rows.last().expect("rows");
        assert_eq!(last.1[0], (rows.len() - 2).to_string().as_bytes());
        // The last row is whole: 19 digits or so, as `noise` was then.
        let mut noise = 1_u64;
        for _ in 0..rows.len() - 1 {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        }
        assert_eq!(last.1[1], format!("bedrock {noise}").as_bytes());
    }
}

#[test]
fn a_refused_row_stops_the_scan() {
    let mut seen = 0;
    let stopped = scan(&mut "a\nb\nc\n".as_bytes(), &Needles::new(&[]), &mut |picked| {
        seen = picked.number;
        if picked.number == 2 { Err("enough") } else { Ok(()) }
    });
    assert_eq!((stopped.err(), seen), (Some("enough"), 2));
}
