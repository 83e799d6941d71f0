//! Which billing period of which payer stands where, so that none is added up twice: the CSV and the Parquet of one
//! export, two executions of it, or exports in two forms hold the same dollars.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use lode_model::{AccountId, Money};

use crate::BillingError;
use crate::columns::Form;

/// Where rows come from: chunks of one export share a folder, a form and a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) form: Form,
    pub(crate) folder: Arc<Path>,
    /// The export's name, where the file's is `<name>-<number>` as AWS delivers chunks; else empty.
    pub(crate) export: Arc<str>,
    /// Parquet, not text.
    pub(crate) binary: bool,
}

impl Origin {
    pub(crate) fn of(file: &Path, form: Form, binary: bool) -> Self {
        Self { form, folder: folder_of(file).into(), export: export_of(file).into(), binary }
    }

    /// The folder; where two exports share it, with the name.
    fn shown(&self, beside: &Self) -> PathBuf {
        if self.folder == beside.folder && self.export != beside.export {
            return self.folder.join(format!("{}-…", self.export));
        }
        self.folder.to_path_buf()
    }
}

/// `e` of `e-00001.csv.gz`; nothing where the name has another form.
fn export_of(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let endings = [".csv.gz", ".csv.zip", ".csv", ".snappy.parquet", ".parquet"];
    let stem = endings.iter().find_map(|ending| name.strip_suffix(ending)).and_then(|stem| stem.rsplit_once('-'));
    match stem {
        Some((export, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => export.to_owned(),
        _ => String::new(),
    }
}

/// The rows of one payer's billing period from one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PartKey {
    /// First day of the billing period; `None` where neither row nor folder says.
    pub(crate) period: Option<Date>,
    /// Empty where the export does not say.
    pub(crate) payer: Arc<str>,
    pub(crate) origin: Origin,
}

/// What two copies of a period are compared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: u64,
    pub(crate) usd: Money,
    /// The last day with usage.
    pub(crate) last: Option<Date>,
    pub(crate) accounts: BTreeSet<AccountId>,
}

impl Size {
    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.usd += other.usd;
        self.last = self.last.max(other.last);
        self.accounts.extend(other.accounts.iter().cloned());
    }

    /// Whether another copy has days or accounts that this one has not.
    fn lacks_some_of(&self, other: &Self) -> bool {
        other.last > self.last || !other.accounts.is_subset(&self.accounts)
    }

    fn said(&self) -> String {
        format!("{} of Bedrock in {} {}", self.usd.to_usd(), self.rows, if self.rows == 1 { "row" } else { "rows" })
    }
}

/// A part that is not used, because its period was read from another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Superseded {
    pub(crate) part: PartKey,
    pub(crate) why: String,
}

/// Chooses where each period is taken from: the best form, unless another has days or accounts that it has not; of one form,
/// either copy where both say the same.
///
/// # Errors
/// When two places differ and nothing says which of them is right.
pub(crate) fn choose(parts: &BTreeMap<PartKey, Size>) -> Result<Vec<Superseded>, BillingError> {
    let mut superseded = Vec::new();
    let periods: BTreeSet<Date> = parts.keys().filter_map(|key| key.period).collect();
    for period in periods {
        let of_period = || parts.iter().filter(|(key, _)| key.period == Some(period));
        // Where some place does not say the payer, it may be any of the others.
        let unsaid = of_period().any(|(key, _)| key.payer.is_empty());
        let payers: BTreeSet<&Arc<str>> =
            if unsaid { BTreeSet::new() } else { of_period().map(|(key, _)| &key.payer).collect() };
        if unsaid {
            superseded.extend(best_of(period, "", of_period().collect())?);
        }
        for payer in payers {
            superseded.extend(best_of(period, payer, of_period().filter(|(key, _)| key.payer == *payer).collect())?);
        }
    }
    Ok(superseded)
}

