//! `lode whatif`: a simulator on its own, with the user's parameters. It reads requests and no bill.

use std::collections::BTreeMap;

use lode_model::{CallerKey, Inventory, ModelId, Ttl};
use lode_prices::Catalogue;
use lode_report::{CachingPage, Look, whatif_caching_json, whatif_caching_table};
use lode_sim::{CachePlacement, CachingError, CachingQuestion, UnknownPlacement, whatif_caching};

use crate::args::{CachingArgs, WhatIfFormat};
use crate::commands::write;
use crate::input::{self, Requests};
use crate::settings::RunSettings;
use crate::{Exit, Shell};

/// Parameters that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WhatIfError {
    /// No such place for markers.
    #[error("--placement: {0}")]
    Placement(String),
    /// No such model.
    #[error(
        "--model: found {found}, expected a model id of the catalogue, such as anthropic.claude-sonnet-4-6; help: \
         ids and aliases are those of the AWS pages, with or without the prefix of an inference profile{like}"
    )]
    Model { found: String, like: String },
    /// A model without cache markers.
    #[error(
        "--model: found {0}, which takes no cache markers, expected a model that does; help: leave --model out, or name \
         one of Claude or Nova"
    )]
    NoMarkers(ModelId),
    /// A time to live that is not on offer.
    #[error(
        "--ttl: found {asked}, expected {offered}; help: give a time to live that the model offers, or leave --ttl out"
    )]
    Ttl { asked: Ttl, offered: String },
    /// Calls, and none to replay.
    #[error(
        "no call to replay: found {failed} that failed and {not_on_demand} in batch or on dedicated capacity, expected \
         calls on demand; help: point at logs of another time"
    )]
    NoCalls { failed: u64, not_on_demand: u64 },
}

/// Runs `lode whatif caching`.
pub(crate) fn caching(args: &CachingArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let catalogue = Catalogue::builtin();
    let placement: CachePlacement =
        args.placement.parse().map_err(|unknown: UnknownPlacement| WhatIfError::Placement(unknown.to_string()))?;
    let model = args.model.as_deref().map(|name| model(name, catalogue)).transpose()?;
    let settings = RunSettings::read(args.config.as_deref())?;
    let keys = settings.caller_keys.unwrap_or_else(CallerKey::defaults);
    let Requests { trace, inventory, rejected } = input::requests(&args.input, &keys, args.trace.as_deref(), shell)?;
    let question = CachingQuestion {
        ttl: args.ttl.map(Ttl::from),
        min_tokens: args.min_tokens,
        model,
        refresh: !args.no_refresh,
        readable_after: args.readable_after,
        names: names(&inventory, catalogue),
        ..CachingQuestion::new(placement)
    };
    let answer = match whatif_caching(&trace, &question, catalogue) {
        Ok(answer) => answer,
        Err(CachingError::Trace(error)) => return Err(error.into()),
        Err(CachingError::NoMarkers(model)) => return Err(WhatIfError::NoMarkers(model).into()),
        Err(CachingError::Ttl { asked, offered }) => {
            let offered = offered.iter().map(|(model, ttls)| {
                let ttls: Vec<&str> = ttls.iter().map(|ttl| ttl.as_str()).collect();
                format!("{} of {model}", ttls.join(" or "))
            });
            let offered = offered.collect::<Vec<_>>().join(", ");
            return Err(WhatIfError::Ttl { asked, offered }.into());
        }
    };
    if answer.calls.requests == 0 {
        let (failed, not_on_demand) = (answer.calls.failed, answer.calls.not_on_demand);
        return Err(WhatIfError::NoCalls { failed, not_on_demand }.into());
    }
    let page = CachingPage { question: &question, answer: &answer, prices_as_of: catalogue.as_of() };
    let look = Look { colour: shell.look.colour && args.output.is_none(), ..shell.look };
    let text = match args.format {
        WhatIfFormat::Table => whatif_caching_table(&page, look),
        WhatIfFormat::Json => whatif_caching_json(&page),
    };
    write(&text, args.output.as_deref(), shell)?;
    Ok(if args.strict && rejected { Exit::Rejected } else { Exit::Made })
}

/// The catalogue's id of a name.
fn model(name: &str, catalogue: &Catalogue) -> Result<ModelId, WhatIfError> {
    catalogue.resolve(name).map(|info| info.id.clone()).ok_or_else(|| {
        let alike = catalogue.models().iter().filter(|info| info.cache.is_some() && info.id.as_str().contains(name));
        let alike: Vec<&str> = alike.map(|info| info.id.as_str()).take(5).collect();
        let like = if alike.is_empty() { String::new() } else { format!("; ids like it: {}", alike.join(", ")) };
        WhatIfError::Model { found: name.to_owned(), like }
    })
}

/// What inference profiles call, as far as the inventory tells.
fn names(inventory: &Inventory, catalogue: &Catalogue) -> BTreeMap<ModelId, ModelId> {
    let model = |arn: &str| catalogue.resolve(arn).map(|info| info.id.clone());
    let profiles = inventory.profiles.iter();
    profiles
        .filter_map(|profile| {
            let called = profile.models.iter().find_map(|arn| model(arn))?;
            Some((ModelId::from(&*profile.id), called))
        })
        .collect()
}
