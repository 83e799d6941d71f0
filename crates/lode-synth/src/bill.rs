//! What the month costs: every call's tokens by class at list price, model units by the hour, and what is billed
//! beside them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::Estate;
use crate::apps::{self, ALL, PAYER, REGION, UNITS, UNLOGGED};
use crate::cache::{Cache, Split};
use crate::call::{Call, Mode};
use crate::customs::CUSTOMS;
use crate::guardrails;
use crate::habits::HabitId;
use crate::month::{DAYS, date, day_of, weekday};
use crate::prices::{
    ENTITY_UNIT, FILTER_UNIT, Model, NOVA, NOVA_MICRO, OCU_HOUR, STORED_MONTH, TRAINING_TOKEN, VECTOR_GB_MONTH,
    VECTOR_GB_PROCESSED, VECTOR_QUERY,
};
use crate::stores::{STORES, Store};
use crate::usd::Usd;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Uncached prompt tokens.
    Input,
    /// Generated tokens.
    Output,
    /// Prompt tokens read from the cache.
    CacheRead,
    /// Prompt tokens written to it to live five minutes.
    CacheWrite5m,
    /// Prompt tokens written to it to live an hour.
    CacheWrite1h,
    /// Hours of a model unit, without commitment, in millionths.
    ModelUnitHour,
    /// Hours of OpenSearch Serverless search capacity, in millionths.
    SearchOcuHour,
    /// Hours of OpenSearch Serverless indexing capacity, in millionths.
    IndexingOcuHour,
    /// Text units of a guardrail's content filters.
    GuardrailContentUnit,
    /// Text units of a guardrail's denied topics.
    GuardrailTopicUnit,
    /// Text units of a guardrail's kinds of personal data.
    GuardrailEntityUnit,
    /// Text units of a guardrail's regular expressions, which cost nothing.
    GuardrailRegexUnit,
    /// Months of a stored custom model, in millionths.
    ModelStorageMonth,
    /// Tokens that a custom model was trained on.
    TrainingToken,
    /// Gigabytes of vectors stored in S3 Vectors for a month, in millionths.
    VectorGbMonth,
    /// Gigabytes of vectors that queries of S3 Vectors went through, in millionths.
    VectorGbProcessed,
    /// Queries of S3 Vectors.
    VectorQuery,
}

impl Class {
    /// Whether quantities are tokens.
    #[must_use]
    pub const fn counts_tokens(self) -> bool {
        matches!(
            self,
            Self::Input
                | Self::Output
                | Self::CacheRead
                | Self::CacheWrite5m
                | Self::CacheWrite1h
                | Self::TrainingToken
        )
    }

    /// Whether quantities are text units of a guardrail.
    pub(crate) const fn is_guardrail(self) -> bool {
        matches!(
            self,
            Self::GuardrailContentUnit
                | Self::GuardrailTopicUnit
                | Self::GuardrailEntityUnit
                | Self::GuardrailRegexUnit
        )
    }

    /// Whether S3 Vectors bills it.
    pub(crate) const fn is_vectors(self) -> bool {
        matches!(self, Self::VectorGbMonth | Self::VectorGbProcessed | Self::VectorQuery)
    }

    /// Steps in which one of its units is counted: hours, months and gigabytes have millionths, all else is whole.
    #[must_use]
    pub const fn steps(self) -> u64 {
        match self {
            Self::ModelUnitHour
            | Self::SearchOcuHour
            | Self::IndexingOcuHour
            | Self::ModelStorageMonth
            | Self::VectorGbMonth
            | Self::VectorGbProcessed => 1_000_000,
            _ => 1,
        }
    }
}

/// Where, by whom and how a quantity was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    pub day: i64,
    pub account: &'static str,
    pub region: &'static str,
    /// `None` for what no model does.
    pub model: Option<&'static str>,
    pub global: bool,
    pub mode: Mode,
    pub class: Class,
    /// What is billed by its own name: the path of its ARN, such as `collection/kb0vectors`.
    pub resource: Option<&'static str>,
    /// Position of the app; `None` for what no app does.
    pub app: Option<usize>,
}

/// One row of the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillRow {
    /// UTC day.
    pub day: Date,
    /// Account that used it.
    pub account: &'static str,
    /// Source region.
    pub region: &'static str,
    /// Bare model id; `None` for what no model does.
    pub model: Option<&'static str>,
    /// Whether at the global price; otherwise at the regional one.
    pub global: bool,
    /// Pricing mode.
    pub mode: Mode,
    /// What is counted.
    pub class: Class,
    /// What is billed by its own name: the path of its ARN.
    pub resource: Option<&'static str>,
    /// In the steps of its class: [`Class::steps`].
    pub quantity: u64,
    /// Exact cost at list price.
    pub cost: Usd,
}

/// The bill of the window, rows in the order of their columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Its rows; none has a quantity of 0.
    pub rows: Vec<BillRow>,
}

impl Bill {
    /// What the window costs.
    #[must_use]
    pub fn total(&self) -> Usd {
        self.rows.iter().map(|row| row.cost).sum()
    }

