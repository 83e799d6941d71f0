//! How billed tokens and logged tokens of one price key are matched, and how dollars follow them. Integers only:
//! every token and every pico-dollar is somewhere afterwards.
//!
//! Knows neither days nor keys: the caller hands over what may be matched with each other.

use std::collections::BTreeMap;

use lode_model::{Caller, Money, Rate};

/// What was billed: one charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Billed<'a> {
    /// Whom the bill names.
    pub(crate) caller: &'a Caller,
    /// Charges of one kind are found under the same names on the bill: seller and usage type.
    pub(crate) kind: usize,
    /// Tokens, not negative. What is left of them after [`match_up`] is in no log.
    pub(crate) tokens: i128,
    /// Dollars of these tokens, not negative.
    pub(crate) dollars: Money,
}

/// What was logged: the calls of one workload on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged<'a> {
    /// Whom the logs name.
    pub(crate) caller: &'a Caller,
    /// Tokens, not negative. What is left of them after [`match_up`] is on no bill.
    pub(crate) tokens: i128,
}

/// Billed tokens and dollars of one kind that pay for what was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Kind of charge.
    pub(crate) kind: usize,
    /// Place among what was logged.
    pub(crate) logged: usize,
    /// Tokens.
    pub(crate) tokens: i128,
    /// Dollars.
    pub(crate) dollars: Money,
}

/// Matches callers that both name, each with itself (`unattributed` names nobody); then all that is left with all that is left. Where the logs have
/// more than the bill, each part of them is scaled down alike; where the bill has more, the rest is taken from each
/// charge alike.
pub(crate) fn match_up(billed: &mut [Billed<'_>], logged: &mut [Logged<'_>]) -> Vec<Flow> {
    let mut by_caller: BTreeMap<&Caller, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (place, charge) in billed.iter().enumerate().filter(|(_, charge)| charge.caller.is_attributed()) {
        by_caller.entry(charge.caller).or_default().0.push(place);
    }
    for (place, calls) in logged.iter().enumerate() {
        by_caller.entry(calls.caller).and_modify(|both| both.1.push(place));
    }
    let mut flows = Vec::new();
    for (charges, calls) in by_caller.into_values() {
        pool(billed, &charges, logged, &calls, &mut flows);
    }
    let (all_billed, all_logged): (Vec<usize>, Vec<usize>) = ((0..billed.len()).collect(), (0..logged.len()).collect());
    pool(billed, &all_billed, logged, &all_logged, &mut flows);
    flows
}

