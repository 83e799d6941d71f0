//! The truth: what each planted habit costs, as the difference of two bills of the whole estate.

use serde::Serialize;

use crate::apps::{ALL, Part, REGION, Task};
use crate::call::{Call, Mode};
use crate::customs::CUSTOMS;
use crate::habits::HabitId;
use crate::month::{DAYS, date};
use crate::stores::STORES;
use crate::usd::Usd;
use crate::{AS_OF, Options, estate, guardrails};

/// Hours of the month that monthly figures are for.
const MONTH_HOURS: i128 = 730;

/// What is planted, and what must stay silent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// Seed of the estate.
    pub seed: u64,
    /// Scale in percent.
    pub scale: u32,
    /// First and last day that was billed.
    pub window: Window,
    /// The day on which the estate is looked at.
    pub as_of: String,
    /// The habits that are on, in the order of [`HabitId::ALL`].
    pub habits: Vec<Planted>,
    /// Callers that must not be found by the lever named.
    pub twins: Vec<Twin>,
    /// Every app with calls on demand, and what they are for.
    pub apps: Vec<Labelled>,
}

/// Days, both included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// First day.
    pub first: String,
    /// Last day.
    pub last: String,
}

/// One planted habit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planted {
    /// Which.
    pub id: HabitId,
    /// The lever that takes it away.
    pub lever: &'static str,
    /// Who has it: `role/policy-qa`; nothing where no caller has it, but a resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// ARN of the resource that is billed for it, where that is billed by its own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The caller's account.
    pub account: &'static str,
    /// The caller's region.
    pub region: &'static str,
    /// Bare id of the model called with the habit; nothing where no call has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<&'static str>,
    /// The whole bill of the window with the habits that are on.
    pub with: Usd,
    /// The same without this one.
    pub without: Usd,
    /// Their difference.
    pub saving: Usd,
    /// The saving of 730 hours, at the pace of the window's 672.
    pub monthly: Usd,
    /// Whether answers must be tested before it is taken away.
    pub gated: bool,
}

/// A caller, or a resource, that already does it right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Twin {
    /// The habit it does not have.
    pub id: HabitId,
    /// The lever that must not find it.
    pub lever: &'static str,
    /// Who, as bills and logs name the caller: `role/mail-drafts-plain`, or an application inference profile where it
    /// calls through one. Nothing where it is a resource that nobody named calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// ARN of the resource, where it is billed by its own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// An app and what its calls are for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Labelled {
    /// Who, as bills and logs name the caller.
    pub caller: String,
    /// The caller's account.
    pub account: &'static str,
    /// The caller's region.
    pub region: &'static str,
    /// Bare id of the model it calls.
    pub model: &'static str,
    /// What its calls are for.
    pub class: Task,
}

/// Who, or what, has a habit or is its twin.
struct Who {
    part: Part,
    /// Position of the app, where it is one.
    app: Option<usize>,
    caller: Option<String>,
    resource: Option<String>,
    account: &'static str,
    region: &'static str,
}

fn everybody() -> Vec<Who> {
    let apps = ALL.iter().enumerate().map(|(position, app)| Who {
        part: app.part,
        app: Some(position),
        caller: Some(app.caller()),
        resource: guardrails::of_part(app.part, false).map(|guard| guard.rail.arn()),
        account: app.account,
        region: REGION,
    });
    let resource = |part, resource, account, region| Who {
        part,
        app: None,
        caller: None,
        resource: Some(resource),
        account,
        region,
    };
    let stores = STORES.iter().map(|store| resource(store.part, store.arn(), store.account, store.region));
    let customs = CUSTOMS.iter().map(|custom| resource(custom.part, custom.arn(), custom.account, custom.region));
    apps.chain(stores).chain(customs).collect()
}

/// The truth about the estate of these options, unedited.
pub(crate) fn truth(options: &Options) -> Truth {
    let whole = estate(options);
    let with = whole.bill().total();
    let everybody = everybody();
    let planted = |id: HabitId| {
        let who = everybody.iter().find(|who| who.part == Part::Has(id))?;
        let without = estate(&Options { habits: options.habits.without(id), ..*options }).bill().total();
        let saving = with - without;
        let called = |app| whole.calls.iter().find(|call| call.app == app).map(|call| call.model.id);
        Some(Planted {
            id,
            lever: id.lever(),
            caller: who.caller.clone(),
            resource: who.resource.clone(),
            account: who.account,
            region: who.region,
            model: who.app.and_then(called),
            with,
            without,
            saving,
            monthly: saving.times(MONTH_HOURS, i128::from(DAYS) * 24),
            gated: id.gated(),
        })
    };
    let twins = everybody.iter().filter_map(|who| match who.part {
        Part::TwinOf(id) => {
            Some(Twin { id, lever: id.lever(), caller: who.caller.clone(), resource: who.resource.clone() })
        }
        _ => None,
    });
    let apps = ALL.iter().enumerate().filter_map(|(position, app)| {
        let on_demand = |call: &&Call| call.app == position && !matches!(call.mode, Mode::Batch | Mode::Provisioned);
        let model = whole.calls.iter().find(on_demand)?.model.id;
        Some(Labelled { caller: app.caller(), account: app.account, region: REGION, model, class: app.task })
    });
    Truth {
        seed: options.seed,
        scale: options.scale,
        window: Window { first: date(0).to_string(), last: date(DAYS - 1).to_string() },
        as_of: AS_OF.to_owned(),
        habits: HabitId::ALL.into_iter().filter(|id| options.habits.has(*id)).filter_map(planted).collect(),
        twins: twins.collect(),
        apps: apps.collect(),
    }
}
