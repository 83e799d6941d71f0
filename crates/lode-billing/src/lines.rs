//! The lines of the bill in the making: rows that agree in everything but their amounts, added up.

#![expect(
    clippy::disallowed_types,
    reason = "looked up for every row; walked for sums and maxima, and sorted before anybody sees it"
)]

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use lode_model::{AccountId, BillLine, CallerKey, ChargeKind, Money, Quantity, Span, Unit};

use crate::meanings::Meaning;
use crate::periods::Size;

/// What rows must agree in to be one line. The order of the fields is the order of the bill's lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LineKey {
    /// `None` for rows whose date cannot be read, until the covered period is known.
    pub(crate) span: Option<Span>,
    pub(crate) account: AccountId,
    pub(crate) meaning: Arc<Meaning>,
    pub(crate) kind: ChargeKind,
    pub(crate) resource: Option<Arc<str>>,
    pub(crate) principal: Option<Arc<str>>,
    pub(crate) labels: Vec<(CallerKey, Arc<str>)>,
    /// A row without a quantity is not added to rows that have one: it would bend their price.
    pub(crate) unit: Option<Unit>,
    /// Nor one that costs nothing to rows that cost something.
    pub(crate) is_free: bool,
    pub(crate) committed: bool,
    pub(crate) has_net: bool,
    pub(crate) has_list: bool,
}

/// The amounts of a line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) steps: i128,
    pub(crate) unblended: Money,
    pub(crate) net: Money,
    pub(crate) list: Money,
    pub(crate) rows: u64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.unblended += other.unblended;
        self.net += other.net;
        self.list += other.list;
        self.rows += other.rows;
    }
}

/// Lines without an order: a bill has few lines for its many rows, so they are found by hash and sorted once.
#[derive(Debug, Default)]
pub(crate) struct Lines(HashMap<LineKey, Sums>);

impl Lines {
    pub(crate) fn add(&mut self, key: LineKey, sums: Sums) {
        self.0.entry(key).or_default().add(sums);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        let (mut larger, smaller) =
            if self.0.len() < other.0.len() { (other, std::mem::take(self)) } else { (std::mem::take(self), other) };
        smaller.0.into_iter().for_each(|(key, sums)| larger.add(key, sums));
        *self = larger;
    }

    pub(crate) fn has_undated(&self) -> bool {
        self.0.keys().any(|key| key.span.is_none())
    }

    pub(crate) fn size(&self) -> Size {
        let lines = self.0.iter();
        let usage = lines.clone().filter(|(key, _)| key.kind == ChargeKind::Usage);
        let accounts: BTreeSet<&AccountId> = lines.clone().map(|(key, _)| &key.account).collect();
        Size {
            rows: lines.clone().map(|(_, sums)| sums.rows).sum(),
            usd: lines.map(|(_, sums)| sums.unblended).sum(),
            last: usage.filter_map(|(key, _)| Some(key.span?.last)).max(),
            accounts: accounts.into_iter().cloned().collect(),
        }
    }
}

/// The lines of all, in order. Those without a date are dated `covered`, and left out where nothing is.
pub(crate) fn in_order(all: Vec<Lines>, covered: Option<Span>) -> Vec<BillLine> {
    let mut lines: Vec<(LineKey, Sums)> = Vec::with_capacity(all.iter().map(|lines| lines.0.len()).sum());
    let dated = |(key, sums): (LineKey, Sums)| (LineKey { span: key.span.or(covered), ..key }, sums);
    all.into_iter().for_each(|of_part| lines.extend(of_part.0.into_iter().map(dated)));
    lines.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    lines.dedup_by(|(later, sums), (kept, all)| {
        let same = later == kept;
        if same {
            all.add(*sums);
        }
        same
    });
    lines.into_iter().filter_map(|(key, sums)| line(key, sums)).collect()
}

fn line(key: LineKey, sums: Sums) -> Option<BillLine> {
    let Meaning { region, source, usage_type, billed_as } = key.meaning.as_ref().clone();
    Some(BillLine {
        span: key.span?,
        account: key.account,
        region,
        source,
        usage_type,
        billed_as,
        kind: key.kind,
        resource: key.resource,
        principal: key.principal,
        labels: key.labels,
        quantity: key.unit.map(|unit| Quantity { steps: sums.steps, unit }),
        unblended: sums.unblended,
        net: key.has_net.then_some(sums.net),
        list: key.has_list.then_some(sums.list),
        committed: key.committed,
        rows: sums.rows,
    })
}
