//! What an engine found, and whether all found the same: a fast wrong answer is no answer.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::data::Made;

/// Version of the report that this reads.
const REPORT_VERSION: u32 = 1;
/// Sums of doubles differ by their order; by so much of the sum at most, and a tenth of a cent.
const RELATIVE: f64 = 1e-9;
const DOLLARS: f64 = 0.001;

/// Sums over the rows of Bedrock, in dollars.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Sums {
    /// How many rows, where the engine says so; `lode bill` does not.
    pub(super) rows: Option<u64>,
    pub(super) unblended: f64,
    /// Usage in pricing units, where the engine says so.
    pub(super) amount: Option<f64>,
    pub(super) by_account: BTreeMap<String, f64>,
    pub(super) by_day: BTreeMap<String, f64>,
}

impl Sums {
    /// Whether another run of the same engine found the same.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.rows == other.rows && same(self.unblended, other.unblended)
    }
}

/// From what `peer.py` prints.
pub(super) fn of_peer(text: &str) -> anyhow::Result<Sums> {
    serde_json::from_str(text).context("the sums of a peer")
}

/// From the JSON report of `lode bill`. Rows that it could not use are an error here.
pub(super) fn of_lode(text: &str) -> anyhow::Result<Sums> {
    #[derive(Deserialize)]
    struct Report {
        schema_version: u32,
        window: Billed,
        bill: Bill,
        rejected: Rejected,
    }
    #[derive(Deserialize)]
    struct Bill {
        by_account: Vec<Billed>,
        by_day: Vec<Billed>,
    }
    #[derive(Deserialize)]
    struct Billed {
        account: Option<String>,
        day: Option<String>,
        billed: String,
    }
    #[derive(Deserialize)]
    struct Rejected {
        rows: u64,
        files: u64,
    }
    let report: Report = serde_json::from_str(text).context("the report of lode")?;
    ensure!(report.schema_version == REPORT_VERSION, "the report of lode has version {}", report.schema_version);
    let Rejected { rows, files } = report.rejected;
    ensure!(rows == 0 && files == 0, "lode could not use {rows} rows and {files} files");
    let dollars = |billed: &Billed| billed.billed.parse::<f64>().context("dollars in the report of lode");
    let by = |parts: &[Billed], name: fn(&Billed) -> &Option<String>| -> anyhow::Result<BTreeMap<String, f64>> {
        parts.iter().map(|part| Ok((name(part).clone().unwrap_or_default(), dollars(part)?))).collect()
    };
    Ok(Sums {
        rows: None,
        unblended: dollars(&report.window)?,
        amount: None,
        by_account: by(&report.bill.by_account, |part| &part.account)?,
        by_day: by(&report.bill.by_day, |part| &part.day)?,
    })
}

fn same(left: f64, right: f64) -> bool {
    (left - right).abs() <= DOLLARS + RELATIVE * left.abs().max(right.abs())
}

/// Where an engine differs from what was made, and from the others: one line each.
pub(super) fn differences(made: &Made, found: &[(String, Sums)]) -> anyhow::Result<Vec<String>> {
    let unblended: f64 = made.unblended.parse().context("dollars in made.json")?;
    let mut problems = Vec::new();
    for (name, sums) in found {
        if !same(sums.unblended, unblended) {
            problems.push(format!("{name}: unblended cost {:.6}, but {} was made", sums.unblended, made.unblended));
        }
        if let Some(rows) = sums.rows.filter(|rows| *rows != made.bedrock_rows) {
            problems.push(format!("{name}: {rows} rows of Bedrock, but {} were made", made.bedrock_rows));
        }
    }
    let Some(((first, wanted), others)) = found.split_first() else { return Ok(problems) };
    for (name, sums) in others {
        for (wanted, sums) in [(&wanted.by_account, &sums.by_account), (&wanted.by_day, &sums.by_day)] {
            let keys = wanted.keys().chain(sums.keys().filter(|key| !wanted.contains_key(*key)));
            problems.extend(keys.filter_map(|key| {
                let pair = (wanted.get(key), sums.get(key));
                let equal = matches!(pair, (Some(left), Some(right)) if same(*left, *right));
                (!equal).then(|| format!("{key}: {first} has {:?}, {name} {:?}", pair.0, pair.1))
            }));
        }
    }
    let amounts: Vec<(&String, f64)> = found.iter().filter_map(|(name, sums)| Some((name, sums.amount?))).collect();
    for pair in amounts.windows(2).filter(|pair| !same(pair[0].1, pair[1].1)) {
        problems.push(format!("usage: {} has {}, {} {}", pair[0].0, pair[0].1, pair[1].0, pair[1].1));
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LODE: &str = r#"{"schema_version": 1, "window": {"from": "2026-10-01", "billed": "10.500000"},
        "bill": {"by_account": [{"account": "111111111111", "monthly": "1", "billed": "10.500000"}],
                 "by_day": [{"day": "2026-10-01", "billed": "4.000000"}, {"day": "2026-10-02", "billed": "6.500000"}]},
        "rejected": {"rows": 0, "files": 0, "samples": []}}"#;
    const PEER: &str = r#"{"rows": 3, "groups": 2, "unblended": 10.500000000000002, "amount": 7.25,
        "by_account": {"111111111111": 10.5}, "by_day": {"2026-10-01": 4.0, "2026-10-02": 6.5}}"#;

    fn made(rows: u64, unblended: &str) -> Made {
        let text = format!(
            r#"{{"form": "csv", "rows": 9, "files": 1, "version": 1, "bedrock_rows": {rows}, "unblended": "{unblended}"}}"#
        );
        serde_json::from_str(&text).expect("made.json")
    }

    fn both(peer: &str) -> Vec<(String, Sums)> {
        let peer = of_peer(peer).expect("sums of a peer");
        vec![("lode".to_owned(), of_lode(LODE).expect("sums of lode")), ("duckdb".to_owned(), peer)]
    }

    #[test]
    fn equal_sums_are_equal() {
        assert_eq!(differences(&made(3, "10.5"), &both(PEER)).expect("sums"), Vec::<String>::new());
    }

    #[test]
    fn every_sum_that_differs_is_named() {
        let peer = PEER.replace("10.500000000000002", "10.51").replace(r#""2026-10-02": 6.5"#, r#""2026-10-03": 6.5"#);
        assert_eq!(
            differences(&made(4, "10.5"), &both(&peer)).expect("sums"),
            [
                "duckdb: unblended cost 10.510000, but 10.5 was made",
                "duckdb: 3 rows of Bedrock, but 4 were made",
                "2026-10-02: lode has Some(6.5), duckdb None",
                "2026-10-03: lode has None, duckdb Some(6.5)",
            ]
        );
        let mut three = both(PEER);
        three.push(("chdb".to_owned(), of_peer(&PEER.replace("7.25", "7.5")).expect("sums of a peer")));
        assert_eq!(differences(&made(3, "10.5"), &three).expect("sums"), ["usage: duckdb has 7.25, chdb 7.5"]);
    }

    #[test]
    fn a_report_of_rejected_rows_or_of_another_version_is_no_answer() {
        assert!(of_lode(&LODE.replace(r#""rows": 0"#, r#""rows": 2"#)).is_err());
        assert!(of_lode(&LODE.replace(r#""schema_version": 1"#, r#""schema_version": 2"#)).is_err());
        assert!(of_peer("not JSON").is_err());
    }
}
