//! What each line costs on a basis. A negotiated discount is counted once: either through the net columns, or
//! by spreading its negative rows over the usage they belong to.

use std::collections::BTreeMap;

use lode_model::{AccountId, BillLine, BillingSource, ChargeKind, Money};
use lode_sim::Basis;

/// Discounts that belong to no usage, by account and seller.
pub(crate) type Unspread = Vec<((AccountId, BillingSource), Money)>;

/// The cost of each line, in order, and the discounts that belong to no usage.
pub(crate) fn costs(lines: &[&BillLine], has_net: bool, basis: Basis) -> (Vec<Money>, Unspread) {
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
    let (mut by_type, mut by_seller): (BTreeMap<_, Vec<usize>>, BTreeMap<_, Vec<usize>>) = Default::default();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.kind == ChargeKind::Usage) {
        by_type.entry((&line.account, &*line.usage_type)).or_default().push(index);
        by_seller.entry((Some(&line.account), line.source)).or_default().push(index);
        by_seller.entry((None, line.source)).or_default().push(index);
    }
    let mut unspread: BTreeMap<(AccountId, BillingSource), Money> = BTreeMap::new();
    for discount in lines.iter().filter(|line| line.kind == ChargeKind::Discount) {
        let found = |targets: Option<&Vec<usize>>| targets.map_or(&[][..], Vec::as_slice).to_vec();
        let any_day = found(by_type.get(&(&discount.account, &*discount.usage_type)));
        let same_day = any_day.iter().copied().filter(|&i| lines[i].span == discount.span).collect();
        // A discount that names no usage is given on all that its seller bills: to the account, else to everyone.
        let account = found(by_seller.get(&(Some(&discount.account), discount.source)));
        let everyone = found(by_seller.get(&(None, discount.source)));
        let targets: [Vec<usize>; 4] = [same_day, any_day, account, everyone];
        if !targets.iter().any(|targets| spread(discount.unblended, targets, &mut costs)) {
            *unspread.entry((discount.account.clone(), discount.source)).or_default() += discount.unblended;
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
