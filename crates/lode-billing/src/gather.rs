//! Rows become lines: one consumer for the rows of every file, and the sums they are added into.
//!
//! Everything kept here is a sum, a minimum or a maximum, so the order of files and rows cannot show in the bill.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lode_model::{
    AccountId, Bill, BillLine, BilledAs, BillingSource, ChargeKind, Layer, Loss, Money, Quantity, Region, Rejected,
    Span, Unit,
};

use crate::BillingError;
use crate::classify::{Named, classify, has_marketplace_form, has_unknown_prefix};
use crate::columns::{Col, Layout};
use crate::days::{Days, span_of};
use crate::error::printable;
use crate::notes::Notes;
use crate::periods::Periods;
use crate::row::{Row, Value, map_entry};
use crate::units::{quantity, scale_of};

/// What a line type says about a row. Source: AWS' line item dictionary; treatment as the CUDOS dashboard's
/// amortised cost, where the effective cost of covered usage stands for the fees, which are then left out.
enum Treatment {
    /// Keep, at the cost in this column.
    Keep(ChargeKind, Col),
    /// Counted in another row already.
    Leave,
    /// A type nobody told us of: kept in the total, never projected.
    Unknown,
}

fn treatment_of(line_type: &str) -> Treatment {
    match line_type {
        "" | "Usage" | "FlatRateSubscription" => Treatment::Keep(ChargeKind::Usage, Col::Cost),
        "SavingsPlanCoveredUsage" => Treatment::Keep(ChargeKind::Usage, Col::SavingsPlanCost),
        "DiscountedUsage" => Treatment::Keep(ChargeKind::Usage, Col::ReservationCost),
        "SavingsPlanNegation" | "SavingsPlanRecurringFee" | "SavingsPlanUpfrontFee" | "RIFee" => Treatment::Leave,
        "Fee" => Treatment::Keep(ChargeKind::Fee, Col::Cost),
        "Credit" => Treatment::Keep(ChargeKind::Credit, Col::Cost),
        "Refund" => Treatment::Keep(ChargeKind::Refund, Col::Cost),
        "Tax" => Treatment::Keep(ChargeKind::Tax, Col::Cost),
        other if other.ends_with("Discount") => Treatment::Keep(ChargeKind::Discount, Col::Cost),
        _ => Treatment::Unknown,
    }
}

/// What rows must agree in to be one line. The order of the fields is the order of the bill's lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LineKey {
    /// `None` for rows whose date cannot be read, until the covered period is known.
    span: Option<Span>,
    account: AccountId,
    region: Region,
    source: BillingSource,
    usage_type: Arc<str>,
    billed_as: BilledAs,
    kind: ChargeKind,
    resource: Option<Arc<str>>,
    principal: Option<Arc<str>>,
    /// A row without a quantity is not added to rows that have one: it would bend their price.
    unit: Option<Unit>,
    has_net: bool,
    has_list: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    steps: i128,
    unblended: Money,
    net: Money,
    list: Money,
    rows: u64,
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

/// The bill in the making.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    lines: BTreeMap<LineKey, Sums>,
    pub(crate) notes: Notes,
    periods: Periods,
    days: Days,
    currencies: BTreeMap<String, u64>,
    has_principals: bool,
    has_net: bool,
    rows_read: u64,
    rows_elsewhere: u64,
    files: Vec<PathBuf>,
    /// The first row without a date that can be read, and what stands there.
    undated: Option<(PathBuf, u64, String)>,
}

impl Gather {
    /// Starts a file. `binary` tells Parquet from text, so that one export in both forms is noticed.
    pub(crate) fn begin(&mut self, file: &Path, binary: bool) -> Result<(), BillingError> {
        if self.files.iter().any(|known| known == file) {
            return Err(BillingError::FileTwice { file: file.to_path_buf() });
        }
        self.files.push(file.to_path_buf());
        self.periods.begin(file, binary);
        Ok(())
    }

    /// Notes that the file's table has these columns.
    pub(crate) fn see_layout(&mut self, layout: &Layout) {
        self.has_net |= layout.has(Col::NetCost);
    }

