//! What each line costs on a basis. A negotiated discount is counted once: either through the net columns, or
//! by spreading its negative rows over the usage they belong to.

use std::collections::BTreeMap;

use lode_model::{AccountId, BillLine, ChargeKind, Money};
use lode_sim::Basis;

/// The cost of each line, in order, and the discounts that belong to no usage, by account.
pub(crate) fn costs(lines: &[&BillLine], has_net: bool, basis: Basis) -> (Vec<Money>, Vec<(AccountId, Money)>) {
    let mut costs: Vec<Money> = lines
        .iter()
        .map(|line| match basis {
            _ if line.kind == ChargeKind::Discount => Money::ZERO,
            Basis::Net => line.net.unwrap_or(line.unblended),
            Basis::Unblended => line.unblended,
            Basis::List => line.list.unwrap_or(line.unblended),
        })
        .collect();
    // With net columns the discount is in them; the other bases are before discounts.
    if has_net || basis != Basis::Net {
        return (costs, Vec::new());
    }
    let mut usage: BTreeMap<(&AccountId, &str), Vec<usize>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.kind == ChargeKind::Usage) {
        usage.entry((&line.account, &line.usage_type)).or_default().push(index);
    }
    let mut unspread: BTreeMap<AccountId, Money> = BTreeMap::new();
    for discount in lines.iter().filter(|line| line.kind == ChargeKind::Discount) {
        let any_day = usage.get(&(&discount.account, &*discount.usage_type)).map_or(&[][..], Vec::as_slice);
        let same_day: Vec<usize> = any_day.iter().copied().filter(|&i| lines[i].span == discount.span).collect();
        let spread = [&same_day[..], any_day].iter().any(|targets| spread(discount.unblended, targets, &mut costs));
        if !spread {
            *unspread.entry(discount.account.clone()).or_default() += discount.unblended;
        }
    }
    (costs, unspread.into_iter().filter(|(_, amount)| !amount.is_zero()).collect())
}

/// Spreads an amount over some costs in proportion to them, to the pico-dollar; the last takes the rest.
fn spread(amount: Money, targets: &[usize], costs: &mut [Money]) -> bool {
    let whole: Money = targets.iter().map(|&index| costs[index]).sum();
    let (Some((last, others)), true) = (targets.split_last(), whole > Money::ZERO) else { return false };
    let mut left = amount;
    let shares: Vec<Money> = others
        .iter()
        .map(|&index| {
            let share =
                lode_model::Rate::new(amount, whole.pico()).map_or(Money::ZERO, |r| r.cost(costs[index].pico(), 1));
            left -= share;
            share
        })
        .collect();
    for (&index, share) in others.iter().zip(shares) {
        costs[index] += share;
    }
    costs[*last] += left;
    true
}
