//! The cache counters of the logs against the bill, on months of 30 days worked out by hand: each day is billed 20,000
//! tokens of input, 70,000 of cache reads and 10,000 of cache writes, so that 1,000 tokens are one per cent.

use jiff::civil::{Date, date};
use lode_model::{Class, ModelId};
use lode_sim::{CacheCounters, CacheDay, CacheTokens, Estate};
use lode_testkit::EstateFile;

const SETTLED: Date = date(2026, 12, 1);
const CLAUDE: &str = "anthropic.claude-sonnet-5-5";
const NOVA: &str = "amazon.nova-2-lite-v1:0";

const INPUT: &str = r#""class":"input","tokens":20000,"usd":"0.04""#;
const READS: &str = r#""class":"cache-read","tokens":70000,"usd":"0.007""#;
const WRITES: &str = r#""class":"cache-write-5m","tokens":10000,"usd":"0.025""#;
const BILL: [&str; 3] = [INPUT, READS, WRITES];
/// A tenth of a day.
const CALL: &str = r#""input":2000,"cache_read":7000,"cache_write_5m":1000"#;

fn month(model: &str, bill: &[&str], calls: &[(u32, &str)]) -> EstateFile {
    let same =
        format!(r#""account":"111122223333","region":"us-east-1","routing":"global","role":"app","model":"{model}""#);
    let charge = |what: &&str| format!("{{{same},{what}}}");
    let call = |(times, what): &(u32, &str)| {
        let repeat = format!(r#"{{"times":{times},"every_seconds":60,"days":30}}"#);
        format!(r#"{{"time":"2026-10-01T08:00:00Z","repeat":{repeat},{same},{what}}}"#)
    };
    let text = format!(
        r#"{{"first":"2026-10-01","last":"2026-10-30","charges":[{}],"requests":[{}]}}"#,
        bill.iter().map(charge).collect::<Vec<_>>().join(","),
        calls.iter().map(call).collect::<Vec<_>>().join(",")
    );
    serde_json::from_str(&text).expect("an estate")
}

fn counters(estate: &Estate) -> CacheCounters {
    CacheCounters::of(estate).expect("cache tokens and logs")
}

fn claude(bill: &[&str], calls: &[(u32, &str)]) -> CacheCounters {
    counters(&month(CLAUDE, bill, calls).build(SETTLED))
}

fn days(counters: &CacheCounters) -> (u64, u64, u64) {
    (counters.days_compared, counters.days_off, counters.days_not_comparable)
}

fn of_model(counters: &CacheCounters, model: &str) -> Option<f64> {
    counters.of_model(&"111122223333".into(), &"us-east-1".into(), &ModelId::from(model))
}

#[test]
fn logs_and_bill_agree() {
    let all = claude(&BILL, &[(10, CALL)]);
    assert_eq!(days(&all), (30, 0, 0));
    assert_eq!((all.tokens_compared, all.tokens_off), (3_000_000, 0));
    assert_eq!((&all.rows[..], &all.reads_only[..]), (&[][..], &[][..]));
    assert_eq!(of_model(&all, CLAUDE), Some(0.0));
    assert_eq!(of_model(&all, NOVA), None, "nothing of it is here");
}

/// On 3 October no read is billed, on 5 October no write. Of the third's prompt tokens 70 % are reads by the logs and
/// none by the bill. Of the fifth's 90,000 billed tokens 70,000 are reads: 77.8 % against 70; 10 % are writes against
/// none: 10,000 of 100,000.
#[test]
fn a_day_whose_reads_are_not_billed_is_off() {
    let file = month(CLAUDE, &BILL, &[(10, CALL)]);
    let mut bill = file.bill();
    bill.lines.retain(|line| match line.billed_as.class {
        Class::CacheRead => line.span.first != date(2026, 10, 3),
        Class::CacheWrite(_) => line.span.first != date(2026, 10, 5),
        _ => true,
    });
    let all = counters(&file.build_with(&bill, &file.options(SETTLED)));
    assert_eq!(days(&all), (30, 2, 0));
    assert_eq!((all.tokens_compared, all.tokens_off), (3_000_000, 80_000));
    let logged = CacheTokens { prompt: 100_000, read: 70_000, written: 10_000 };
    let row = |day, billed, tokens_off| CacheDay {
        account: "111122223333".into(),
        region: "us-east-1".into(),
        model: CLAUDE.into(),
        date: date(2026, 10, day),
        logged,
        billed,
        writes_compared: true,
        tokens_off,
    };
    let third = row(3, CacheTokens { prompt: 30_000, read: 0, written: 10_000 }, 70_000);
    let fifth = row(5, CacheTokens { prompt: 90_000, read: 70_000, written: 0 }, 10_000);
    assert_eq!((third.prompt_tokens(), third.share_off()), (100_000, 0.7));
    assert_eq!(all.rows, [third, fifth]);
    assert_eq!(of_model(&all, CLAUDE), Some(80_000.0 / 3_000_000.0));
}

#[test]
fn half_the_calls_with_the_same_shares_agree() {
    let half = claude(&BILL, &[(5, CALL)]);
    assert_eq!((days(&half), half.tokens_compared, half.tokens_off), ((30, 0, 0), 3_000_000, 0));
}

#[test]
fn less_than_half_the_tokens_are_not_compared() {
    let few = claude(&BILL, &[(4, CALL)]);
    assert_eq!((days(&few), few.tokens_compared), ((0, 0, 30), 0));
    assert_eq!(of_model(&few, CLAUDE), None);
}

/// Half the calls, with reads of 65 and of 64 % in place of 70.
#[test]
fn five_per_cent_are_within_the_tolerance() {
    let near = claude(&BILL, &[(5, r#""input":2500,"cache_read":6500,"cache_write_5m":1000"#)]);
    assert_eq!((days(&near), near.tokens_off, of_model(&near, CLAUDE)), ((30, 0, 0), 150_000, Some(0.05)));
    let far = claude(&BILL, &[(5, r#""input":2600,"cache_read":6400,"cache_write_5m":1000"#)]);
    assert_eq!((days(&far), far.tokens_off), ((30, 30, 0), 180_000));
    let dates: Vec<Date> = far.rows.iter().map(|row| row.date).collect();
    assert!(dates.is_sorted(), "equal ones by date: {dates:?}");
}

#[test]
fn writes_are_compared_whatever_time_to_live_bills_them() {
    let one_hour = r#""class":"cache-write-1h","tokens":10000,"usd":"0.04""#;
    let same = claude(&[INPUT, READS, one_hour], &[(10, CALL)]);
    assert_eq!((days(&same), same.tokens_off, &same.reads_only[..]), ((30, 0, 0), 0, &[][..]));
    // Ten per cent of the logs are writes; of 100,000 billed tokens 20,000 are.
    let (less, twice) =
        (r#""class":"input","tokens":10000,"usd":"0.02""#, r#""class":"cache-write-1h","tokens":20000,"usd":"0.08""#);
    let more = claude(&[less, READS, twice], &[(5, CALL)]);
    assert_eq!((days(&more), more.rows[0].tokens_off), ((30, 30, 0), 10_000));
}

#[test]
fn without_a_row_of_writes_only_reads_are_compared() {
    let input = r#""class":"input","tokens":30000,"usd":"0.009""#;
    let reads = r#""class":"cache-read","tokens":70000,"usd":"0.00525""#;
    let nova = counters(&month(NOVA, &[input, reads], &[(10, CALL)]).build(SETTLED));
    assert_eq!((days(&nova), nova.tokens_off), ((30, 0, 0), 0), "its writes are billed as input");
    assert_eq!(nova.reads_only, [("111122223333".into(), "us-east-1".into(), NOVA.into())]);
    let fewer = r#""input":4000,"cache_read":5000,"cache_write_5m":1000"#;
    let nova = counters(&month(NOVA, &[input, reads], &[(5, fewer)]).build(SETTLED));
    assert_eq!((days(&nova), nova.rows[0].tokens_off, nova.rows[0].writes_compared), ((30, 30, 0), 20_000, false));
}

/// Batch calls and failed calls would change the shares, and do not.
#[test]
fn only_successful_calls_on_demand_are_compared() {
    let batch = r#""mode":"batch","class":"input","tokens":900000,"usd":"0.9""#;
    let calls =
        [(10, CALL), (9, r#""mode":"batch","input":100000"#), (1, r#""error":"ThrottlingException","input":4000"#)];
    let all = claude(&[INPUT, READS, WRITES, batch], &calls);
    assert_eq!((days(&all), all.tokens_compared, all.tokens_off), ((30, 0, 0), 3_000_000, 0));
}

#[test]
fn without_logs_or_cache_tokens_there_is_nothing_to_compare() {
    assert_eq!(CacheCounters::of(&month(CLAUDE, &BILL, &[]).build(SETTLED)), None);
    assert_eq!(CacheCounters::of(&month(CLAUDE, &[INPUT], &[(10, r#""input":2000"#)]).build(SETTLED)), None);
}

#[test]
fn days_that_the_export_lacks_in_part_do_not_count() {
    // Two days before the report the export may still grow.
    let all = counters(&month(CLAUDE, &BILL, &[(10, CALL)]).build(date(2026, 10, 30)));
    assert_eq!(days(&all), (28, 0, 0));
}

#[test]
fn tokens_of_several_days_or_of_no_quantity_are_not_compared() {
    // One charge for the month, of 30,000 tokens more than the logs have: of which day, it does not say.
    let reads = r#""class":"cache-read","tokens":2130000,"usd":"0.213","days":"whole""#;
    assert_eq!(days(&claude(&[INPUT, reads, WRITES], &[(10, CALL)])), (0, 0, 30));
    let fixed = r#""class":"cache-read","usd":"0.007","days":"first""#;
    assert_eq!(days(&claude(&[INPUT, READS, WRITES, fixed], &[(10, CALL)])), (29, 0, 1));
}

/// Without the reads of three days the bill lacks seven per cent of the logged tokens: the join withholds the calls, and
/// its warning stands in place of this comparison.
#[test]
fn calls_whose_dollars_are_withheld_are_not_compared() {
    let file = month(CLAUDE, &BILL, &[(10, CALL)]);
    let mut bill = file.bill();
    bill.lines.retain(|line| line.billed_as.class != Class::CacheRead || line.span.first > date(2026, 10, 3));
    let estate = file.build_with(&bill, &file.options(SETTLED));
    assert_eq!(estate.tie_out.as_ref().map(|tie| tie.withheld.len()), Some(1));
    assert_eq!(days(&counters(&estate)), (0, 0, 0));
}

/// A model without cache tokens adds no day that agrees.
#[test]
fn models_without_cache_tokens_do_not_count() {
    let embeddings = r#""class":"input","tokens":1000,"usd":"0.002""#;
    let mut file = month(CLAUDE, &BILL, &[(10, CALL)]);
    let other = month(NOVA, &[embeddings], &[(1, r#""input":1000"#)]);
    file.requests.extend(other.requests.clone());
    let mut bill = file.bill();
    bill.lines.extend(other.bill().lines);
    assert_eq!(days(&counters(&file.build_with(&bill, &file.options(SETTLED)))), (30, 0, 0));
}
