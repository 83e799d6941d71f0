//! Rows become lines: one consumer for the rows of every file, and the sums they are added into.
//!
//! Everything kept here is a sum, a minimum or a maximum, so the order of files and rows, and on how many threads they
//! were read, cannot show in the bill.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{AccountId, Bill, ChargeKind, Loss, Rejected};

use crate::BillingError;
use crate::classify::has_unknown_prefix;
use crate::columns::{Col, Form, Layout};
use crate::days::{Days, span_of};
use crate::kinds::{Treatment, treatment};
use crate::lines::{LineKey, Lines, Sums, in_order};
use crate::meanings::{Meaning, Meanings};
use crate::moment::Moment;
use crate::notes::Notes;
use crate::overlap::{Sample, overlapping};
use crate::periods::{Origin, PartKey, choose, folder_of, period_of_path};
use crate::place::Place;
use crate::row::Row;

/// What was read of one payer's billing period from one place.
#[derive(Debug, Default)]
struct Part {
    lines: Lines,
    files: BTreeMap<PathBuf, Sample>,
}

/// The file being read.
#[derive(Debug)]
struct Now {
    file: PathBuf,
    origin: Origin,
    /// The parts that the file's rows belong to; mostly one, never many.
    parts: Vec<(PartKey, Part, Sample)>,
    /// The one that the last row belonged to.
    part: usize,
    /// The period that the folder's name says.
    path_period: Option<Date>,
    days: Days,
    /// How many rows have this currency, and the first of them.
    currencies: BTreeMap<String, (u64, u64)>,
    currency_column: String,
}

impl Now {
    fn see_currency(&mut self, number: u64, row: &impl Row) {
        let Some(currency) = row.cell(Col::Currency).text() else { return };
        match self.currencies.get_mut(currency.as_ref()) {
            Some((rows, first)) => (*rows, *first) = (*rows + 1, (*first).min(number)),
            None => {
                self.currencies.insert(currency.into_owned(), (1, number));
            }
        }
    }

    /// The lines of a payer's billing period, and the sample of this file's rows in it; what earlier files have of it
    /// is taken from `parts`.
    fn part_of(
        &mut self,
        period: Option<Date>,
        payer: &str,
        parts: &mut BTreeMap<PartKey, Part>,
    ) -> (&mut Lines, &mut Sample) {
        let is = |(key, ..): &(PartKey, Part, Sample)| key.period == period && *key.payer == *payer;
        if !self.parts.get(self.part).is_some_and(is) {
            self.part = self.parts.iter().position(is).unwrap_or_else(|| {
                let key = PartKey { period, payer: payer.into(), origin: self.origin.clone() };
                let part = parts.remove(&key).unwrap_or_default();
                self.parts.push((key, part, Sample::default()));
                self.parts.len() - 1
            });
        }
        let (_, part, sample) = &mut self.parts[self.part];
        (&mut part.lines, sample)
    }
}

/// A currency's rows, and the first of them.
type Currency = (u64, (PathBuf, u64, String));

/// The bill in the making.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    parts: BTreeMap<PartKey, Part>,
    now: Option<Now>,
    meanings: Meanings,
    pub(crate) notes: Notes,
    /// The days that the rows of each place speak of.
    days: BTreeMap<Origin, Days>,
    currencies: BTreeMap<String, Currency>,
    account_names: BTreeMap<AccountId, Arc<str>>,
    has_principals: bool,
    has_net: bool,
    rows_read: u64,
    rows_elsewhere: u64,
    files: Vec<PathBuf>,
    /// The first row without a date that can be read, its date column, and what stands there.
    undated: Option<(PathBuf, u64, String, String)>,
    /// Resources of other services whose rows belong to the bill.
    pub(crate) stores: Arc<BTreeSet<String>>,
}

impl Gather {
    /// One that gathers the same way, having gathered nothing.
    pub(crate) fn beside(&self) -> Self {
        Self { stores: Arc::clone(&self.stores), ..Self::default() }
    }

