//! The columns of a CUR 2.0 export, and how a table is recognised by its column names.
//!
//! Customers select, drop and rename columns by SQL, so only six columns are required. Source: AWS' CUR 2.0 table
//! dictionary and the column list of AWS' data-exports-aggregation template (2026-07-23).

use std::path::Path;

use crate::BillingError;

/// What a table of column names is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// CUR 2.0, or a legacy report in Athena's spelling, which has the same names where it matters.
    Cur2,
    /// A legacy Cost and Usage Report with names such as `lineItem/UsageType`.
    LegacyCur,
    /// A FOCUS export.
    Focus,
    /// No billing export.
    NotBilling,
}

/// Says what a table is by its column names.
#[must_use]
pub fn recognise(columns: &[&str]) -> Form {
    let has = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    let starting = |start: &str| {
        columns.iter().filter(|c| c.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start))).count()
    };
    if starting("lineItem/") >= 2 {
        Form::LegacyCur
    } else if starting("line_item_") >= 2 {
        Form::Cur2
    } else if has("BilledCost") && (has("ChargePeriodStart") || has("ChargeCategory")) {
        Form::Focus
    } else {
        Form::NotBilling
    }
}

macro_rules! columns {
    ($($variant:ident $kind:ident [$($name:literal),+],)*) => {
        /// A column this crate reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Col { $($variant,)* }

        /// Every column: the name it is called by, other names it may have, and whether it is required.
        const COLUMNS: &[(&[&str], bool)] = &[$((&[$($name),+], columns!(@ $kind)),)*];
    };
    (@ required) => { true };
    (@ optional) => { false };
}

columns! {
    BillingEntity optional ["bill_billing_entity"],
    Payer optional ["bill_payer_account_id"],
    PeriodStart optional ["bill_billing_period_start_date"],
    Account required ["line_item_usage_account_id"],
    LineType optional ["line_item_line_item_type"],
    Start required ["line_item_usage_start_date"],
    End optional ["line_item_usage_end_date"],
    ProductCode required ["line_item_product_code"],
    UsageType required ["line_item_usage_type"],
    Resource optional ["line_item_resource_id"],
    Principal optional ["line_item_iam_principal"],
    Amount required ["line_item_usage_amount"],
    Cost required ["line_item_unblended_cost"],
    NetCost optional ["line_item_net_unblended_cost"],
    Currency optional ["line_item_currency_code"],
    PricingUnit optional ["pricing_unit"],
    ListCost optional ["pricing_public_on_demand_cost"],
    RegionCode optional ["product_region_code", "product_region"],
    Product optional ["product"],
    ProductName optional ["product_product_name"],
    SavingsPlanCost optional ["savings_plan_savings_plan_effective_cost"],
    SavingsPlanNetCost optional ["savings_plan_net_savings_plan_effective_cost"],
    ReservationCost optional ["reservation_effective_cost"],
}

impl Col {
    /// The column's name in CUR 2.0.
    pub(crate) fn name(self) -> &'static str {
        COLUMNS[self as usize].0[0]
    }
}

/// Where each column stands in a table.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    places: [Option<usize>; COLUMNS.len()],
}

impl Layout {
    /// Finds the columns, or says why the table is none of ours.
    pub(crate) fn of(file: &Path, found: &[String]) -> Result<Self, BillingError> {
        let names: Vec<&str> = found.iter().map(|name| name.trim()).collect();
        let not_yet = |form| BillingError::NotYetRead { file: file.to_path_buf(), form };
        match recognise(&names) {
            Form::Cur2 => {}
            Form::LegacyCur => {
                return Err(not_yet("a legacy Cost and Usage Report (columns such as lineItem/UsageType)"));
            }
            Form::Focus => return Err(not_yet("a FOCUS export (columns such as BilledCost)")),
            Form::NotBilling => {
                return Err(BillingError::NotBilling { file: file.to_path_buf(), found: found.to_vec() });
            }
        }
        let mut places = [None; COLUMNS.len()];
        let mut missing = Vec::new();
        for (place, (aliases, required)) in places.iter_mut().zip(COLUMNS) {
            *place = aliases.iter().find_map(|alias| names.iter().position(|name| name.eq_ignore_ascii_case(alias)));
            if *required && place.is_none() {
                missing.extend(aliases.first());
            }
        }
        if missing.is_empty() {
            Ok(Self { places })
        } else {
            Err(BillingError::MissingColumns { file: file.to_path_buf(), missing, found: found.to_vec() })
        }
    }

    pub(crate) fn place(&self, col: Col) -> Option<usize> {
        self.places[col as usize]
    }

    pub(crate) fn has(&self, col: Col) -> bool {
        self.place(col).is_some()
    }

    /// The names, as the table spells them, of the columns this crate reads.
    pub(crate) fn wanted(&self, found: &[String]) -> Vec<String> {
        let mut places: Vec<usize> = self.places.iter().flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| found.get(place).cloned()).collect()
    }

    /// The same columns in another order of the table's columns, matched by name.
    pub(crate) fn reordered(&self, found: &[String], batch: &[&str]) -> Self {
        let places = self.places.map(|place| {
            let name = found.get(place?)?;
            batch.iter().position(|other| other == name)
        });
        Self { places }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_recognised_by_their_columns() {
        for (columns, form) in [
            (&["line_item_usage_type", "line_item_product_code"][..], Form::Cur2),
            (&["LINE_ITEM_USAGE_TYPE", "line_item_product_code"], Form::Cur2),
            (&["identity/LineItemId", "lineItem/UsageType", "lineItem/ProductCode"], Form::LegacyCur),
            (&["BilledCost", "ChargePeriodStart", "ServiceName"], Form::Focus),
            (&["billedcost", "chargecategory"], Form::Focus),
            (&["timestamp", "modelId", "inputTokens"], Form::NotBilling),
            (&["é"], Form::NotBilling),
            (&[], Form::NotBilling),
        ] {
            assert_eq!(recognise(columns), form, "{columns:?}");
        }
    }
}