/// Matches some charges with some calls.
fn pool(
    billed: &mut [Billed<'_>],
    rows: &[usize],
    logged: &mut [Logged<'_>],
    columns: &[usize],
    flows: &mut Vec<Flow>,
) {
    let of_rows: Vec<i128> = rows.iter().map(|&row| billed[row].tokens).collect();
    let of_columns: Vec<i128> = columns.iter().map(|&column| logged[column].tokens).collect();
    let matched = of_rows.iter().sum::<i128>().min(of_columns.iter().sum());
    if matched <= 0 {
        return;
    }
    let mut kinds: BTreeMap<usize, (i128, Money)> = BTreeMap::new();
    for (&row, taken) in rows.iter().zip(scaled(&of_rows, matched)) {
        let charge = &mut billed[row];
        let dollars = part(charge.dollars, taken, charge.tokens);
        charge.tokens -= taken;
        charge.dollars -= dollars;
        let kind = kinds.entry(charge.kind).or_default();
        kind.0 += taken;
        kind.1 += dollars;
    }
    let taken = scaled(&of_columns, matched);
    for (&column, taken) in columns.iter().zip(&taken) {
        logged[column].tokens -= taken;
    }
    let of_kinds: Vec<i128> = kinds.values().map(|(tokens, _)| *tokens).collect();
    for ((&kind, &(tokens, dollars)), shares) in kinds.iter().zip(table(&of_kinds, &taken)) {
        let (mut so_far, mut spent) = (0, Money::ZERO);
        for (&logged, share) in columns.iter().zip(shares).filter(|(_, share)| *share > 0) {
            so_far += share;
            let up_to_here = part(dollars, so_far, tokens);
            flows.push(Flow { kind, logged, tokens: share, dollars: up_to_here - spent });
            spent = up_to_here;
        }
    }
}

/// The part of some dollars that belongs to `tokens` of `all`: nothing of nothing, everything of everything.
pub(crate) fn part(dollars: Money, tokens: i128, all: i128) -> Money {
    Rate::new(dollars, all).map_or(Money::ZERO, |rate| rate.cost(tokens, 1))
}

/// Parts scaled down alike so that they add up to `whole`, which is not more than they do. No part grows: running
/// totals are rounded down, and each part is the difference of two.
fn scaled(parts: &[i128], whole: i128) -> Vec<i128> {
    let all: i128 = parts.iter().sum();
    if all == whole {
        return parts.to_vec();
    }
    let mut so_far = 0;
    let mut given = 0;
    let share = |part: &i128| {
        so_far += part;
        let up_to_here = times(so_far, whole, all);
        let share = up_to_here - given;
        given = up_to_here;
        share
    };
    parts.iter().map(share).collect()
}

/// A table of whole numbers with these sums of rows and of columns (which add up to the same), each cell as near to its
/// proportional share as whole numbers allow: rounded down, and what is missing filled in from the first row and
/// column on.
fn table(rows: &[i128], columns: &[i128]) -> Vec<Vec<i128>> {
    if let [_] = rows {
        return vec![columns.to_vec()];
    }
    let all: i128 = rows.iter().sum();
    let mut cells: Vec<Vec<i128>> =
        rows.iter().map(|row| columns.iter().map(|column| times(*row, *column, all)).collect()).collect();
    let mut missing: Vec<i128> = columns.to_vec();
    for row in &cells {
        for (column, cell) in missing.iter_mut().zip(row) {
            *column -= cell;
        }
    }
    for (row, cells) in rows.iter().zip(&mut cells) {
        let mut left = row - cells.iter().sum::<i128>();
        for (column, cell) in missing.iter_mut().zip(cells) {
            let more = left.min(*column);
            *cell += more;
            *column -= more;
            left -= more;
        }
    }
    cells
}

/// `left × right / all` rounded down, for `left` and `right` not above `all`. What no bill can hold is divided first.
fn times(left: i128, right: i128, all: i128) -> i128 {
    if all <= 0 {
        return 0;
    }
    left.checked_mul(right).map_or_else(|| left / all * right, |product| product / all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_are_scaled_down_and_add_up() {
        assert_eq!(scaled(&[3, 3, 3], 7), [2, 2, 3]);
        assert_eq!(scaled(&[0, 5], 5), [0, 5]);
        assert_eq!(scaled(&[1, 1], 0), [0, 0]);
    }

    #[test]
    fn a_table_keeps_both_sums() {
        assert_eq!(table(&[6, 2], &[4, 4]), [vec![3, 3], vec![1, 1]]);
        assert_eq!(table(&[1, 1], &[1, 1]), [vec![1, 0], vec![0, 1]]);
    }

    #[test]
    fn a_caller_is_matched_with_itself_before_anybody_else() {
        let (app, other, team) = (Caller::from("role/app"), Caller::from("role/other"), Caller::from("team=search"));
        let billed = |caller, tokens, pico| Billed { caller, kind: 0, tokens, dollars: Money::from_pico(pico) };
        let mut bill = [billed(&app, 100, 1_000), billed(&other, 60, 600)];
        let mut logs = [Logged { caller: &app, tokens: 80 }, Logged { caller: &team, tokens: 40 }];
        let flows = match_up(&mut bill, &mut logs);
        // The app's own 80; then 40 of the 20 and 60 that are left, a quarter and three quarters.
        assert_eq!(
            flows.iter().map(|f| (f.logged, f.tokens, f.dollars.pico())).collect::<Vec<_>>(),
            [(0, 80, 800), (1, 40, 400)]
        );
        assert_eq!([bill[0].tokens, bill[1].tokens], [10, 30]);
        assert_eq!([bill[0].dollars.pico(), bill[1].dollars.pico()], [100, 300]);
        assert_eq!([logs[0].tokens, logs[1].tokens], [0, 0]);
    }

    #[test]
    fn callers_of_a_bill_that_names_none_are_scaled_alike() {
        let (nobody, app) = (Caller::from(Caller::UNATTRIBUTED), Caller::from("role/app"));
        let mut bill = [Billed { caller: &nobody, kind: 0, tokens: 90, dollars: Money::from_pico(900) }];
        let mut logs = [Logged { caller: &nobody, tokens: 50 }, Logged { caller: &app, tokens: 50 }];
        let flows = match_up(&mut bill, &mut logs);
        assert_eq!(flows.iter().map(|f| (f.tokens, f.dollars.pico())).collect::<Vec<_>>(), [(45, 450), (45, 450)]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(
            bill in proptest::collection::vec((0_usize..3, 0_usize..3, 0_i128..50, 0_i128..1_000_000), 0..6),
            logs in proptest::collection::vec((0_usize..3, 0_i128..50), 0..6),
        ) {
            let callers = ["a", "b", "c"].map(Caller::from);
            let mut billed: Vec<Billed<'_>> = bill
                .iter()
                .map(|&(caller, kind, tokens, pico)| Billed {
                    caller: &callers[caller],
                    kind,
                    tokens,
                    dollars: Money::from_pico(if tokens == 0 { 0 } else { pico }),
                })
                .collect();
            let mut logged: Vec<Logged<'_>> =
                logs.iter().map(|&(caller, tokens)| Logged { caller: &callers[caller], tokens }).collect();
            let (bill, logs) = (billed.clone(), logged.clone());
            let flows = match_up(&mut billed, &mut logged);
            let tokens = |billed: &[Billed<'_>]| billed.iter().map(|b| b.tokens).sum::<i128>();
            let dollars = |billed: &[Billed<'_>]| billed.iter().map(|b| b.dollars).sum::<Money>();
            let all: i128 = flows.iter().map(|flow| flow.tokens).sum();
            prop_assert_eq!(tokens(&billed) + all, tokens(&bill));
            prop_assert_eq!(dollars(&billed) + flows.iter().map(|flow| flow.dollars).sum::<Money>(), dollars(&bill));
            prop_assert_eq!(all, tokens(&bill).min(logs.iter().map(|l| l.tokens).sum()), "as much as both have");
            for kind in 0..3 {
                let before: i128 = bill.iter().filter(|b| b.kind == kind).map(|b| b.tokens).sum();
                let after: i128 = billed.iter().filter(|b| b.kind == kind).map(|b| b.tokens).sum();
                prop_assert_eq!(after + flows.iter().filter(|f| f.kind == kind).map(|f| f.tokens).sum::<i128>(), before);
            }
            for (place, (before, after)) in logs.iter().zip(&logged).enumerate() {
                let flowed: i128 = flows.iter().filter(|flow| flow.logged == place).map(|flow| flow.tokens).sum();
                prop_assert_eq!(after.tokens + flowed, before.tokens);
                prop_assert!(after.tokens >= 0);
            }
            prop_assert!(billed.iter().all(|b| b.tokens >= 0 && b.dollars >= Money::ZERO));
            prop_assert!(flows.iter().all(|flow| flow.tokens > 0 && flow.dollars >= Money::ZERO));
        }
    }
}