    /// Starts a file without a table: an empty one.
    pub(crate) fn empty_file(&mut self, file: &Path) {
        self.files.push(file.to_path_buf());
    }

    /// Starts a file. `binary` tells Parquet from text, so that one export in both forms is noticed.
    pub(crate) fn begin(&mut self, file: &Path, binary: bool, layout: &Layout) {
        self.files.push(file.to_path_buf());
        self.has_net |= layout.has(Col::NetCost);
        self.end_file();
        self.now = Some(Now {
            file: file.to_path_buf(),
            origin: Origin::of(file, layout.form, binary),
            parts: Vec::new(),
            part: 0,
            path_period: period_of_path(&folder_of(file)),
            days: Days::default(),
            currencies: BTreeMap::new(),
            currency_column: layout.name(Col::Currency).to_owned(),
        });
    }

    fn end_file(&mut self) {
        let Some(now) = self.now.take() else { return };
        for (key, mut part, sample) in now.parts {
            part.files.insert(now.file.clone(), sample);
            self.parts.insert(key, part);
        }
        for (currency, (rows, first)) in now.currencies {
            self.see_currency(currency, (rows, (now.file.clone(), first, now.currency_column.clone())));
        }
        self.days.entry(now.origin).or_default().merge(now.days);
    }

    fn see_currency(&mut self, currency: String, (rows, first): Currency) {
        let mine = self.currencies.entry(currency).or_insert_with(|| (0, first.clone()));
        mine.0 += rows;
        if first < mine.1 {
            mine.1 = first;
        }
    }

    /// Counts rows of other services that were passed over unread.
    pub(crate) fn passed_over(&mut self, rows: u64) {
        self.rows_read += rows;
        self.rows_elsewhere += rows;
    }

    /// Notes between which starts the rows of the file lie that were passed over.
    pub(crate) fn see_starts(&mut self, first: Moment, last: Moment) {
        if let Some(now) = &mut self.now {
            now.days.see_starts(first.day, last.day);
        }
    }

    /// Notes a row that cannot be used at all.
    pub(crate) fn reject_row(&mut self, number: u64, found: String, expected: String) {
        self.rows_read += 1;
        let Some(now) = &self.now else { return };
        self.notes.lose(&now.file);
        self.notes.add(Rejected {
            file: now.file.clone(),
            row: Some(number),
            column: None,
            found,
            expected,
            kept: None,
            loss: Loss::Row,
        });
    }

