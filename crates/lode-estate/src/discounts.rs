//! What each line costs on a basis. A negotiated discount is counted once: either through the net columns, or
//! by spreading its negative rows over the usage they belong to.

use std::collections::{BTreeMap, BTreeSet};

use lode_model::{AccountId, BillLine, BillingSource, ChargeKind, Money, Span};
use lode_sim::Basis;

/// Discounts that belong to no usage, by account and seller.
pub(crate) type Unspread = Vec<((AccountId, BillingSource), Money)>;

/// What the lines of a bill cost.
pub(crate) struct Costs {
    /// Of each line, in order.
    pub(crate) of_lines: Vec<Money>,
    /// Discounts that belong to no usage.
    pub(crate) unspread: Unspread,
    /// Discount rows left out because the net columns hold them already.
    pub(crate) in_net: Money,
}

/// The costs on a basis.
pub(crate) fn costs(lines: &[&BillLine], basis: Basis) -> Costs {
    let mut costs: Vec<Money> = lines
        .iter()
        .map(|line| match basis {
            _ if line.kind == ChargeKind::Discount => Money::ZERO,
            Basis::Net => line.net.unwrap_or(line.unblended),
            Basis::Unblended => line.unblended,
            Basis::List => line.list.unwrap_or(line.unblended),
        })
        .collect();
    // The other bases are before discounts.
    if basis != Basis::Net {
        return Costs { of_lines: costs, unspread: Vec::new(), in_net: Money::ZERO };
    }
    let targets = Targets::of(lines);
    let netted = netted(lines);
    let mut unspread: BTreeMap<(AccountId, BillingSource), Money> = BTreeMap::new();
    let mut in_net = Money::ZERO;
    for discount in lines.iter().filter(|line| line.kind == ChargeKind::Discount) {
        if is_in_net(discount, &netted) {
            in_net += discount.unblended;
        } else if !targets.of_discount(discount).any(|targets| spread(discount.unblended, targets, &mut costs)) {
            *unspread.entry((discount.account.clone(), discount.source)).or_default() += discount.unblended;
        }
    }
    let unspread = unspread.into_iter().filter(|(_, amount)| !amount.is_zero()).collect();
    Costs { of_lines: costs, unspread, in_net }
}

/// Which usage has net costs: the discounts on it are in them already.
struct Netted<'a> {
    /// By account and usage type, whether a line has a net cost.
    by_type: BTreeMap<(&'a AccountId, &'a str), bool>,
    /// Accounts and sellers with a net cost somewhere.
    by_seller: BTreeSet<(&'a AccountId, BillingSource)>,
}

fn netted<'a>(lines: &[&'a BillLine]) -> Netted<'a> {
    let mut netted = Netted { by_type: BTreeMap::new(), by_seller: BTreeSet::new() };
    for line in lines.iter().filter(|line| line.kind == ChargeKind::Usage) {
        *netted.by_type.entry((&line.account, &*line.usage_type)).or_default() |= line.net.is_some();
        if line.net.is_some() {
            netted.by_seller.insert((&line.account, line.source));
        }
    }
    netted
}

/// Whether a discount row is in the net cost of the usage it belongs to: that of its usage type, or, where it names
/// none that is here, of its seller.
fn is_in_net(discount: &BillLine, netted: &Netted<'_>) -> bool {
    let of_type = netted.by_type.get(&(&discount.account, &*discount.usage_type)).copied();
    of_type.unwrap_or_else(|| netted.by_seller.contains(&(&discount.account, discount.source)))
}

/// Usage lines that a discount may belong to.
struct Targets<'a> {
    by_day: BTreeMap<(&'a AccountId, &'a str, Span), Vec<usize>>,
    by_type: BTreeMap<(&'a AccountId, &'a str), Vec<usize>>,
    by_seller: BTreeMap<(Option<&'a AccountId>, BillingSource), Vec<usize>>,
}

impl<'a> Targets<'a> {
    fn of(lines: &[&'a BillLine]) -> Self {
        let mut targets = Self { by_day: BTreeMap::new(), by_type: BTreeMap::new(), by_seller: BTreeMap::new() };
        if !lines.iter().any(|line| line.kind == ChargeKind::Discount) {
            return targets;
        }
        for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.kind == ChargeKind::Usage) {
            let usage_type: &str = &line.usage_type;
            targets.by_day.entry((&line.account, usage_type, line.span)).or_default().push(index);
            targets.by_type.entry((&line.account, usage_type)).or_default().push(index);
            targets.by_seller.entry((Some(&line.account), line.source)).or_default().push(index);
            targets.by_seller.entry((None, line.source)).or_default().push(index);
        }
        targets
    }

    /// The nearest first: the same usage type on the same day, on any day, what its seller bills the account, what it
    /// bills anyone.
    fn of_discount(&self, discount: &'a BillLine) -> impl Iterator<Item = &Vec<usize>> {
        let usage_type: &str = &discount.usage_type;
        [
            self.by_day.get(&(&discount.account, usage_type, discount.span)),
            self.by_type.get(&(&discount.account, usage_type)),
            self.by_seller.get(&(Some(&discount.account), discount.source)),
            self.by_seller.get(&(None, discount.source)),
        ]
        .into_iter()
        .flatten()
    }
}

/// Spreads an amount over some costs in proportion to them, to the pico-dollar; the last takes the rest. A discount
/// that is more than they cost does not belong to them.
fn spread(amount: Money, targets: &[usize], costs: &mut [Money]) -> bool {
    let whole: Money = targets.iter().map(|&index| costs[index]).sum();
    let fits = whole > Money::ZERO && whole + amount >= Money::ZERO;
    let (Some((last, others)), true) = (targets.split_last(), fits) else { return false };
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
