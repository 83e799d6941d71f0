//! One row's cells read into values, and what is wrong with them noted under the row's place.

use std::path::Path;

use lode_model::{AccountId, Loss, Money, Quantity, Region, Rejected};

use crate::columns::{Col, Layout};
use crate::error::printable;
use crate::kinds::Cost;
use crate::meanings::Known;
use crate::notes::Notes;
use crate::row::{Row, Value};

/// Where a row stands, to note what is wrong with it.
pub(crate) struct Place<'a> {
    file: &'a Path,
    number: u64,
    layout: &'a Layout,
    notes: &'a mut Notes,
    /// The row's dollars, once they are known to stay in the totals.
    pub(crate) kept: Option<Money>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(file: &'a Path, number: u64, layout: &'a Layout, notes: &'a mut Notes) -> Self {
        Self { file, number, layout, notes, kept: None }
    }

    fn rejected(&self, col: Col, found: &str, expected: &str) -> Rejected {
        Rejected {
            file: self.file.to_path_buf(),
            row: Some(self.number),
            column: Some(self.layout.name(col).to_owned()),
            found: printable(found),
            expected: expected.to_owned(),
            kept: self.kept,
            loss: if self.kept.is_some() { Loss::Quantity } else { Loss::Row },
        }
    }

    pub(crate) fn note(&mut self, col: Col, found: &str, expected: &str) {
        let note = self.rejected(col, found, expected);
        self.notes.add(note);
    }

    /// A note made once for all rows of the same trouble. The row itself is used in full.
    pub(crate) fn once(&mut self, topic: &str, col: Col, found: &str, expected: &str) {
        let note = Rejected { kept: None, loss: Loss::Nothing, ..self.rejected(col, found, expected) };
        self.notes.once(topic, note);
    }

    /// Notes once what is not known of all rows for want of a column.
    pub(crate) fn note_columns(&mut self, cost_of: &Cost) {
        let layout = self.layout;
        if !layout.has(Col::UsageType) {
            let expected = "AWS' columns of FOCUS (x_UsageType, SkuMeter); without them the dollars of a row are kept, and \
                            what was metered is not known";
            self.once("usage type", Col::UsageType, "no such column", expected);
        }
        if !layout.has(Col::LineType) {
            let expected = "the type of each row; without it credits, refunds, tax and discounts are taken for usage";
            self.once("line type", Col::LineType, "no such column", expected);
        }
        if cost_of.committed && layout.has(Col::NetCost) && !layout.has(cost_of.net) {
            let expected = "the net cost of covered usage; its cost before discounts is taken";
            self.once("net of a commitment", cost_of.net, "no such column", expected);
        }
    }

    /// The row's account. A spreadsheet turns account numbers into `2.22222E+11`.
    pub(crate) fn account(&mut self, row: &impl Row) -> AccountId {
        let account = account_of(&row.cell(Col::Account));
        if account.as_str().contains(['E', 'e']) && account.as_str().starts_with(|c: char| c.is_ascii_digit()) {
            let expected =
                "an account of twelve digits; a spreadsheet has rounded this one, and others may look the same";
            self.once("account", Col::Account, account.as_str(), expected);
        }
        account
    }

    /// The row's cost; `None`, and noted, when it cannot be read.
    pub(crate) fn cost(&mut self, row: &impl Row, column: Col) -> Option<Money> {
        let mut column = column;
        let mut cell = row.cell(column);
        if column != Col::Cost && cell.is_null() {
            self.once(
                "effective cost",
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
    pub(crate) fn optional_money(&mut self, row: &impl Row, column: Col) -> Option<Money> {
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
    pub(crate) fn note_bytes(&mut self, row: &impl Row) -> bool {
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
    pub(crate) fn quantity(&mut self, row: &impl Row, known: &Known) -> Option<Quantity> {
        // FOCUS has two pairs of amount and unit, and AWS leaves the unit of pricing empty for some offerings.
        let consumed = row.cell(Col::PricingUnit).is_null() && !row.cell(Col::ConsumedUnit).is_null()
            || row.cell(Col::Amount).is_null() && !row.cell(Col::Consumed).is_null();
        let (amount_col, unit_col, measure) = if consumed {
            (Col::Consumed, Col::ConsumedUnit, known.consumed)
        } else {
            (Col::Amount, Col::PricingUnit, known.priced)
        };
        let unit = row.cell(unit_col);
        let Some(measure) = measure else {
            let class = &known.meaning.billed_as.class;
            self.note(unit_col, &unit.shown(), &format!("a known unit for usage of class {class}"));
            return None;
        };
        if let Some(expected) = measure.assumed {
            self.once(expected, unit_col, "no unit", expected);
        }
        let amount = row.cell(amount_col);
        match measure.quantity(&amount.text().unwrap_or_default()) {
            Ok(quantity) => Some(quantity),
            Err(expected) => {
                self.note(amount_col, &amount.shown(), expected);
                None
            }
        }
    }
}

/// Twelve digits; a tool that turned accounts into numbers has dropped their leading zeros.
fn account_of(cell: &Value<'_>) -> AccountId {
    match cell {
        Value::Int(number) => AccountId::from(format!("{number:012}").as_str()),
        Value::Float(number) if number.fract() == 0.0 => AccountId::from(format!("{number:012.0}").as_str()),
        _ => AccountId::from(cell.text().as_deref().unwrap_or("unknown")),
    }
}

/// The region of an ARN: its fourth part.
pub(crate) fn region_of_arn(resource: Option<&str>) -> Option<&str> {
    resource.filter(|arn| arn.starts_with("arn:")).and_then(|arn| arn.split(':').nth(3)).filter(|text| is_region(text))
}

/// Whether it is a region's code; no "global" and no place.
fn is_region(text: &str) -> bool {
    text.split('-').count() >= 3
        && text.ends_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A region's code.
pub(crate) fn region_name(text: &str) -> Option<Region> {
    is_region(text).then(|| Region::from(text))
}
