//! Rows become lines: one consumer for the rows of every file, and the sums they are added into.
//!
//! Everything kept here is a sum, a minimum or a maximum, so the order of files and rows, and on how many threads they
//! were read, cannot show in the bill.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lode_model::{
    AccountId, Bill, BillLine, BilledAs, BillingSource, CallerKey, ChargeKind, Layer, Loss, Money, Quantity, Region,
    Rejected, Span, Unit,
};

use crate::BillingError;
use crate::classify::{Named, classify, has_unknown_prefix, model_in};
use crate::columns::{Col, Layout};
use crate::days::{Days, span_of};
use crate::kinds::{Treatment, treatment};
use crate::moment::Moment;
use crate::notes::Notes;
use crate::periods::{Origin, PartKey, Size, choose, folder_of, period_of_path};
use crate::place::{Place, account_of, region_name, region_of_arn};
use crate::row::{Row, map_entry};

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
    labels: Vec<(CallerKey, Arc<str>)>,
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

type Lines = BTreeMap<LineKey, Sums>;

/// What was read of one payer's billing period from one place.
#[derive(Debug, Default)]
struct Part {
    lines: Lines,
    files: BTreeSet<PathBuf>,
}

impl Part {
    fn size(&self) -> Size {
        let mut size = Size::default();
        for (key, sums) in &self.lines {
            size.rows += sums.rows;
            size.usd += sums.unblended;
            if !size.accounts.contains(&key.account) {
                size.accounts.insert(key.account.clone());
            }
            if key.kind == ChargeKind::Usage {
                size.last = size.last.max(key.span.map(|span| span.last));
            }
        }
        size
    }
}

