//! INPUT of a command that needs demand by time: calls, or a table that counts them.

use std::path::{Path, PathBuf};

use lode_model::CallerKey;
use lode_telemetry::{DEMAND_COLUMNS, DemandReader, DemandTable};

use super::requests::{look, requests_of};
use super::{Found, InputError, Read, Requests, say_rejected};
use crate::Shell;
use crate::kind::Kind;

/// What tells the demand.
pub(crate) enum Demand {
    /// Calls.
    Calls(Box<Requests>),
    /// A table.
    Table(DemandTable),
}

/// Reads the tables named, or else logs and traces.
pub(crate) fn demand(
    input: &[PathBuf],
    caller_keys: &[CallerKey],
    keep: Option<&Path>,
    shell: &mut Shell<'_>,
) -> anyhow::Result<Demand> {
    let found = look(input, keep)?;
    let (mut tables, mut texts) = (Vec::new(), Vec::new());
    for (file, kind) in &found.bill {
        match kind {
            Kind::Text | Kind::Zip if DemandReader::recognises(file).unwrap_or(false) => tables.push(file.clone()),
            Kind::Text => texts.push(file.clone()),
            Kind::Empty if is_named_table(file) => texts.push(file.clone()),
            _ => {}
        }
    }
    let calls = !found.logs.is_empty() || !found.traces.is_empty();
    if tables.is_empty() {
        if !calls {
            say_broken(&found, shell);
            // A table whose columns are called otherwise: reading it says so.
            texts.iter().try_for_each(|text| DemandReader::new().read(text))?;
        }
        let or = format!(", or a CSV table of demand with the columns {DEMAND_COLUMNS}");
        return requests_of(input, found, &or, caller_keys, keep, shell).map(Box::new).map(Demand::Calls);
    }
    if calls {
        let count = |files: usize, one: &str, many: &str| format!("{files} {}", if files == 1 { one } else { many });
        return Err(InputError::Mixed {
            tables: count(tables.len(), "table", "tables"),
            others: count(found.logs.len() + found.traces.len(), "log or trace", "logs and traces"),
        }
        .into());
    }
    let mut reader = DemandReader::new();
    for table in &tables {
        reader.read(table)?;
    }
    let table = reader.finish();
    say_rejected(table.rejected.iter().cloned(), table.rejected_more, "--format json", shell);
    Ok(Demand::Table(table))
}

/// Whether the name says that a file is a table, as of an empty one nothing else can.
fn is_named_table(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    [".csv", ".tsv"].iter().any(|end| name.ends_with(end) || name.ends_with(&format!("{end}.gz")))
}

/// Says of files that cannot be read why not.
fn say_broken(found: &Found, shell: &mut Shell<'_>) {
    for (file, fate) in &found.fates {
        if let Read::Broken(why) = fate {
            shell.note(&format!("skipped {}: {why}", file.display()));
        }
    }
}
