//! What kind of line a row is, and which of its columns hold its cost: the line item types of Cost and Usage Reports,
//! and the charge categories of FOCUS.

use lode_model::ChargeKind;

use crate::columns::{Col, Form};
use crate::row::Row;

/// What to make of a row's dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// Keep them.
    Keep(Cost),
    /// They are counted in another row already.
    Leave,
}

/// Where a row's dollars stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) kind: ChargeKind,
    pub(crate) column: Col,
    pub(crate) net: Col,
    /// A Savings Plan or a reservation pays: the dollars are the same used or not, until that ends.
    pub(crate) committed: bool,
    /// The type is in no dictionary; its dollars stay in the totals and are never projected.
    pub(crate) unknown: bool,
}

const fn plain(kind: ChargeKind) -> Treatment {
    Treatment::Keep(Cost { kind, column: Col::Cost, net: Col::NetCost, committed: false, unknown: false })
}

const fn committed(column: Col, net: Col) -> Treatment {
    Treatment::Keep(Cost { kind: ChargeKind::Usage, column, net, committed: true, unknown: false })
}

const UNKNOWN: Treatment = Treatment::Keep(Cost {
    kind: ChargeKind::Fee,
    column: Col::Cost,
    net: Col::NetCost,
    committed: false,
    unknown: true,
});

/// What to make of a row.
pub(crate) fn treatment(row: &impl Row) -> Treatment {
    let line_type = row.cell(Col::LineType).text().unwrap_or_default();
    if row.layout().form == Form::Focus {
        let class = row.cell(Col::ChargeClass).text().unwrap_or_default();
        // Without amortised costs a commitment counts by its purchases, as it was billed.
        let amortised = row.layout().has(Col::EffectiveCost);
        of_category(&line_type, &class, amortised && !row.cell(Col::Commitment).is_null())
    } else {
        of_line_type(&line_type)
    }
}

/// Source: AWS' line item dictionary; treatment as the CUDOS dashboard's amortised cost, where the effective cost of
/// covered usage stands for the fees, which are then left out (2026-08-14).
fn of_line_type(line_type: &str) -> Treatment {
    match line_type {
        "" | "Usage" | "FlatRateSubscription" => plain(ChargeKind::Usage),
        "SavingsPlanCoveredUsage" => committed(Col::SavingsPlanCost, Col::SavingsPlanNetCost),
        "DiscountedUsage" => committed(Col::ReservationCost, Col::ReservationNetCost),
        "SavingsPlanNegation" | "SavingsPlanRecurringFee" | "SavingsPlanUpfrontFee" | "RIFee" => Treatment::Leave,
        "Fee" => plain(ChargeKind::Fee),
        "Credit" => plain(ChargeKind::Credit),
        "Refund" => plain(ChargeKind::Refund),
        "Tax" => plain(ChargeKind::Tax),
        other if other.ends_with("Discount") => plain(ChargeKind::Discount),
        _ => UNKNOWN,
    }
}

/// Source: FOCUS 1.0 and 1.2, ChargeCategory and ChargeClass. BilledCost is after discounts and before amortisation;
/// EffectiveCost has what a commitment's purchase and its use come to, so purchases of commitments are left out.
fn of_category(category: &str, class: &str, in_commitment: bool) -> Treatment {
    let is = |word: &str| category.eq_ignore_ascii_case(word);
    if is("Tax") {
        plain(ChargeKind::Tax)
    } else if is("Credit") {
        plain(ChargeKind::Credit)
    } else if is("Adjustment") || class.eq_ignore_ascii_case("Correction") {
        plain(ChargeKind::Refund)
    } else if is("Usage") || category.is_empty() {
        if in_commitment { committed(Col::EffectiveCost, Col::EffectiveCost) } else { plain(ChargeKind::Usage) }
    } else if is("Purchase") {
        if in_commitment { Treatment::Leave } else { plain(ChargeKind::Fee) }
    } else {
        UNKNOWN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charge_categories_are_kinds() {
        let kind = |category, class, commitment| match of_category(category, class, commitment) {
            Treatment::Keep(cost) => Some((cost.kind, cost.column, cost.committed, cost.unknown)),
            Treatment::Leave => None,
        };
        let plain = |kind| Some((kind, Col::Cost, false, false));
        assert_eq!(kind("Usage", "", false), plain(ChargeKind::Usage));
        assert_eq!(kind("usage", "NULL", false), plain(ChargeKind::Usage));
        assert_eq!(kind("Usage", "", true), Some((ChargeKind::Usage, Col::EffectiveCost, true, false)));
        assert_eq!(kind("Usage", "Correction", false), plain(ChargeKind::Refund));
        assert_eq!(kind("Purchase", "", false), plain(ChargeKind::Fee));
        assert_eq!(kind("Purchase", "", true), None);
        assert_eq!(kind("Tax", "", false), plain(ChargeKind::Tax));
        assert_eq!(kind("Credit", "", false), plain(ChargeKind::Credit));
        assert_eq!(kind("Adjustment", "", false), plain(ChargeKind::Refund));
        assert_eq!(kind("Gift", "", false), Some((ChargeKind::Fee, Col::Cost, false, true)));
    }
}