fn best_of(period: Date, payer: &str, parts: Vec<(&PartKey, &Size)>) -> Result<Vec<Superseded>, BillingError> {
    let mut places: BTreeMap<&Origin, Size> = BTreeMap::new();
    for (key, size) in &parts {
        places.entry(&key.origin).or_default().add(size);
    }
    // Sorted by form first.
    let Some((&best, size)) = places.first_key_value() else { return Ok(Vec::new()) };
    let mut why = BTreeMap::new();
    for (&origin, other) in places.iter().skip(1) {
        let differ = if origin.form == best.form { other != size } else { size.lacks_some_of(other) };
        if differ {
            return Err(BillingError::PeriodTwice {
                payer: payer.into(),
                period,
                first: best.shown(origin),
                first_has: size.said().into(),
                second: origin.shown(best),
                second_has: other.said().into(),
            });
        }
        why.insert(origin, explained(period, (best, size), (origin, other)));
    }
    let left = parts.into_iter().filter_map(|(part, _)| {
        let why = why.get(&part.origin)?.clone();
        Some(Superseded { part: part.clone(), why })
    });
    Ok(left.collect())
}

fn explained(period: Date, (best, size): (&Origin, &Size), (origin, other): (&Origin, &Size)) -> String {
    let month = format!("{:04}-{:02}", period.year(), period.month());
    let place =
        |origin: &Origin| format!("{} in {}", origin.form.as_str(), if origin.binary { "Parquet" } else { "CSV" });
    let folder = best.shown(origin);
    let folder = folder.display();
    if origin.form == best.form {
        let has = size.said();
        return format!("the same as the {} of {folder} (billing period {month}, {has}); counted once", place(best));
    }
    format!(
        "billing period {month} is taken from the {} of {folder}, which names more ({}); this {} has {}",
        place(best),
        size.said(),
        place(origin),
        other.said()
    )
}

/// The period that a folder's name says: `BILLING_PERIOD=2026-10`, `20261001-20261101`, or `year=2026/month=10`.
pub(crate) fn period_of_path(folder: &Path) -> Option<Date> {
    let names: Vec<&str> = folder.components().filter_map(|component| component.as_os_str().to_str()).collect();
    (0..names.len()).rev().find_map(|at| period_at(&names, at))
}

/// The period that the component at this place names, with the one before it where it takes two.
pub(crate) fn period_at(names: &[&str], at: usize) -> Option<Date> {
    let name = names.get(at)?;
    if let Some((key, value)) = name.split_once('=') {
        if key.eq_ignore_ascii_case("BILLING_PERIOD") {
            let (year, month) = value.split_once('-')?;
            return Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok();
        }
        let (before, year) = at.checked_sub(1).and_then(|before| names.get(before))?.split_once('=')?;
        let both = key.eq_ignore_ascii_case("month") && before.eq_ignore_ascii_case("year");
        return both.then(|| Date::new(year.parse().ok()?, value.parse().ok()?, 1).ok()).flatten();
    }
    let (first, end) = name.split_once('-')?;
    let day = |text: &str| {
        let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| Date::new(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?).ok())?
    };
    let (first, end) = (day(first)?, day(end)?);
    (first.day() == 1 && first.checked_add(1.month()).ok()? == end).then_some(first)
}

/// The folder of a file.
pub(crate) fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn chunks_of_one_export_share_its_name() {
        for (file, export) in [
            ("x/e-00001.csv.gz", "e"),
            ("x/My-Export-2.snappy.parquet", "my-export"),
            ("x/e-00001 (1).csv.gz", ""),
            ("x/part-00000-0a1b.c000.snappy.parquet", ""),
            ("x/bill.csv", ""),
        ] {
            assert_eq!(export_of(Path::new(file)), export, "{file}");
        }
    }

    #[test]
    fn the_folder_may_name_the_period() {
        for (folder, period) in [
            ("data/BILLING_PERIOD=2026-10", Some(date(2026, 10, 1))),
            ("data/billing_period=2026-10/20261101T000000Z-1", Some(date(2026, 10, 1))),
            ("cur/report/20261001-20261101/0a1b-2c", Some(date(2026, 10, 1))),
            ("cur/report/report/year=2026/month=9", Some(date(2026, 9, 1))),
            ("data/BILLING_PERIOD=2026-13", None),
            ("data/month=9", None),
            ("data/year=2026", None),
            ("data/20261101-20261001", None),
            ("data/20261005-20261101", None),
            ("data/20260101-20261101", None),
            ("", None),
        ] {
            assert_eq!(period_of_path(Path::new(folder)), period, "{folder}");
        }
    }
}
