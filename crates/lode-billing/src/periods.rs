//! Which billing period of which payer was read from where, so that none is added up twice: the CSV and the
//! Parquet of one export, or two executions of it, hold the same rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::BillingError;

/// Where the rows of a period come from: chunks of one export share a folder and a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Origin {
    folder: PathBuf,
    binary: bool,
    /// The first file of it, for messages.
    file: PathBuf,
}

#[derive(Debug, Default)]
pub(crate) struct Periods {
    seen: BTreeMap<(String, Date), Origin>,
    now: Origin,
    path_period: Option<Date>,
    /// The last pair found in order, so that most rows need no look-up.
    last: Option<(String, Date)>,
}

impl Periods {
    pub(crate) fn begin(&mut self, file: &Path, binary: bool) {
        let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
        self.path_period = period_of_path(&folder);
        self.now = Origin { folder, binary, file: file.to_path_buf() };
        self.last = None;
    }

    /// The period that the folder's name says: `BILLING_PERIOD=2026-10`.
    pub(crate) fn of_path(&self) -> Option<Date> {
        self.path_period
    }

    pub(crate) fn see(&mut self, payer: &str, period: Date, file: &Path, row: u64) -> Result<(), BillingError> {
        if self.last.as_ref().is_some_and(|(last_payer, last)| *last == period && last_payer == payer) {
            return Ok(());
        }
        let key = (payer.to_owned(), period);
        if let Some(known) = self.seen.get(&key) {
            if known.folder != self.now.folder || known.binary != self.now.binary {
                let same_folder = known.folder == self.now.folder;
                let name = |folder: &Path, file: &Path| {
                    if same_folder || folder.as_os_str().is_empty() { file.to_path_buf() } else { folder.to_path_buf() }
                };
                return Err(BillingError::PeriodTwice {
                    payer: payer.to_owned(),
                    period: period.to_string(),
                    first: name(&known.folder, &known.file),
                    second: name(&self.now.folder, file),
                    row,
                });
            }
        } else {
            self.seen.insert(key.clone(), self.now.clone());
        }
        self.last = Some(key);
        Ok(())
    }
}

fn period_of_path(folder: &Path) -> Option<Date> {
    folder.components().rev().find_map(|component| {
        let text = component.as_os_str().to_str()?;
        let (name, value) = text.split_once('=')?;
        let (year, month) = value.split_once('-')?;
        if !name.eq_ignore_ascii_case("BILLING_PERIOD") {
            return None;
        }
        Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_folder_may_name_the_period() {
        for (folder, period) in [
            ("data/BILLING_PERIOD=2026-10", Some(date(2026, 10, 1))),
            ("data/billing_period=2026-10/20261101T000000Z-1", Some(date(2026, 10, 1))),
            ("data/BILLING_PERIOD=2026-13", None),
            ("data/year=2026", None),
            ("", None),
        ] {
            assert_eq!(period_of_path(Path::new(folder)), period, "{folder}");
        }
    }
}