    /// All of a class, in its steps.
    #[must_use]
    pub fn quantity(&self, class: Class) -> u64 {
        self.rows.iter().filter(|row| row.class == class).map(|row| row.quantity).sum()
    }
}

/// What each call read from and wrote to the cache; calls in time order.
pub(crate) fn splits(calls: &[Call]) -> Vec<Split> {
    let mut caches: BTreeMap<(&str, &str, &str), Cache> = BTreeMap::new();
    let serve = |call: &Call| caches.entry((ALL[call.app].account, REGION, call.model.id)).or_default().serve(call);
    calls.iter().map(serve).collect()
}

/// Quantities by use. Calls of a model unit use nothing by the token.
pub(crate) fn uses(estate: &Estate) -> BTreeMap<Use, u64> {
    let mut uses = BTreeMap::new();
    let mut add = |used: Use, quantity: u64| {
        if quantity > 0 {
            *uses.entry(used).or_default() += quantity;
        }
    };
    for (call, split) in estate.calls.iter().zip(splits(&estate.calls)) {
        if call.mode == Mode::Provisioned {
            continue;
        }
        let of = |class| Use {
            day: day_of(call.time),
            account: ALL[call.app].account,
            region: REGION,
            model: Some(call.model.id),
            global: call.global,
            mode: call.mode,
            class,
            resource: None,
            app: Some(call.app),
        };
        add(of(Class::Input), split.input);
        add(of(Class::Output), call.answer.tokens());
        add(of(Class::CacheRead), split.read);
        add(of(Class::CacheWrite5m), split.write_5m);
        add(of(Class::CacheWrite1h), split.write_1h);
        if let Some(guard) = &call.guard {
            let (asked, answered) = guardrails::characters(call);
            for policy in guard.policies {
                let resource = Some(guard.rail.path);
                let used = Use { model: None, global: false, resource, ..of(policy.class()) };
                add(used, guardrails::units(asked) + guardrails::units(answered));
            }
        }
    }
    for day in 0..DAYS {
        for (used, quantity) in standing(day, estate) {
            add(used, quantity);
        }
    }
    uses
}

/// What a day costs without any logged call.
fn standing(day: i64, estate: &Estate) -> Vec<(Use, u64)> {
    const MICRO: u64 = 1_000_000;
    let of = |class| Use {
        day,
        account: PAYER,
        region: REGION,
        model: None,
        global: false,
        mode: Mode::Standard,
        class,
        resource: None,
        app: None,
    };
    let mut uses = Vec::new();
    for store in &STORES {
        let Store { account, region, .. } = *store;
        let billed = store
            .uses(estate, day)
            .into_iter()
            .map(|(class, path, quantity)| (Use { account, region, resource: Some(path), ..of(class) }, quantity));
        uses.extend(billed);
    }
    for custom in &CUSTOMS {
        let model = Some(NOVA_MICRO.id);
        let billed = custom.uses(estate, day).into_iter().map(|used| {
            let resource = Some(used.path);
            (Use { account: custom.account, region: custom.region, model, resource, ..of(used.class) }, used.quantity)
        });
        uses.extend(billed);
    }

    let unlogged = &UNLOGGED;
    let dark = |class| Use {
        account: unlogged.account,
        region: unlogged.region,
        model: Some(unlogged.model.id),
        global: true,
        ..of(class)
    };
    let halves = if weekday(day) >= 5 { 1 } else { 2 };
    let scaled = |tokens: u64| tokens * u64::from(estate.options.scale) * halves / 200;
    uses.push((dark(Class::Input), scaled(unlogged.input)));
    uses.push((dark(Class::Output), scaled(unlogged.output)));

    for units in &UNITS {
        let Some(app) = apps::position(units.role) else { continue };
        if ALL[app].part == apps::Part::Has(HabitId::IdleUnits) && !estate.options.habits.has(HabitId::IdleUnits) {
            continue;
        }
        let used = Use {
            account: ALL[app].account,
            model: Some(NOVA.id),
            mode: Mode::Provisioned,
            app: Some(app),
            ..of(Class::ModelUnitHour)
        };
        uses.push((used, (units.hours)(day) * MICRO));
    }
    uses
}

/// The list price of a token, or of an hour, of a use. What is not sold is never used: `edit` sees to it.
fn rate(used: &Use) -> Option<i128> {
    match used.class {
        Class::SearchOcuHour | Class::IndexingOcuHour => return Some(OCU_HOUR),
        Class::GuardrailContentUnit | Class::GuardrailTopicUnit => return Some(FILTER_UNIT),
        Class::GuardrailEntityUnit => return Some(ENTITY_UNIT),
        Class::GuardrailRegexUnit => return Some(0),
        Class::ModelStorageMonth => return Some(STORED_MONTH),
        Class::TrainingToken => return Some(TRAINING_TOKEN),
        Class::VectorGbMonth => return Some(VECTOR_GB_MONTH),
        Class::VectorGbProcessed => return Some(VECTOR_GB_PROCESSED),
        Class::VectorQuery => return Some(VECTOR_QUERY),
        _ => {}
    }
    let model = used.model.and_then(Model::of)?;
    if used.class == Class::ModelUnitHour {
        return model.unit_hour;
    }
    let rates = model.rates(used.global)?;
    let (input, output) = match used.mode {
        Mode::Standard => (rates.input, rates.output),
        Mode::Flex => rates.flex?,
        Mode::Priority => rates.priority?,
        Mode::LatencyOptimized => rates.latency_optimized?,
        Mode::Batch => rates.batch?,
        Mode::Provisioned => (0, 0),
    };
    match used.class {
        Class::Input => Some(input),
        Class::Output => Some(output),
        Class::CacheRead => rates.cache.as_ref().map(|cache| cache.read),
        Class::CacheWrite5m => rates.cache.as_ref().map(|cache| cache.write_5m),
        Class::CacheWrite1h => rates.cache.as_ref().map(|cache| cache.write_1h),
        _ => None,
    }
}

