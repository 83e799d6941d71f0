//! `lode whatif capacity`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lode_model::{AccountId, CallerKey, Inventory, ModelId, Region, Term};
use lode_prices::Catalogue;
use lode_report::{CapacityPage, Look, whatif_capacity_json, whatif_capacity_table, whole};
use lode_sim::{CapacityError, CapacityQuestion, Measured, whatif_capacity};
use lode_telemetry::DemandTable;

use super::{WhatIfError, model, names};
use crate::args::{CapacityArgs, WhatIfFormat};
use crate::commands::write;
use crate::input::{self, Demand};
use crate::settings;
use crate::{Exit, Shell};

/// Runs `lode whatif capacity`.
pub(super) fn run(args: &CapacityArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let catalogue = Catalogue::builtin();
    let model = args.model.as_deref().map(|name| model(name, catalogue, |_| true)).transpose()?;
    if let (Some(from), Some(to)) = (args.from, args.to)
        && to <= from
    {
        let [from, to] = [from, to].map(|second| Timestamp::from_second(second).unwrap_or_default().to_string());
        return Err(WhatIfError::Times { from, to }.into());
    }
    let settings = settings::read(args.config.as_deref())?;
    let keys = settings.caller_keys.unwrap_or_else(CallerKey::defaults);
    let demand = input::demand(&args.input, &keys, args.trace.as_deref(), shell)?;
    let mut question = CapacityQuestion {
        unit_tokens: args.unit_tokens,
        unit_price: args.unit_price,
        input_price: args.input_price,
        output_price: args.output_price,
        model,
        region: args.region.as_deref().map(Region::from),
        account: args.account.as_deref().map(AccountId::from),
        term: args.term.map(Term::from),
        least: args.min_units,
        bin_seconds: args.bin_seconds,
        from: args.from,
        to: args.to,
        reserved: args.reserved,
        names: BTreeMap::new(),
        known_units: settings.capacity,
    };
    let (table, rejected) = match &demand {
        Demand::Calls(requests) => {
            question.names = called(&requests.inventory, catalogue);
            (None, requests.rejected)
        }
        Demand::Table(table) => (Some(table), !table.rejected.is_empty()),
    };
    let measured = match &demand {
        Demand::Calls(requests) => Measured::Calls(&requests.trace),
        Demand::Table(table) => Measured::Rows(&table.rows),
    };
    let answer = whatif_capacity(measured, &question, catalogue).map_err(|error| said(error, table))?;
    let page = CapacityPage {
        answer: &answer,
        own_prices: [args.input_price.is_some(), args.output_price.is_some()],
        own_unit_price: args.unit_price.is_some(),
        rejected: table.map_or(&[], |table| &table.rejected),
        rejected_more: table.map_or(0, |table| table.rejected_more),
        prices_as_of: catalogue.as_of(),
    };
    let look = Look { colour: shell.look.colour && args.output.is_none(), ..shell.look };
    let text = match args.format {
        WhatIfFormat::Table => whatif_capacity_table(&page, look),
        WhatIfFormat::Json => whatif_capacity_json(&page),
    };
    write(&text, args.output.as_deref(), shell)?;
    Ok(if args.strict && rejected { Exit::Rejected } else { Exit::Made })
}

/// What inference profiles and dedicated capacity call, as far as the inventory tells.
fn called(inventory: &Inventory, catalogue: &Catalogue) -> BTreeMap<ModelId, ModelId> {
    let dedicated = inventory.provisioned.iter().filter_map(|provisioned| {
        let model = catalogue.resolve(&provisioned.foundation_model)?;
        Some((ModelId::from(&*provisioned.id), model.id.clone()))
    });
    names(inventory, catalogue).into_iter().chain(dedicated).collect()
}

/// Why there is no answer, in the words of the command line.
fn said(error: CapacityError, table: Option<&DemandTable>) -> anyhow::Error {
    let named = |model: Option<ModelId>| model.map_or_else(|| "a model".to_owned(), |model| model.to_string());
    let terms = |terms: &[Term]| terms.iter().map(|term| term.as_str()).collect::<Vec<_>>().join(" or ");
    match error {
        CapacityError::Trace(error) => error.into(),
        CapacityError::NoDemand { calls, others } => {
            let mut found = Vec::new();
            let rows = table.map_or(0, |table| table.rows.len());
            let [one, many] = if table.is_some() { ["row", "rows"] } else { ["call", "calls"] };
            for (count, why) in [
                (calls.failed, "that failed"),
                (calls.batch, "in batch"),
                (calls.outside, "outside of the time asked for"),
            ] {
                if count > 0 {
                    let what = if count == 1 { one } else { many };
                    found.push(format!("{} {what} {why}", whole(count.into())));
                }
            }
            if !others.is_empty() {
                let pools =
                    others.iter().take(5).map(|pool| format!("{} in {} of {}", pool.model, pool.region, pool.account));
                found.push(format!("calls of {}", pools.collect::<Vec<_>>().join(", ")));
            }
            if found.is_empty() {
                found.push(if table.is_some() && rows == 0 {
                    "no row that can be used".to_owned()
                } else {
                    "none".to_owned()
                });
            }
            WhatIfError::NoDemand {
                found: found.join("; "),
                expected: if table.is_some() { "rows with tokens".to_owned() } else { "calls on demand".to_owned() },
                help: "check --from, --to, --model, --region and --account, or give input of another time",
            }
            .into()
        }
        CapacityError::NoOnDemandPrice { model, region, output } => {
            let flag = if output { "output-price" } else { "input-price" };
            let what =
                model.map_or_else(|| "a model that is not named".to_owned(), |model| format!("{model} in {region}"));
            WhatIfError::NoOnDemandPrice { flag, what }.into()
        }
        CapacityError::NoUnitPrice { model, region, terms: priced, regions } => {
            let instead = if !priced.is_empty() {
                format!(", or --term {}", terms(&priced))
            } else if regions.is_empty() {
                String::new()
            } else {
                format!("; the catalogue has prices of it in {}", regions.join(", "))
            };
            let what = format!("model units of {} in {region} for this commitment", named(model));
            WhatIfError::NoUnitPrice { what, instead }.into()
        }
        CapacityError::NotReserved { model, terms: priced } => {
            let expected = if priced.is_empty() {
                "--model with one that the Reserved tier takes, such as anthropic.claude-sonnet-4-6".to_owned()
            } else {
                format!("--term {}", terms(&priced))
            };
            WhatIfError::NotReserved { found: named(model), expected }.into()
        }
    }
}
