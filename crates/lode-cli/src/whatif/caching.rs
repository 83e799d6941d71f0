//! `lode whatif caching`.

use lode_model::{CallerKey, Ttl};
use lode_prices::Catalogue;
use lode_report::{CachingPage, Look, whatif_caching_json, whatif_caching_table};
use lode_sim::{CachePlacement, CachingError, CachingQuestion, UnknownPlacement, whatif_caching};

use super::{WhatIfError, model, names};
use crate::args::{CachingArgs, WhatIfFormat};
use crate::commands::write;
use crate::input::{self, Requests};
use crate::settings;
use crate::{Exit, Shell};

/// Runs `lode whatif caching`.
pub(super) fn run(args: &CachingArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let catalogue = Catalogue::builtin();
    let placement: CachePlacement =
        args.placement.parse().map_err(|unknown: UnknownPlacement| WhatIfError::Placement(unknown.to_string()))?;
    let model = args.model.as_deref().map(|name| model(name, catalogue, |info| info.cache.is_some())).transpose()?;
    let settings = settings::read(args.config.as_deref())?;
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
