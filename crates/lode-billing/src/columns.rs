//! The columns of the billing exports, and how a table is recognised by its column names.
//!
//! One list serves every form: a name is compared by its letters and digits alone, in any case, so that
//! `lineItem/UsageType` of a legacy report, `line_item_usage_type` of CUR 2.0 and Athena, `BilledCost` of FOCUS and
//! the `billedcost` that Glue makes of it are all found. Customers select, drop and rename columns by SQL, so only
//! few columns are required. Sources: AWS' CUR 2.0 table dictionary, the column lists of AWS'
//! data-exports-aggregation template (2026-07-23) and AWS' FOCUS 1.0 and 1.2 table dictionaries.

use std::path::Path;

use lode_model::CallerKey;

use crate::BillingError;

/// What a table of column names is. The order is that of preference where one billing period comes in two forms:
/// CUR 2.0 alone tells callers, FOCUS knows neither the cost before discounts nor a Marketplace row's model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// CUR 2.0, or a legacy report in Athena's spelling, which has the same names where it matters.
    Cur2,
    /// A legacy Cost and Usage Report with names such as `lineItem/UsageType`.
    LegacyCur,
    /// A FOCUS export with AWS columns.
    Focus,
    /// No billing export.
    NotBilling,
}

impl Form {
    /// The form, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cur2 => "CUR 2.0",
            Self::LegacyCur => "legacy CUR",
            Self::Focus => "FOCUS",
            Self::NotBilling => "no billing export",
        }
    }
}

/// Says what a table is by its column names.
#[must_use]
pub fn recognise(columns: &[&str]) -> Form {
    let plain: Vec<String> = columns.iter().map(|column| squeezed(column)).collect();
    let has = |name: &str| plain.iter().any(|column| column == name);
    let starting = |start: &str| {
        columns.iter().filter(|c| c.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start))).count()
    };
    if starting("lineItem/") >= 2 {
        Form::LegacyCur
    } else if starting("line_item_") >= 2 || (has("usagetype") && has("unblendedcost")) {
        Form::Cur2
    } else if has("billedcost") && (has("chargeperiodstart") || has("chargecategory")) {
        Form::Focus
    } else {
        Form::NotBilling
    }
}

/// The letters and digits of a name, in lower case.
pub(crate) fn squeezed(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

macro_rules! columns {
    ($($variant:ident $cur:ident [$($cur_name:literal),*] $focus:ident [$($focus_name:literal),*],)*) => {
        /// A column this crate reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Col { $($variant,)* }

        /// Every column, in the order of [`Col`].
        const COLUMNS: &[Known] = &[$(Known {
            cur: (&[$($cur_name),*], columns!(@ $cur)),
            focus: (&[$($focus_name),*], columns!(@ $focus)),
        },)*];
    };
    (@ required) => { true };
    (@ optional) => { false };
}

/// The names of a column, best first, and whether it is required: in Cost and Usage Reports, and in FOCUS.
struct Known {
    cur: (&'static [&'static str], bool),
    focus: (&'static [&'static str], bool),
}

impl Known {
    fn of(&self, form: Form) -> (&'static [&'static str], bool) {
        if form == Form::Focus { self.focus } else { self.cur }
    }
}

columns! {
    BillingEntity optional ["bill_billing_entity", "billing_entity"] optional [],
    Payer optional ["bill_payer_account_id", "payer_account_id"] optional ["BillingAccountId"],
    PeriodStart optional ["bill_billing_period_start_date", "billing_period_start_date"] optional ["BillingPeriodStart"],
    Account required ["line_item_usage_account_id", "usage_account_id"] required ["SubAccountId"],
    AccountName optional ["line_item_usage_account_name", "usage_account_name"] optional ["SubAccountName"],
    LineType optional ["line_item_line_item_type", "line_item_type"] required ["ChargeCategory"],
    ChargeClass optional [] optional ["ChargeClass"],
    Start required ["line_item_usage_start_date", "usage_start_date"] required ["ChargePeriodStart"],
    End optional ["line_item_usage_end_date", "usage_end_date"] optional ["ChargePeriodEnd"],
    ProductCode required ["line_item_product_code", "product_code"] optional ["x_ServiceCode"],
    ServiceName optional [] optional ["ServiceName"],
    Publisher optional [] optional ["PublisherName"],
    Issuer optional [] optional ["InvoiceIssuerName"],
    UsageType required ["line_item_usage_type", "usage_type"] optional ["x_UsageType", "SkuMeter"],
    Operation optional [] optional ["x_Operation"],
    Resource optional ["line_item_resource_id", "resource_id"] optional ["ResourceId"],
    Principal optional ["line_item_iam_principal", "iam_principal"] optional [],
    Amount required ["line_item_usage_amount", "usage_amount"] optional ["PricingQuantity"],
    PricingUnit optional ["pricing_unit"] optional ["PricingUnit"],
    Consumed optional [] optional ["ConsumedQuantity"],
    ConsumedUnit optional [] optional ["ConsumedUnit"],
    Cost required ["line_item_unblended_cost", "unblended_cost"] required ["BilledCost"],
    NetCost optional ["line_item_net_unblended_cost", "net_unblended_cost"] optional [],
    Currency optional ["line_item_currency_code", "currency_code"] optional ["BillingCurrency"],
    ListCost optional ["pricing_public_on_demand_cost", "public_on_demand_cost"] optional ["ListCost"],
    RegionCode optional ["product_region_code", "product_region", "region_code"] optional ["RegionId"],
    Product optional ["product"] optional [],
    ProductName optional ["product_product_name", "product_name"] optional [],
    SavingsPlanCost optional ["savings_plan_savings_plan_effective_cost"] optional [],
    SavingsPlanNetCost optional ["savings_plan_net_savings_plan_effective_cost"] optional [],
    ReservationCost optional ["reservation_effective_cost"] optional [],
    ReservationNetCost optional ["reservation_net_effective_cost"] optional [],
    EffectiveCost optional [] optional ["EffectiveCost"],
    Commitment optional [] optional ["CommitmentDiscountId"],
}