    /// Takes one row. `number` counts rows of data from 1.
    pub(crate) fn take(&mut self, number: u64, row: &impl Row) {
        let Some(now) = &mut self.now else { return };
        self.rows_read += 1;
        let start = row.cell(Col::Start).moment();
        let span = start.map(|start| span_of(start, row.cell(Col::End).moment()));
        if let Some(span) = span {
            now.days.see(span);
        }
        let period = row.cell(Col::PeriodStart).moment().map(|moment: Moment| moment.day).or(now.path_period);
        if let Some(period) = period {
            now.days.see_period(period);
        }
        let resource = row.cell(Col::Resource).text();
        let Some(known) = self.meanings.of(row, resource.as_deref(), &self.stores) else {
            self.rows_elsewhere += 1;
            return;
        };
        let usage_type = &known.meaning.usage_type;
        let Treatment::Keep(cost_of) = treatment(row) else { return };
        let mut at = Place::new(&now.file, number, row.layout(), &mut self.notes);
        let Some(cost) = at.cost(row, cost_of.column) else {
            self.notes.lose(&now.file);
            return;
        };
        at.kept = Some(cost);
        at.note_columns(&cost_of);
        if cost_of.unknown {
            let found = row.cell(Col::LineType).shown();
            at.note(Col::LineType, &found, "a line item type of AWS' dictionaries");
        }
        let mut fixed = at.note_bytes(row);
        if span.is_none() {
            fixed = true;
            let found = row.cell(Col::Start).shown();
            at.note(Col::Start, &found, "a UTC time such as 2026-10-01T00:00:00.000Z");
            let candidate = (now.file.clone(), number, row.layout().name(Col::Start).to_owned(), found);
            self.undated = Some(self.undated.take().map_or(candidate.clone(), |known| known.min(candidate)));
        }
        // What a commitment pays for costs the same used or not, until that ends: a fixed amount.
        let is_usage = cost_of.kind == ChargeKind::Usage;
        let counted = if is_usage && !fixed && !cost_of.committed { at.quantity(row, &known) } else { None };
        let net = at.optional_money(row, cost_of.net);
        let list = at.optional_money(row, Col::ListCost).filter(|list| !list.is_zero() || cost.is_zero());
        if known.nowhere && has_unknown_prefix(usage_type) {
            let prefix = usage_type.split(['-', '_']).next().unwrap_or_default();
            at.once(
                prefix,
                Col::UsageType,
                usage_type,
                "a usage type with a known region prefix, or a column with the region's code",
            );
        }
        let meaning = if is_usage { Arc::clone(&known.meaning) } else { Meaning::of_no_usage(&known.meaning) };
        let account = at.account(row);
        if let Some(name) = row.cell(Col::AccountName).text() {
            see_account_name(&mut self.account_names, &account, &name);
        }
        now.see_currency(number, row);
        let principal = row.cell(Col::Principal).text();
        self.has_principals |= principal.is_some();
        let key = LineKey {
            span,
            account,
            kind: cost_of.kind,
            resource: resource.filter(|resource| meaning.needs(resource)).as_deref().map(Arc::from),
            principal: principal.as_deref().map(Arc::from),
            labels: row.labels(),
            unit: counted.map(|quantity| quantity.unit),
            is_free: cost.is_zero(),
            committed: cost_of.committed,
            has_net: net.is_some(),
            has_list: list.is_some(),
            meaning,
        };
        let sums = Sums {
            steps: counted.map_or(0, |quantity| quantity.steps),
            unblended: cost,
            net: net.unwrap_or_default(),
            list: list.unwrap_or_default(),
            rows: 1,
        };
        let period = period.or(span.map(|span| span.first)).map(Date::first_of_month);
        let payer = row.cell(Col::Payer).text().unwrap_or_default();
        let (lines, sample) = now.part_of(period, &payer, &mut self.parts);
        lines.add(key, sums);
        sample.see(row);
    }

    /// Adds what another reader gathered.
    pub(crate) fn merge(&mut self, mut other: Self) {
        self.end_file();
        other.end_file();
        for (key, part) in other.parts {
            let mine = self.parts.entry(key).or_default();
            mine.files.extend(part.files);
            mine.lines.merge(part.lines);
        }
        self.notes.merge(other.notes);
        for (origin, days) in other.days {
            self.days.entry(origin).or_default().merge(days);
        }
        for (currency, seen) in other.currencies {
            self.see_currency(currency, seen);
        }
        for (account, name) in other.account_names {
            see_account_name(&mut self.account_names, &account, &name);
        }
        self.has_principals |= other.has_principals;
        self.has_net |= other.has_net;
        self.rows_read += other.rows_read;
        self.rows_elsewhere += other.rows_elsewhere;
        self.files.extend(other.files);
        self.undated = match (self.undated.take(), other.undated) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    /// The bill.
    pub(crate) fn finish(mut self) -> Result<Bill, BillingError> {
        self.end_file();
        self.files.sort();
        if let Some(twice) = self.files.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(BillingError::FileTwice { file: twice[0].clone() });
        }
        one_currency(&self.currencies)?;
        let superseded = self.drop_superseded()?;
        if let Some((first, second)) = self.parts.values().find_map(|part| overlapping(&part.files)) {
            return Err(BillingError::RowsTwice { first, second });
        }
        let mut days = Days::default();
        for of_place in std::mem::take(&mut self.days).into_values() {
            days.merge(of_place);
        }
        let covered = days.covered();
        let after_discounts = self.parts.keys().any(|part| part.origin.form == Form::Focus);
        let of_parts: Vec<Lines> = self.parts.into_values().map(|part| part.lines).collect();
        if let (None, Some((file, row, column, found))) = (covered, self.undated)
            && of_parts.iter().any(Lines::has_undated)
        {
            return Err(BillingError::NoDates { file, row, column, found });
        }
        let rows_lost = self.notes.lost();
        let (rejected, rejected_more) = self.notes.finish();
        Ok(Bill {
            lines: in_order(of_parts, covered),
            rejected,
            rejected_more,
            rows_lost,
            after_discounts,
            currencies: self.currencies.into_iter().map(|(currency, (rows, _))| (currency, rows)).collect(),
            covered,
            missing_periods: days.missing(),
            account_names: self.account_names,
            superseded,
            has_principals: self.has_principals,
            has_net: self.has_net,
            rows_read: self.rows_read,
            rows_elsewhere: self.rows_elsewhere,
            files: self.files,
        })
    }