    /// Notes a row that cannot be used at all.
    pub(crate) fn reject_row(&mut self, file: &Path, number: u64, found: String, expected: String) {
        self.rows_read += 1;
        self.notes.add(Rejected {
            file: file.to_path_buf(),
            row: Some(number),
            column: None,
            found,
            expected,
            kept: None,
            loss: Loss::Row,
        });
    }

    /// Takes one row. `number` counts rows of data from 1.
    pub(crate) fn take(&mut self, file: &Path, number: u64, row: &impl Row) -> Result<(), BillingError> {
        self.rows_read += 1;
        let start = row.cell(Col::Start).moment();
        let span = start.map(|start| span_of(start, row.cell(Col::End).moment()));
        self.see_days(file, number, row, span)?;

        let entity = row.cell(Col::BillingEntity).text();
        let product_code = row.cell(Col::ProductCode).text().unwrap_or_default();
        let usage_type = row.cell(Col::UsageType).text().unwrap_or_default();
        let resource = row.cell(Col::Resource).text();
        let name = if entity.as_deref().is_none_or(|entity| entity.eq_ignore_ascii_case("AWS Marketplace")) {
            row.cell(Col::ProductName)
                .text()
                .map(std::borrow::Cow::into_owned)
                .or_else(|| map_entry(&row.cell(Col::Product), "product_name"))
        } else {
            None
        };
        let named = Named {
            entity: entity.as_deref(),
            product_code: &product_code,
            product_name: name.as_deref(),
            usage_type: &usage_type,
            resource: resource.as_deref(),
        };
        let Some((source, prefix_region, mut billed_as)) = classify(&named) else {
            self.rows_elsewhere += 1;
            return Ok(());
        };
        let line_type = row.cell(Col::LineType).text().unwrap_or_default();
        let mut at = Place { file, number, notes: &mut self.notes, kept: None };
        let (kind, cost_column) = match treatment_of(&line_type) {
            Treatment::Keep(kind, column) => (kind, column),
            Treatment::Leave => return Ok(()),
            Treatment::Unknown => (ChargeKind::Fee, Col::Cost),
        };
        let Some(cost) = at.cost(row, cost_column) else { return Ok(()) };
        at.kept = Some(cost);
        if matches!(treatment_of(&line_type), Treatment::Unknown) {
            at.note(Col::LineType, &line_type, "a line item type of the CUR dictionary");
        }
        let mut fixed = at.note_bytes(row);
        if span.is_none() {
            fixed = true;
            let found = row.cell(Col::Start).shown();
            at.note(Col::Start, &found, "a UTC time such as 2026-10-01T00:00:00.000Z");
            let candidate = (file.to_path_buf(), number, found);
            self.undated = Some(self.undated.take().map_or(candidate.clone(), |known| known.min(candidate)));
        }
        // Usage that a Savings Plan or a reservation covers costs the same used or not, until that ends: a fixed amount.
        let committed = matches!(cost_column, Col::SavingsPlanCost | Col::ReservationCost);
        let counted = if kind == ChargeKind::Usage && !fixed && !committed {
            at.quantity(row, &billed_as, &usage_type)
        } else {
            None
        };
        let net_column = match cost_column {
            Col::SavingsPlanCost => Col::SavingsPlanNetCost,
            _ => Col::NetCost,
        };
        let net = at.optional_money(row, net_column);
        let list = at.optional_money(row, Col::ListCost).filter(|list| !list.is_zero() || cost.is_zero());
        let region = region_code(row).or(prefix_region).or_else(|| region_of_arn(resource.as_deref()));
        if region.is_none() && has_unknown_prefix(&usage_type) {
            let prefix = usage_type.split(['-', '_']).next().unwrap_or_default();
            at.once(
                prefix,
                Col::UsageType,
                &usage_type,
                "a usage type with a known region prefix, or product_region_code",
            );
        }
        if kind != ChargeKind::Usage && usage_type.is_empty() && billed_as.layer == Layer::Unclassified {
            billed_as.layer = Layer::Other;
        }
        self.see_currency(file, number, row)?;
        let principal = row.cell(Col::Principal).text();
        self.has_principals |= principal.is_some();
        let key = LineKey {
            span,
            account: account_of(&row.cell(Col::Account)),
            region: region.unwrap_or_else(|| Region::from("unknown")),
            source,
            usage_type: usage_type.as_ref().into(),
            billed_as,
            kind,
            resource: resource.as_deref().map(Arc::from),
            principal: principal.as_deref().map(Arc::from),
            unit: counted.map(|quantity| quantity.unit),
            has_net: net.is_some(),
            has_list: list.is_some(),
        };
        self.lines.entry(key).or_default().add(Sums {
            steps: counted.map_or(0, |quantity| quantity.steps),
            unblended: cost,
            net: net.unwrap_or_default(),
            list: list.unwrap_or_default(),
            rows: 1,
        });
        Ok(())
    }

