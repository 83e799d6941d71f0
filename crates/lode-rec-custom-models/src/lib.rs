#![doc = include_str!("../README.md")]

use std::sync::Arc;

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Class, Edit, Layer, Money, Owner, Ratio, ResourceChange, Selector, Unit};
use lode_sim::StoredModels;

/// What this recommender is.
pub const META: Meta = Meta {
    id: "custom-models",
    lever: Lever { id: "custom-models", name: "Custom models" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Models of one's own that are stored for nothing, or kept active for single calls.
#[derive(Debug)]
pub struct CustomModels;

/// Units of the signals.
const PER_MONTH: &str = "USD per month";
const MODELS: &str = "models";
/// Hours of a month, as everywhere.
const HOURS: f64 = 730.0;
/// Why there is less, by rule: what is carried out for a reason is not proposed for it again.
const UNUSED: &str = "delete what nothing calls";
const BATCHES: &str = "calls in batches";
/// Names shown in a title before the others are counted.
const SHOWN: usize = 3;

impl Recommender for CustomModels {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// What the bill stores or keeps active: each model, where the bill names it, else all of an account and region.
    fn subjects(&self, cx: &Context<'_>) -> Vec<Subject> {
        let custom = |owner: &&Owner| cx.charges(owner).iter().any(|charge| charge.layer == Layer::CustomModels);
        cx.owners().filter(|owner| matches!(owner, Owner::Resource(..))).filter(custom).cloned().collect()
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        import(cx, subject, storage(cx, subject))
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let Owner::Resource(account, region, _) = subject else { return Vec::new() };
        let action = |key: &str, edits: Vec<Edit>, title: String| Action {
            key: key.into(),
            selector: Selector::all(subject.clone()),
            edits,
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: Vec::new(),
        };
        match rule.id.as_str() {
            "unused-storage" => {
                let stored = cx.stored_models(subject);
                let mut edits = Vec::new();
                let mut less = |class: Class, unused: f64| {
                    if unused > 0.0 && cx.charges(subject).iter().any(|charge| charge.key.class == class) {
                        let keep = Ratio::from_f64(1.0 - unused);
                        let reason = UNUSED.into();
                        edits.push(Edit::Resource(ResourceChange::Reduce { reason, classes: vec![class], keep }));
                    }
                };
                less(Class::ModelStorageMonth, custom_unused(&stored, billed_models(cx, subject)));
                less(Class::ImportStorageMonth, share(stored.imported_unused.len(), stored.imported.len()));
                if edits.is_empty() {
                    return Vec::new();
                }
                let unused: Vec<Arc<str>> = stored.custom_unused.into_iter().chain(stored.imported_unused).collect();
                let title = format!("Delete {} in {region} ({account}): nothing calls them", names(&unused));
                vec![action("delete", edits, title)]
            }
            "import-windows" => {
                let (Some(known), Some(batches)) =
                    (cx.import_windows(subject), cx.import_batches(subject, given.count("batch-minutes")))
                else {
                    return Vec::new();
                };
                let change = ResourceChange::Reduce {
                    reason: BATCHES.into(),
                    classes: vec![Class::ImportUnitMinute],
                    keep: Ratio::from_f64(ratio(batches, known.windows).min(1.0)),
                };
                let title = format!(
                    "Collect the calls of the imported models in {region} ({account}) and make them in batches"
                );
                vec![action("batches", vec![Edit::Resource(change)], title)]
            }
            _ => Vec::new(),
        }
    }
}

/// What is stored, and what of it nothing calls.
fn storage(cx: &Context<'_>, subject: &Subject) -> Signals {
    let of = |class: &Class| cx.monthly_of(subject, |charge| charge.key.class == *class);
    let (custom, imported) = (of(&Class::ModelStorageMonth), of(&Class::ImportStorageMonth));
    let signals = Signals::new().money("storage.monthly", PER_MONTH, custom + imported);
    let stored = cx.stored_models(subject);
    let StoredModels { custom: listed, custom_unused: unused, imported: listed_imported, imported_unused } = &stored;
    if listed.is_empty() && listed_imported.is_empty() {
        return signals.missing("storage.unused_monthly", PER_MONTH, Input::CustomModels).missing(
            "storage.off_list",
            "of the models listed",
            Input::CustomModels,
        );
    }
    let is_done = cx.is_reduced(subject, UNUSED);
    let billed = billed_models(cx, subject);
    let unused_cost = custom.to_f64() * custom_unused(&stored, billed)
        + imported.to_f64() * share(imported_unused.len(), listed_imported.len());
    #[expect(clippy::cast_precision_loss, reason = "a signal is compared and shown, not billed")]
    let off = if listed.is_empty() { 0.0 } else { (billed / listed.len() as f64 - 1.0).abs() };
    signals
        .money(
            "storage.unused_monthly",
            PER_MONTH,
            Money::from_f64(if is_done { 0.0 } else { unused_cost }).unwrap_or_default(),
        )
        .number("storage.off_list", "of the models listed", if custom.is_zero() { 0.0 } else { off })
        .count("storage.listed", MODELS, (listed.len() + listed_imported.len()) as i128)
        .count("storage.unused", MODELS, (unused.len() + imported_unused.len()) as i128)
        .number("storage.billed", "customised models, mean", billed)
}

/// The share of the customised models that nothing calls: of those listed, or of those billed where these are more.
#[expect(clippy::cast_precision_loss, reason = "counts of models")]
fn custom_unused(stored: &StoredModels, billed: f64) -> f64 {
    let all = billed.max(stored.custom.len() as f64);
    if all > 0.0 { stored.custom_unused.len() as f64 / all } else { 0.0 }
}

/// The mean number of customised models stored: what was billed for a month each, by the months of the window.
#[expect(clippy::cast_precision_loss, reason = "a signal is compared and shown, not billed")]
fn billed_models(cx: &Context<'_>, subject: &Subject) -> f64 {
    let stored = cx.billed_quantities(subject).filter(|(class, _)| **class == Class::ModelStorageMonth);
    let months: i128 = stored.filter(|(_, quantity)| quantity.unit == Unit::Micro).map(|(_, all)| all.steps).sum();
    months as f64 / Unit::Micro.steps() as f64 * HOURS / (cx.window().days() * 24) as f64
}

/// In what stretches of time imported models are billed.
fn import(cx: &Context<'_>, subject: &Subject, signals: Signals) -> Signals {
    let spend = cx.monthly_of(subject, |charge| charge.key.class == Class::ImportUnitMinute);
    let signals = signals.money("import.monthly", PER_MONTH, spend);
    let Some(known) = cx.import_windows(subject) else {
        return signals
            .missing("import.windows_per_hour", "five-minute windows in an hour with a call", Input::InvocationLogs)
            .missing("import.units", "units a window", Input::InvocationLogs)
            .missing("import.units_off", "units", Input::InvocationLogs)
            .missing("import.seconds_per_call", "seconds", Input::InvocationLogs);
    };
    #[expect(clippy::cast_precision_loss, reason = "a signal is compared and shown, not billed")]
    let units = known.billed / known.windows.max(1) as f64;
    let windows = if cx.is_reduced(subject, BATCHES) { known.hours } else { known.windows };
    let signals = signals
        .number("import.windows_per_hour", "five-minute windows in an hour with a call", ratio(windows, known.hours))
        .number("import.units", "units a window", units)
        .number("import.units_off", "units", (units - units.round()).abs())
        .count("import.calls", "calls", known.calls.into())
        .count("import.windows", "five-minute windows", known.windows.into());
    match known.seconds_per_call {
        Some(seconds) => signals.number("import.seconds_per_call", "seconds", seconds),
        None => signals.missing("import.seconds_per_call", "seconds", Input::RequestBodies),
    }
}

/// The first few names, and how many more.
fn names(all: &[Arc<str>]) -> String {
    let shown = all.get(..SHOWN).unwrap_or(all).join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
fn ratio(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

fn share(part: usize, all: usize) -> f64 {
    ratio(part as u64, all as u64)
}