    /// Leaves each billing period in one place. Returns the files that are not used, and why.
    fn drop_superseded(&mut self) -> Result<Vec<(PathBuf, String)>, BillingError> {
        let sizes = self.parts.iter().map(|(key, part)| (key.clone(), part.lines.size())).collect();
        let mut left = BTreeMap::new();
        let mut why = BTreeMap::new();
        for superseded in choose(&sizes)? {
            why.insert(superseded.part.origin.clone(), superseded.why.clone());
            let Some(part) = self.parts.remove(&superseded.part) else { continue };
            left.extend(part.files.into_keys().map(|file| (file, superseded.why.clone())));
        }
        // What is left of such a place has no period that could be compared, unless it has others of its own.
        let used: BTreeSet<Origin> =
            self.parts.keys().filter(|key| key.period.is_some()).map(|key| key.origin.clone()).collect();
        why.retain(|origin, _| !used.contains(origin));
        self.days.retain(|origin, _| !why.contains_key(origin));
        let undated: Vec<PartKey> = self.parts.keys().filter(|key| why.contains_key(&key.origin)).cloned().collect();
        for key in undated {
            let (Some(part), Some(why)) = (self.parts.remove(&key), why.get(&key.origin)) else { continue };
            left.extend(part.files.into_keys().map(|file| (file, why.clone())));
        }
        // A file may hold several periods, of which another is used.
        left.retain(|file, _| !self.parts.values().any(|part| part.files.contains_key(file)));
        self.notes.forget(|file| left.contains_key(file));
        Ok(left.into_iter().collect())
    }
}

/// Of two names of one account, whichever comes first in the alphabet: an account may be renamed.
fn see_account_name(names: &mut BTreeMap<AccountId, Arc<str>>, account: &AccountId, name: &str) {
    if names.get(account).is_none_or(|known| **known > *name) {
        names.insert(account.clone(), name.into());
    }
}

/// Amounts in two currencies cannot be added up.
fn one_currency(currencies: &BTreeMap<String, Currency>) -> Result<(), BillingError> {
    let mut by_first: Vec<_> = currencies.iter().map(|(currency, (_, first))| (first, currency)).collect();
    by_first.sort();
    let [(_, expected), ((file, row, column), found), ..] =
        by_first.iter().map(|((file, row, column), currency)| ((file, row, column), currency)).collect::<Vec<_>>()[..]
    else {
        return Ok(());
    };
    Err(BillingError::TwoCurrencies {
        file: file.clone(),
        row: *row,
        column: column.clone(),
        found: (*found).clone(),
        expected: (*expected).clone(),
    })
}