    fn see_days(&mut self, file: &Path, number: u64, row: &impl Row, span: Option<Span>) -> Result<(), BillingError> {
        if let Some(span) = span {
            self.days.see(span);
        }
        let period = row.cell(Col::PeriodStart).moment().map(|moment| moment.day).or(self.periods.of_path());
        if let Some(period) = period {
            self.days.see_period(period);
        }
        let payer = row.cell(Col::Payer).text().unwrap_or_default();
        match period.or(span.map(|span| span.first.first_of_month())) {
            Some(period) => self.periods.see(&payer, period, file, number),
            None => Ok(()),
        }
    }

    fn see_currency(&mut self, file: &Path, number: u64, row: &impl Row) -> Result<(), BillingError> {
        let Some(currency) = row.cell(Col::Currency).text() else { return Ok(()) };
        if let Some(rows) = self.currencies.get_mut(currency.as_ref()) {
            *rows += 1;
            return Ok(());
        }
        if let Some(expected) = self.currencies.keys().next() {
            return Err(BillingError::TwoCurrencies {
                file: file.to_path_buf(),
                row: number,
                found: currency.into_owned(),
                expected: expected.clone(),
            });
        }
        self.currencies.insert(currency.into_owned(), 1);
        Ok(())
    }

    /// The bill.
    pub(crate) fn finish(mut self) -> Result<Bill, BillingError> {
        let covered = self.days.covered();
        let undated: Vec<LineKey> = self.lines.keys().take_while(|key| key.span.is_none()).cloned().collect();
        for key in undated {
            let (Some(sums), Some((file, row, found))) = (self.lines.remove(&key), self.undated.as_ref()) else {
                continue;
            };
            let Some(span) = covered else {
                return Err(BillingError::NoDates { file: file.clone(), row: *row, found: found.clone() });
            };
            self.lines.entry(LineKey { span: Some(span), ..key }).or_default().add(sums);
        }
        let lines = self.lines.into_iter().filter_map(|(key, sums)| line(key, sums)).collect();
        self.files.sort();
        let (rejected, rejected_more) = self.notes.finish();
        Ok(Bill {
            lines,
            rejected,
            rejected_more,
            currencies: self.currencies.into_iter().collect(),
            covered,
            missing_periods: self.days.missing(),
            has_principals: self.has_principals,
            has_net: self.has_net,
            rows_read: self.rows_read,
            rows_elsewhere: self.rows_elsewhere,
            files: self.files,
        })
    }
}

fn line(key: LineKey, sums: Sums) -> Option<BillLine> {
    Some(BillLine {
        span: key.span?,
        account: key.account,
        region: key.region,
        source: key.source,
        usage_type: key.usage_type,
        billed_as: key.billed_as,
        kind: key.kind,
        resource: key.resource,
        principal: key.principal,
        quantity: key.unit.map(|unit| Quantity { steps: sums.steps, unit }),
        unblended: sums.unblended,
        net: key.has_net.then_some(sums.net),
        list: key.has_list.then_some(sums.list),
        rows: sums.rows,
    })
}

/// Where a row stands, to note what is wrong with it.
struct Place<'a> {
    file: &'a Path,
    number: u64,
    notes: &'a mut Notes,
    kept: Option<Money>,
}