/// The exact cost of a quantity. Hours are whole, so that nothing is ever rounded.
pub(crate) fn cost(used: &Use, quantity: u64) -> Usd {
    let each = rate(used).unwrap_or_default();
    Usd::from_pico(i128::from(quantity) * each).times(1, i128::from(used.class.steps()))
}

/// The bill of an estate.
pub(crate) fn bill(estate: &Estate) -> Bill {
    let mut rows: BTreeMap<Use, u64> = BTreeMap::new();
    for (used, quantity) in uses(estate) {
        *rows.entry(Use { app: None, ..used }).or_default() += quantity;
    }
    let row = |(used, quantity): (Use, u64)| BillRow {
        day: date(used.day),
        account: used.account,
        region: used.region,
        model: used.model,
        global: used.global,
        mode: used.mode,
        class: used.class,
        resource: used.resource,
        quantity,
        cost: cost(&used, quantity),
    };
    Bill { rows: rows.into_iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Habits;

    fn of(model: &'static str, global: bool, mode: Mode, class: Class) -> Use {
        Use {
            day: 0,
            account: PAYER,
            region: REGION,
            model: Some(model),
            global,
            mode,
            class,
            resource: None,
            app: None,
        }
    }

    #[test]
    fn a_million_tokens_cost_their_list_price() {
        use crate::prices::{HAIKU, MISTRAL, SONNET};
        let usd = |model, global, mode, class| cost(&of(model, global, mode, class), 1_000_000).to_string();
        let s = Mode::Standard;
        for (model, global, mode, class, expected) in [
            (SONNET.id, true, s, Class::Input, "2"),
            (SONNET.id, true, s, Class::Output, "10"),
            (SONNET.id, true, s, Class::CacheRead, "0.1"),
            (SONNET.id, true, s, Class::CacheWrite5m, "2.5"),
            (SONNET.id, true, s, Class::CacheWrite1h, "4"),
            (SONNET.id, false, s, Class::CacheWrite5m, "2.75"),
            (HAIKU.id, true, s, Class::Output, "0.5"),
            (HAIKU.id, true, s, Class::CacheWrite5m, "0.125"),
            (NOVA.id, true, Mode::Batch, Class::Input, "0.15"),
            (NOVA.id, true, Mode::Batch, Class::Output, "1.25"),
            (NOVA.id, false, Mode::Flex, Class::Input, "0.165"),
            (MISTRAL.id, false, s, Class::Output, "1.5"),
            // A million millionths of an hour.
            (NOVA.id, false, Mode::Provisioned, Class::ModelUnitHour, "60.5"),
            // Not sold.
            (SONNET.id, true, Mode::Batch, Class::Input, "0"),
        ] {
            assert_eq!(usd(model, global, mode, class), expected, "{model} {global} {mode:?} {class:?}");
        }
    }

    #[test]
    fn the_standing_costs_of_the_month_are_as_worked_by_hand() {
        let options = crate::Options { seed: 1, scale: 100, habits: Habits::all() };
        let estate = Estate { options, calls: Vec::new(), edited: false };
        let bill = bill(&estate);
        let of = |class| bill.rows.iter().filter(|row| row.class == class).map(|row| row.cost).sum::<Usd>().to_string();
        // 28 days of twice 60 and four times 24 hours of search, and of twice 36 and four times 24 of indexing, at 0.24.
        assert_eq!(of(Class::SearchOcuHour), "1451.52");
        assert_eq!(of(Class::IndexingOcuHour), "1128.96");
        // Mondays 5, 12, 19, 26, Thursdays 1, 8, 15, 22: 16 hours; and 4 hours of the busy unit: 20 at 60.50.
        assert_eq!(of(Class::ModelUnitHour), "1210");
        // 20 weekdays and 8 half days are 24 times 20 million at 0.10, and 2 million at 0.50.
        // Beside them stands what a custom model is asked: 3.36 and 2.688.
        assert_eq!((of(Class::Input).as_str(), of(Class::Output).as_str()), ("51.36", "26.688"));
        let habits = Habits::all().without(HabitId::IdleUnits);
        let without = super::bill(&Estate { options: crate::Options { habits, ..options }, ..estate });
        assert_eq!((bill.total() - without.total()).to_string(), "968");
    }
}
