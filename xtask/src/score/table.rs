//! The score as a table for a terminal.

use std::collections::BTreeMap;

use lode_model::Money;
use lode_recommenders::ALL;

use super::classes;
use super::compare::{Score, Sums};
use crate::tables::aligned;

const HEADER: [&str; 10] =
    ["seed", "lever", "habits", "truth", "found", "recall", "recommended", "false", "false %", "error"];
/// The first columns are text.
const TEXT: usize = 2;

/// The table, the table of the classes, then the cases worth a look.
pub(super) fn lines(scores: &[Score]) -> Vec<String> {
    let mut rows = vec![HEADER.map(str::to_owned)];
    let mut all: BTreeMap<String, Sums> = BTreeMap::new();
    let mut total = Sums::default();
    for score in scores {
        rows.extend(rows_of(&score.seed.to_string(), &score.levers, score.total()));
        score.levers.iter().for_each(|(lever, sums)| *all.entry(lever.clone()).or_default() += *sums);
        total += score.total();
    }
    if scores.len() > 1 {
        rows.extend(rows_of("all", &all, total));
    }
    let mut lines = aligned(&rows, TEXT);
    lines.push(String::new());
    let claims = classes::lines(scores);
    if !claims.is_empty() {
        lines.extend(claims);
        lines.push(String::new());
    }
    for score in scores {
        let (count, dollars) = score.trap;
        lines.push(format!("seed {}: trap estate: {count} recommendations, ${dollars} a month", score.seed));
    }
    lines.extend(scores.iter().flat_map(|score| score.remarks.iter().cloned()));
    lines
}

/// Levers in documented order, those that nobody documents last, then their sum.
fn rows_of(seed: &str, levers: &BTreeMap<String, Sums>, total: Sums) -> Vec<[String; 10]> {
    let place = |lever: &str| ALL.iter().position(|recommender| recommender.meta().lever.id == lever);
    let mut sorted: Vec<(&str, Sums)> = levers.iter().map(|(lever, sums)| (lever.as_str(), *sums)).collect();
    sorted.sort_by_key(|(lever, _)| (place(lever).unwrap_or(ALL.len()), *lever));
    sorted.push(("total", total));
    sorted.into_iter().map(|(lever, sums)| row(seed, lever, sums)).collect()
}

fn row(seed: &str, lever: &str, sums: Sums) -> [String; 10] {
    let Sums { habits, truth, found, recommended, wrong, matched, off } = sums;
    [
        seed.to_owned(),
        lever.to_owned(),
        habits.to_string(),
        truth.to_string(),
        found.to_string(),
        share(found, truth),
        recommended.to_string(),
        wrong.to_string(),
        share(wrong, recommended),
        share(off, matched),
    ]
}

/// `-` where there is nothing to be a share of.
pub(super) fn share(part: Money, whole: Money) -> String {
    if whole == Money::ZERO { "-".to_owned() } else { format!("{:.1} %", part.share_of(whole) * 100.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money::parse(text).expect("a decimal")
    }

    #[test]
    fn levers_stand_in_documented_order_above_their_sum() {
        let caching = Sums {
            habits: 2,
            truth: money("1234.5"),
            found: money("1200"),
            recommended: money("1200"),
            wrong: Money::ZERO,
            matched: money("1234.5"),
            off: money("34.5"),
        };
        let stray = Sums { recommended: money("10"), wrong: money("10"), ..Sums::default() };
        let levers = [("unheard-of", stray), ("vector-store", stray), ("prompt-caching", caching)];
        let levers = levers.map(|(lever, sums)| (lever.to_owned(), sums)).into();
        let score =
            Score { seed: 101, levers, remarks: vec!["a case".to_owned()], trap: (0, Money::ZERO), claims: None };
        assert_eq!(
            lines(&[score]),
            [
                "seed  lever           habits     truth     found  recall  recommended  false  false %  error",
                "101   prompt-caching       2  1,234.50  1,200.00  97.2 %     1,200.00   0.00    0.0 %  2.8 %",
                "101   vector-store         0      0.00      0.00       -        10.00  10.00  100.0 %      -",
                "101   unheard-of           0      0.00      0.00       -        10.00  10.00  100.0 %      -",
                "101   total                2  1,234.50  1,200.00  97.2 %     1,220.00  20.00    1.6 %  2.8 %",
                "",
                "seed 101: trap estate: 0 recommendations, $0.00 a month",
                "a case",
            ]
        );
    }
}