/// The file being read.
#[derive(Debug)]
struct Now {
    file: PathBuf,
    /// The part that the last row belonged to: most rows need no new key.
    part: PartKey,
    /// The period that the folder's name says.
    path_period: Option<jiff::civil::Date>,
    days: Days,
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
        let path_period = period_of_path(&folder_of(file));
        let part = PartKey { payer: "".into(), period: path_period, origin: Origin::of(file, layout.form, binary) };
        self.now = Some(Now { file: file.to_path_buf(), part, path_period, days: Days::default() });
    }

    fn end_file(&mut self) {
        if let Some(now) = self.now.take() {
            self.days.entry(now.part.origin).or_default().merge(now.days);
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
        let usage_type = row.cell(Col::UsageType).text().unwrap_or_default();
        let Some(meaning) = self.meanings.of(row, &self.stores) else {
            self.rows_elsewhere += 1;
            return;
        };
        let mut billed_as = meaning.billed_as.clone();
        let Treatment::Keep(cost_of) = treatment(row) else { return };
        let file = &now.file;
        let mut at = Place::new(file, number, row.layout(), &mut self.notes);
        let Some(cost) = at.cost(row, cost_of.column) else { return };
        at.kept = Some(cost);
        if !row.layout().has(Col::UsageType) {
            let expected = "AWS' columns of FOCUS (x_UsageType, SkuMeter); without them the dollars of a row are kept, and \
                            what was metered is not known";
            at.once("usage type", Col::UsageType, "no such column", expected);
        }
        if cost_of.unknown {
            let found = row.cell(Col::LineType).shown();
            at.note(Col::LineType, &found, "a line item type of AWS' dictionaries");
        }
        let mut fixed = at.note_bytes(row);
        if span.is_none() {
            fixed = true;
            let found = row.cell(Col::Start).shown();
            at.note(Col::Start, &found, "a UTC time such as 2026-10-01T00:00:00.000Z");
            let candidate = (file.clone(), number, row.layout().name(Col::Start).to_owned(), found);
            self.undated = Some(self.undated.take().map_or(candidate.clone(), |known| known.min(candidate)));
        }
        // What a commitment pays for costs the same used or not, until that ends: a fixed amount.
        let counted = if cost_of.kind == ChargeKind::Usage && !fixed && !cost_of.committed {
            at.quantity(row, &billed_as, &usage_type)
        } else {
            None
        };
        let net = at.optional_money(row, cost_of.net);
        let list = at.optional_money(row, Col::ListCost).filter(|list| !list.is_zero() || cost.is_zero());
        if meaning.nowhere && has_unknown_prefix(&usage_type) {
            let prefix = usage_type.split(['-', '_']).next().unwrap_or_default();
            at.once(
                prefix,
                Col::UsageType,
                &usage_type,
                "a usage type with a known region prefix, or a column with the region's code",
            );
        }
        if cost_of.kind != ChargeKind::Usage && usage_type.is_empty() && billed_as.layer == Layer::Unclassified {
            billed_as.layer = Layer::Other;
        }
        see_currency(&mut self.currencies, file, number, row);
        let account = account_of(&row.cell(Col::Account));
        if let Some(name) = row.cell(Col::AccountName).text() {
            // Of two names of one account, whichever comes first in the alphabet: an account may be renamed.
            if self.account_names.get(&account).is_none_or(|known| **known > *name) {
                self.account_names.insert(account.clone(), name.as_ref().into());
            }
        }
        let principal = row.cell(Col::Principal).text();
        self.has_principals |= principal.is_some();
        let key = LineKey {
            span,
            account,
            region: meaning.region.clone(),
            source: meaning.source,
            usage_type: Arc::clone(&meaning.usage_type),
            billed_as,
            kind: cost_of.kind,
            resource: resource.as_deref().map(Arc::from),
            principal: principal.as_deref().map(Arc::from),
            labels: row.labels(),
            unit: counted.map(|quantity| quantity.unit),
            has_net: net.is_some(),
            has_list: list.is_some(),
        };
        let sums = Sums {
            steps: counted.map_or(0, |quantity| quantity.steps),
            unblended: cost,
            net: net.unwrap_or_default(),
            list: list.unwrap_or_default(),
            rows: 1,
        };
        now.part.period = period.or(span.map(|span| span.first)).map(jiff::civil::Date::first_of_month);
        let payer = row.cell(Col::Payer).text().unwrap_or_default();
        if *now.part.payer != *payer {
            now.part.payer = payer.as_ref().into();
        }
        if !self.parts.contains_key(&now.part) {
            self.parts.insert(now.part.clone(), Part::default());
        }
        let Some(part) = self.parts.get_mut(&now.part) else { return };
        if !part.files.contains(file) {
            part.files.insert(file.clone());
        }
        part.lines.entry(key).or_default().add(sums);
    }

    /// Adds what another reader gathered.
    pub(crate) fn merge(&mut self, mut other: Self) {
        self.end_file();
        other.end_file();
        for (key, part) in other.parts {
            let mine = self.parts.entry(key).or_default();
            mine.files.extend(part.files);
            for (line, sums) in part.lines {
                mine.lines.entry(line).or_default().add(sums);
            }
        }
        self.notes.merge(other.notes);
        for (origin, days) in other.days {
            self.days.entry(origin).or_default().merge(days);
        }
        for (currency, (rows, first)) in other.currencies {
            let mine = self.currencies.entry(currency).or_insert((0, first.clone()));
            mine.0 += rows;
            mine.1 = mine.1.clone().min(first);
        }
        for (account, name) in other.account_names {
            let mine = self.account_names.entry(account).or_insert_with(|| Arc::clone(&name));
            *mine = Arc::clone(mine).min(name);
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
        let mut days = Days::default();
        for of_place in std::mem::take(&mut self.days).into_values() {
            days.merge(of_place);
        }
        let covered = days.covered();
        let mut lines = Lines::new();
        for mut part in self.parts.into_values() {
            // Undated lines come first.
            if lines.is_empty() && part.lines.keys().next().is_none_or(|key| key.span.is_some()) {
                lines = std::mem::take(&mut part.lines);
            }
            for (key, sums) in part.lines {
                let span = match (key.span, covered, &self.undated) {
                    (Some(span), ..) | (None, Some(span), _) => span,
                    (None, None, Some((file, row, column, found))) => {
                        return Err(BillingError::NoDates {
                            file: file.clone(),
                            row: *row,
                            column: column.clone(),
                            found: found.clone(),
                        });
                    }
                    (None, None, None) => continue,
                };
                lines.entry(LineKey { span: Some(span), ..key }).or_default().add(sums);
            }
        }
        let (rejected, rejected_more) = self.notes.finish();
        Ok(Bill {
            lines: lines.into_iter().filter_map(|(key, sums)| line(key, sums)).collect(),
            rejected,
            rejected_more,
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
        let sizes = self.parts.iter().map(|(key, part)| (key.clone(), part.size())).collect();
        let mut left = BTreeMap::new();
        let mut why = BTreeMap::new();
        for superseded in choose(&sizes)? {
            why.insert(superseded.part.origin.clone(), superseded.why.clone());
            let Some(part) = self.parts.remove(&superseded.part) else { continue };
            left.extend(part.files.into_iter().map(|file| (file, superseded.why.clone())));
        }
        // What is left of such a place has no period that could be compared, unless it has others of its own.
        let used: BTreeSet<Origin> =
            self.parts.keys().filter(|key| key.period.is_some()).map(|key| key.origin.clone()).collect();
        why.retain(|origin, _| !used.contains(origin));
        self.days.retain(|origin, _| !why.contains_key(origin));
        let undated: Vec<PartKey> = self.parts.keys().filter(|key| why.contains_key(&key.origin)).cloned().collect();
        for key in undated {
            let (Some(part), Some(why)) = (self.parts.remove(&key), why.get(&key.origin)) else { continue };
            left.extend(part.files.into_iter().map(|file| (file, why.clone())));
        }
        // A file may hold several periods, of which another is used.
        left.retain(|file, _| !self.parts.values().any(|part| part.files.contains(file)));
        self.notes.forget(|file| left.contains_key(file));
        Ok(left.into_iter().collect())
    }
}

/// What a row is, by the names it carries.
#[derive(Clone, Debug)]
struct Meaning {
    source: BillingSource,
    region: Region,
    /// Whether no cell of the row names a region that is known.
    nowhere: bool,
    usage_type: Arc<str>,
    billed_as: BilledAs,
}

/// All that a row's resource says of its meaning.
struct Told<'a> {
    /// The model in its ARN.
    model: Option<&'a str>,
    region: Option<&'a str>,
    /// Whether it is one of Bedrock's.
    bedrock: bool,
}

fn told_by_resource(resource: Option<&str>) -> Told<'_> {
    Told {
        model: resource.and_then(model_in),
        region: region_of_arn(resource),
        bedrock: resource.is_some_and(|resource| resource.contains(":bedrock")),
    }
}

/// Meanings of the rows so far, by everything that decides them: rows of one hour, caller or price differ in nothing of it.
#[derive(Debug, Default)]
struct Meanings {
    known: BTreeMap<Box<str>, Option<Arc<Meaning>>>,
    key: String,
}

impl Meanings {
    /// More than that are not remembered: their rows have little in common.
    const MOST: usize = 65_536;

    fn of(&mut self, row: &impl Row, stores: &BTreeSet<String>) -> Option<Arc<Meaning>> {
        let entity = row.cell(Col::BillingEntity).text();
        let may_be_marketplace = entity.as_deref().is_none_or(|entity| entity.eq_ignore_ascii_case("AWS Marketplace"));
        let asks_name = may_be_marketplace || row.cell(Col::ProductCode).is_null();
        let name = asks_name.then(|| {
            let own = row.cell(Col::ProductName).text().map(Cow::into_owned);
            own.or_else(|| map_entry(&row.cell(Col::Product), &["product_name"]))
        });
        let name = name.flatten();
        let cells = [
            Col::ProductCode,
            Col::ServiceName,
            Col::Publisher,
            Col::Issuer,
            Col::Operation,
            Col::UsageType,
            Col::RegionCode,
        ];
        let texts = cells.map(|col| row.cell(col).text());
        let resource = row.cell(Col::Resource).text();
        let is_store = resource.as_deref().is_some_and(|resource| stores.contains(resource));
        let told = told_by_resource(resource.as_deref());
        self.key.clear();
        let names = [entity.as_deref(), name.as_deref(), told.model, told.region];
        for text in names.into_iter().chain(texts.iter().map(|text| text.as_deref())) {
            self.key.push_str(text.unwrap_or_default());
            self.key.push('\0');
        }
        self.key.push_str(if is_store { "store" } else { "" });
        self.key.push_str(if told.bedrock { "bedrock" } else { "" });
        if let Some(known) = self.known.get(self.key.as_str()) {
            return known.clone();
        }
        let [code, service, publisher, issuer, operation, usage_type, region] = &texts;
        let named = Named {
            entity: entity.as_deref(),
            product_code: code.as_deref().unwrap_or_default(),
            product_name: name.as_deref(),
            usage_type: usage_type.as_deref().unwrap_or_default(),
            resource: resource.as_deref(),
            service_name: service.as_deref(),
            publisher: publisher.as_deref().or(issuer.as_deref()),
            operation: operation.as_deref(),
            knowledge_base_store: is_store,
        };
        let meaning = classify(&named).map(|(source, prefix_region, billed_as)| {
            let region = region.as_deref().and_then(region_name).or(prefix_region);
            let region = region.or_else(|| told.region.map(Region::from));
            let nowhere = region.is_none();
            let region = region.unwrap_or_else(|| Region::from("unknown"));
            let usage_type = usage_type.as_deref().unwrap_or_default().into();
            Arc::new(Meaning { source, region, nowhere, usage_type, billed_as })
        });
        if self.known.len() < Self::MOST {
            self.known.insert(self.key.as_str().into(), meaning.clone());
        }
        meaning
    }
}

fn see_currency(currencies: &mut BTreeMap<String, Currency>, file: &Path, number: u64, row: &impl Row) {
    let Some(currency) = row.cell(Col::Currency).text() else { return };
    if let Some((rows, first)) = currencies.get_mut(currency.as_ref()) {
        *rows += 1;
        if (first.0.as_path(), first.1) > (file, number) {
            *first = (file.to_path_buf(), number, first.2.clone());
        }
        return;
    }
    let first = (file.to_path_buf(), number, row.layout().name(Col::Currency).to_owned());
    currencies.insert(currency.into_owned(), (1, first));
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
        labels: key.labels,
        quantity: key.unit.map(|unit| Quantity { steps: sums.steps, unit }),
        unblended: sums.unblended,
        net: key.has_net.then_some(sums.net),
        list: key.has_list.then_some(sums.list),
        rows: sums.rows,
    })
}