impl Col {
    /// The column's name in tables of this form.
    fn name_in(self, form: Form) -> &'static str {
        COLUMNS[self as usize].of(form).0.first().copied().unwrap_or_default()
    }
}

/// Columns that tell whether a row may be Bedrock's, for readers that can skip rows without reading them whole.
const TELLING: [Col; 5] = [Col::BillingEntity, Col::ProductCode, Col::ServiceName, Col::Operation, Col::UsageType];

/// Where the value of a tag or a cost category stands.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) key: CallerKey,
    /// Columns of their own, then maps.
    places: Vec<(usize, bool)>,
    /// Under which names maps hold it.
    entries: Vec<String>,
}

impl Label {
    /// Columns that may hold it, each with whether it is a map, best first.
    pub(crate) fn places(&self) -> &[(usize, bool)] {
        &self.places
    }

    /// Its names in maps, best first.
    pub(crate) fn entries(&self) -> &[String] {
        &self.entries
    }
}

/// Where each column stands in a table.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) form: Form,
    places: [Option<usize>; COLUMNS.len()],
    names: [Option<String>; COLUMNS.len()],
    pub(crate) labels: Vec<Label>,
}

impl Layout {
    /// Finds the columns, or says why the table is none of ours.
    pub(crate) fn of(file: &Path, found: &[String], labels: &[CallerKey]) -> Result<Self, BillingError> {
        let names: Vec<&str> = found.iter().map(|name| name.trim()).collect();
        let form = recognise(&names);
        if form == Form::NotBilling {
            return Err(BillingError::NotBilling { file: file.to_path_buf(), found: found.to_vec() });
        }
        let plain: Vec<String> = names.iter().map(|name| squeezed(name)).collect();
        let mut places = [None; COLUMNS.len()];
        let mut missing = Vec::new();
        for (place, known) in places.iter_mut().zip(COLUMNS) {
            let (aliases, required) = known.of(form);
            *place = aliases.iter().find_map(|alias| {
                let alias = squeezed(alias);
                plain.iter().position(|name| *name == alias)
            });
            if required && place.is_none() {
                missing.extend(aliases.first());
            }
        }
        if form == Form::Focus && places[Col::Amount as usize].is_none() && places[Col::Consumed as usize].is_none() {
            missing.push(Col::Amount.name_in(form));
        }
        if !missing.is_empty() {
            return Err(BillingError::MissingColumns {
                file: file.to_path_buf(),
                form: form.as_str(),
                missing,
                found: found.to_vec(),
            });
        }
        let labels = labels.iter().filter_map(|key| label(key, &plain)).collect();
        let names = places.map(|place| Some(names[place?].to_owned()));
        Ok(Self { form, places, names, labels })
    }

    pub(crate) fn place(&self, col: Col) -> Option<usize> {
        self.places[col as usize]
    }

    pub(crate) fn has(&self, col: Col) -> bool {
        self.place(col).is_some()
    }

    /// The column's name as the table spells it, else as AWS does.
    pub(crate) fn name(&self, col: Col) -> &str {
        self.names[col as usize].as_deref().unwrap_or_else(|| col.name_in(self.form))
    }

