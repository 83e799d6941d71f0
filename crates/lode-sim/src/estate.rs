//! The customer's month: what was billed, whose it is, and the prices it implies.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use lode_model::{AccountId, CallerKey, ChargeKind, Inventory, Layer, Metrics, Money, Owner, PriceKey, Quantity, Span};
use lode_prices::PriceBook;

use crate::{Anomaly, Demand, TieOut};

/// Which of the bill's costs every figure stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// What the customer really pays: the net cost where the export has it, else unblended cost with the
    /// discount rows spread over the usage they belong to.
    Net,
    /// Unblended cost, before discounts.
    Unblended,
    /// Public on-demand cost.
    List,
}

impl Basis {
    /// Every basis, in the order help lists them.
    pub const ALL: &'static [Self] = &[Self::Net, Self::Unblended, Self::List];

    /// The word used in settings and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Net => "net",
            Self::Unblended => "unblended",
            Self::List => "list",
        }
    }
}

/// The days the figures speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// First day (UTC).
    pub first: Date,
    /// Last day (UTC), included.
    pub last: Date,
    /// Last day whose charges can be taken as complete, when there is one. Exports lag the usage by 8 to
    /// 24 hours (AWS, Cost and Usage Report FAQ, read 2026-10).
    pub complete_to: Option<Date>,
}

impl Window {
    /// How many days, at least 1.
    #[must_use]
    pub fn days(&self) -> usize {
        Span { first: self.first, last: self.last }.days()
    }

    /// How many complete days.
    #[must_use]
    pub fn complete_days(&self) -> usize {
        self.complete_to.map_or(0, |last| Span { first: self.first, last }.days())
    }

    /// The day at a place in the window, clamped to its end.
    #[must_use]
    pub fn day(&self, place: usize) -> Date {
        let days = i64::try_from(place.min(self.days() - 1)).unwrap_or(0);
        self.first.saturating_add(days.days())
    }

    /// The place of a day in the window, clamped to its ends.
    #[must_use]
    pub fn index(&self, day: Date) -> usize {
        usize::try_from((day - self.first).get_days()).unwrap_or(0).min(self.days() - 1)
    }
}

/// One charge of the baseline: what was billed, under the key that prices it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Charge {
    /// Whose it is.
    pub owner: Owner,
    /// What decides its price.
    pub key: PriceKey,
    /// Days covered.
    pub span: Span,
    /// Cost layer.
    pub layer: Layer,
    /// Usage or fee; nothing else is part of the run rate.
    pub kind: ChargeKind,
    /// Usage type as billed.
    pub usage_type: Arc<str>,
    /// Usable quantity. Without one the charge is a fixed amount that no edit touches.
    pub quantity: Option<Quantity>,
    /// What was billed, on the basis chosen.
    pub billed: Money,
}

/// A row outside the run rate: credit, refund or tax.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Adjustment {
    /// Credit, refund or tax.
    pub kind: ChargeKind,
    /// Account.
    pub account: AccountId,
    /// Amount; credits are negative.
    pub amount: Money,
}

/// The estate: baseline charges in order, prices, window.
#[derive(Clone, Debug)]
pub struct Estate {
    /// Days.
    pub window: Window,
    /// Basis of all money here.
    pub basis: Basis,
    /// Charges of the run rate, sorted.
    pub charges: Vec<Charge>,
    /// Credits, refunds and tax, apart.
    pub aside: Vec<Adjustment>,
    /// Prices: effective rates of this bill, then the catalogue.
    pub prices: PriceBook,
    /// Calls of the owners whose requests are known. The others know only what was billed.
    pub demand: Demand,
    /// How bill and logs compare; `None` without logs.
    pub tie_out: Option<TieOut>,
    /// What was listed of profiles, capacity and knowledge bases.
    pub inventory: Inventory,
    /// What CloudWatch counted; empty where nothing was collected.
    pub metrics: Metrics,
    /// Whether callers are known at all (principals or profiles on the bill).
    pub has_callers: bool,
    /// Whether the bill names IAM principals.
    pub has_principals: bool,
    /// What names a caller, first match first.
    pub caller_keys: Vec<CallerKey>,
    /// Names of accounts, where the export has them.
    pub account_names: BTreeMap<AccountId, Arc<str>>,
    /// Negotiated discounts that could not be tied to usage; they stand as fixed amounts.
    pub unspread_discounts: Money,
    /// Billing periods between the first and the last of which no row was read, of any service.
    pub missing_periods: Vec<Span>,
    /// Whether the export tells of discounts at all, by net columns or by rows.
    pub has_discounts: bool,
    /// Of the charges, what a Savings Plan or a reservation pays for.
    pub committed: Money,
    /// Whether some costs are after discounts whatever the basis: FOCUS has none before them.
    pub after_discounts: bool,
    /// Discount rows left out because the net columns hold them already.
    pub discounts_in_net: Money,
    /// Usage types billed at rates so far from list that their quantity cannot be right. Their dollars stand as fixed
    /// amounts.
    pub implausible: Vec<Anomaly>,
}

impl Estate {
    /// Everything billed in the window that belongs to the run rate, usage and fees.
    #[must_use]
    pub fn billed(&self) -> Money {
        self.charges.iter().map(|charge| charge.billed).sum()
    }
}
