//! What callers read from the prompt cache and write to it by day, on months of three days worked out by hand.

use jiff::civil::date;
use lode_sim::{CacheTokens, CacheUse, Estate};
use lode_testkit::EstateFile;

fn charge(role: &str, class: &str, tokens: u64) -> String {
    format!(
        r#"{{"account":"111111111111","region":"us-east-1","routing":"global","role":"{role}",
            "model":"anthropic.claude-sonnet-5-5","class":"{class}","tokens":{tokens},"usd":"0.01"}}"#
    )
}

fn estate(charges: &[String], settled_to: i8) -> Estate {
    let text = format!(r#"{{"first":"2026-10-01","last":"2026-10-03","charges":[{}]}}"#, charges.join(","));
    let file: EstateFile = serde_json::from_str(&text).expect("an estate");
    let mut estate = file.build(date(2026, 12, 1));
    estate.window.complete_to = Some(date(2026, 10, settled_to));
    estate
}

#[test]
fn callers_with_cache_tokens_come_by_their_number_on_complete_days() {
    let charges = [
        charge("small", "input", 1_000),
        charge("small", "cache-read", 100),
        charge("large", "cache-write-5m", 50),
        charge("large", "cache-read", 200),
        charge("without", "input", 9_000),
    ];
    let found = CacheUse::of(&estate(&charges, 2));
    let callers: Vec<String> = found.iter().map(|found| found.caller.to_string()).collect();
    assert_eq!(callers, ["role/large", "role/small"]);
    assert!(found.iter().all(|found| found.billed && found.days.len() == 2), "{found:?}");
    let day = |nth: i8| found[1].days[&date(2026, 10, nth)];
    assert_eq!([day(1), day(2)], [CacheTokens { prompt: 1_100, read: 100, written: 0 }; 2]);
    assert_eq!(found[0].total(), CacheTokens { prompt: 500, read: 400, written: 100 });
}

#[test]
fn rows_of_several_days_without_logs_say_nothing_of_a_day() {
    let mut estate = estate(&[charge("app", "cache-read", 100)], 3);
    assert_eq!(CacheUse::of(&estate).len(), 1);
    estate.charges[0].span.last = date(2026, 10, 2);
    assert!(CacheUse::of(&estate).is_empty());
}