impl Place<'_> {
    fn rejected(&self, col: Col, found: &str, expected: &str) -> Rejected {
        Rejected {
            file: self.file.to_path_buf(),
            row: Some(self.number),
            column: Some(col.name().to_owned()),
            found: printable(found),
            expected: expected.to_owned(),
            kept: self.kept,
            loss: if self.kept.is_some() { Loss::Quantity } else { Loss::Row },
        }
    }

    fn note(&mut self, col: Col, found: &str, expected: &str) {
        let note = self.rejected(col, found, expected);
        self.notes.add(note);
    }

    /// A note made once for all rows of the same trouble. The row itself is used in full.
    fn once(&mut self, topic: &str, col: Col, found: &str, expected: &str) {
        let note = Rejected { kept: None, loss: Loss::Nothing, ..self.rejected(col, found, expected) };
        self.notes.once(topic, note);
    }

    /// The row's cost; `None`, and noted, when it cannot be read.
    fn cost(&mut self, row: &impl Row, column: Col) -> Option<Money> {
        let mut column = column;
        let mut cell = row.cell(column);
        if column != Col::Cost && cell.is_null() {
            self.once(
                column.name(),
                column,
                "nothing",
                "the effective cost of covered usage; its unblended cost is taken",
            );
            column = Col::Cost;
            cell = row.cell(column);
        }
        if let Some(Ok(cost)) = cell.money() {
            return Some(cost);
        }
        self.note(column, &cell.shown(), "a decimal number of dollars of a size that a bill can have");
        None
    }

    /// A cost beside the main one; one that cannot be read is noted and left out.
    fn optional_money(&mut self, row: &impl Row, column: Col) -> Option<Money> {
        let cell = row.cell(column);
        match cell.money()? {
            Ok(money) => Some(money),
            Err(_) => {
                let expected = "a decimal number of dollars, or nothing; the row is used without it";
                let note =
                    Rejected { kept: None, loss: Loss::Nothing, ..self.rejected(column, &cell.shown(), expected) };
                self.notes.add(note);
                None
            }
        }
    }

    /// Notes cells that are no UTF-8; says whether there are any.
    fn note_bytes(&mut self, row: &impl Row) -> bool {
        let mut any = false;
        for col in [Col::Account, Col::ProductCode, Col::UsageType, Col::Resource, Col::Principal, Col::PricingUnit] {
            let cell = row.cell(col);
            if matches!(cell, Value::Bytes(_)) {
                any = true;
                self.note(col, &cell.shown(), "text in UTF-8");
            }
        }
        any
    }

    /// The row's quantity; `None`, and noted, when there is none to be used.
    fn quantity(&mut self, row: &impl Row, billed_as: &BilledAs, usage_type: &str) -> Option<Quantity> {
        let unit = row.cell(Col::PricingUnit);
        let marketplace = has_marketplace_form(usage_type);
        let Some(scale) = scale_of(unit.text().as_deref(), &billed_as.class, usage_type, marketplace) else {
            self.note(Col::PricingUnit, &unit.shown(), &format!("a known unit for usage of class {}", billed_as.class));
            return None;
        };
        let amount = row.cell(Col::Amount);
        match quantity(&amount.text().unwrap_or_default(), scale) {
            Ok(quantity) => Some(quantity),
            Err(expected) => {
                self.note(Col::Amount, &amount.shown(), expected);
                None
            }
        }
    }
}

/// Twelve digits; a tool that turned accounts into numbers has dropped their leading zeros.
fn account_of(cell: &Value<'_>) -> AccountId {
    match cell {
        Value::Int(number) => AccountId::from(format!("{number:012}").as_str()),
        _ => AccountId::from(cell.text().as_deref().unwrap_or("unknown")),
    }
}

/// The region column, where it names a region and not "global" or a place.
fn region_code(row: &impl Row) -> Option<Region> {
    row.cell(Col::RegionCode).text().as_deref().and_then(region_name)
}

/// The region of an ARN: its fourth part.
fn region_of_arn(resource: Option<&str>) -> Option<Region> {
    resource.filter(|arn| arn.starts_with("arn:")).and_then(|arn| arn.split(':').nth(3)).and_then(region_name)
}

fn region_name(text: &str) -> Option<Region> {
    let shaped = text.split('-').count() >= 3
        && text.ends_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    shaped.then(|| Region::from(text))
}