    /// The names, as the table spells them, of the columns this crate reads.
    pub(crate) fn wanted(&self, found: &[String]) -> Vec<String> {
        let labels = self.labels.iter().flat_map(|label| label.places.iter().map(|(place, _)| *place));
        let mut places: Vec<usize> = self.places.iter().flatten().copied().chain(labels).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| found.get(place).cloned()).collect()
    }

    /// The columns that tell whether a row may be Bedrock's, and those of the table that hold them. The product's
    /// name is asked where no column tells the seller, the resource where some resources are wanted.
    pub(crate) fn telling(&self, resources: bool) -> Vec<(Col, &str)> {
        let name = (!self.has(Col::BillingEntity)).then_some(Col::ProductName);
        let resource = resources.then_some(Col::Resource);
        let all = TELLING.into_iter().chain(name).chain(resource);
        all.filter(|col| self.has(*col)).map(|col| (col, self.name(col))).collect()
    }

    /// The same columns in another order of the table's columns, matched by name.
    pub(crate) fn reordered(&self, found: &[String], batch: &[&str]) -> Self {
        let moved = |place: usize| {
            let name = found.get(place)?;
            batch.iter().position(|other| other == name)
        };
        let label = |label: &Label| Label {
            places: label.places.iter().filter_map(|(place, map)| Some((moved(*place)?, *map))).collect(),
            ..label.clone()
        };
        Self {
            form: self.form,
            places: self.places.map(|place| moved(place?)),
            names: self.names.clone(),
            labels: self.labels.iter().map(label).collect(),
        }
    }
}

/// Where a tag or a cost category stands. Legacy reports have a column each (`resourceTags/user:team`,
/// `resource_tags_user_team`, `costCategory/Unit`); CUR 2.0 has maps whose keys are `user_team`, or with a prefix
/// that says whose tag it is (`resourceTags/team`, `iamPrincipal/team`); FOCUS has `Tags` and `x_CostCategories`.
/// `None` for keys that stand elsewhere.
fn label(key: &CallerKey, plain: &[String]) -> Option<Label> {
    let (name, columns, maps, prefixes): (_, &[&str], &[&str], &[&str]) = match key {
        CallerKey::Tag(name) => (
            name,
            &["resourcetagsuser", "resourcetags", "iamprincipal"],
            &["resourcetags", "tags"],
            &[
                "user_",
                "user:",
                "resourceTags/user:",
                "resourceTags/",
                "iamPrincipal/",
                "userAttribute/",
                "accountTag/",
            ],
        ),
        CallerKey::CostCategory(name) => {
            (name, &["costcategory"], &["costcategory", "costcategories", "xcostcategories"], &[])
        }
        CallerKey::RequestMetadata(_) | CallerKey::ApplicationInferenceProfile | CallerKey::IamPrincipal => {
            return None;
        }
    };
    let own = columns.iter().filter_map(|prefix| {
        let column = format!("{prefix}{}", squeezed(name));
        Some((plain.iter().position(|found| *found == column)?, false))
    });
    let maps = maps.iter().filter_map(|map| Some((plain.iter().position(|found| found == map)?, true)));
    let entries = std::iter::once(name.to_string()).chain(prefixes.iter().map(|prefix| format!("{prefix}{name}")));
    Some(Label { key: key.clone(), places: own.chain(maps).collect(), entries: entries.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_recognised_by_their_columns() {
        for (columns, form) in [
            (&["line_item_usage_type", "line_item_product_code"][..], Form::Cur2),
            (&["LINE_ITEM_USAGE_TYPE", "line_item_product_code"], Form::Cur2),
            (&["usage_type", "product_code", "unblended_cost"], Form::Cur2),
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

    #[test]
    fn every_spelling_of_a_column_is_found() {
        let layout = |columns: &[&str]| {
            let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
            Layout::of(Path::new("x"), &columns, &[CallerKey::Tag("Cost Center".into())])
        };
        let legacy = layout(&[
            "lineItem/UsageAccountId",
            "lineItem/UsageStartDate",
            "lineItem/ProductCode",
            "lineItem/UsageType",
            "lineItem/UsageAmount",
            "lineItem/UnblendedCost",
            "resourceTags/user:Cost Center",
            "savingsPlan/SavingsPlanEffectiveCost",
            "pricing/publicOnDemandCost",
        ])
        .expect("a legacy report");
        assert_eq!(legacy.name(Col::UsageType), "lineItem/UsageType");
        assert_eq!((legacy.place(Col::SavingsPlanCost), legacy.place(Col::ListCost)), (Some(7), Some(8)));
        assert_eq!(legacy.labels[0].places(), [(6, false)]);
        let focus = layout(&["billedcost", "chargecategory", "subaccountid", "chargeperiodstart", "skumeter", "tags"]);
        let Err(BillingError::MissingColumns { missing, form, .. }) = focus else { panic!("no quantity") };
        assert_eq!((missing.as_slice(), form), (&["PricingQuantity"][..], "FOCUS"));
    }
}
