//! What each caller sends, reads from the prompt cache and writes to it, day by day: as billed, or as logged where the bill
//! has no days. It says what was, and not whether it paid.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::Offset;
use lode_model::{AccountId, Caller, Class, Mode, ModelId, Owner, Region, Unit, WorkloadId};

use crate::Estate;
use crate::cache_counters::{CacheTokens, is_compared, is_prompt};

type Who = (AccountId, Region, ModelId, Caller);

/// The prompt tokens of one caller to one model, on demand, by complete UTC day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheUse {
    /// Account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Model.
    pub model: ModelId,
    /// Caller, all kinds of its calls together.
    pub caller: Caller,
    /// By day; days without prompt tokens are absent. What corrections outweigh is 0.
    pub days: BTreeMap<Date, CacheTokens>,
    /// Whether the bill says so; else the successful calls of the logs, as the bill has rows of several days at once.
    pub billed: bool,
}

impl CacheUse {
    /// Every caller with cache tokens on a complete day: the most tokens read and written first, then by account, region,
    /// model and caller. What neither bill nor logs tell by the day is not here.
    #[must_use]
    pub fn of(estate: &Estate) -> Vec<Self> {
        let (mut all, no_days) = billed(estate);
        all.retain(|who, _| !no_days.contains(who));
        let logged = logged(estate, &no_days);
        let all = all.into_iter().map(|(who, days)| (who, days, true));
        let all = all.chain(logged.into_iter().map(|(who, days)| (who, days, false)));
        let mut all: Vec<Self> = all
            .map(|((account, region, model, caller), days, billed)| {
                let days = days.into_iter().map(|(day, sums)| (day, sums.tokens()));
                Self { account, region, model, caller, days: days.collect(), billed }
            })
            .filter(|found| found.cached() > 0)
            .collect();
        all.sort_by(|a, b| b.cached().cmp(&a.cached()).then_with(|| a.who().cmp(&b.who())));
        all
    }

    /// All days together.
    #[must_use]
    pub fn total(&self) -> CacheTokens {
        let sum = |of: fn(&CacheTokens) -> u64| self.days.values().map(of).fold(0, u64::saturating_add);
        CacheTokens { prompt: sum(|day| day.prompt), read: sum(|day| day.read), written: sum(|day| day.written) }
    }

    /// Whether these are calls of the caller to the model.
    #[must_use]
    pub fn is_of(&self, owner: &Owner) -> bool {
        let Owner::Workload(id) = owner else { return false };
        (&id.account, &id.region, &id.model, &id.caller) == self.who()
    }

    fn cached(&self) -> u64 {
        let all = self.total();
        all.read.saturating_add(all.written)
    }

    const fn who(&self) -> (&AccountId, &Region, &ModelId, &Caller) {
        (&self.account, &self.region, &self.model, &self.caller)
    }
}

/// Input, reads and writes of a day; corrections are negative.
#[derive(Clone, Copy, Default)]
struct Sums {
    input: i128,
    read: i128,
    written: i128,
}

impl Sums {
    fn tokens(self) -> CacheTokens {
        let [input, read, written] =
            [self.input, self.read, self.written].map(|sum| u64::try_from(sum.max(0)).unwrap_or(u64::MAX));
        CacheTokens { prompt: input.saturating_add(read).saturating_add(written), read, written }
    }
}

type Days = BTreeMap<Date, Sums>;

fn who(id: &WorkloadId) -> Who {
    (id.account.clone(), id.region.clone(), id.model.clone(), id.caller.clone())
}

/// By the bill, and those whose tokens it has for several days at once. Rows without a quantity are dollars alone.
fn billed(estate: &Estate) -> (BTreeMap<Who, Days>, BTreeSet<Who>) {
    let (mut all, mut no_days) = (BTreeMap::<Who, Days>::new(), BTreeSet::new());
    for charge in estate.charges.iter().filter(|charge| is_prompt(charge)) {
        let Owner::Workload(id) = &charge.owner else { continue };
        let Some(tokens) = charge.quantity.filter(|quantity| quantity.unit == Unit::Token) else { continue };
        if charge.span.days() != 1 {
            no_days.insert(who(id));
        } else if estate.window.complete_to.is_some_and(|last| charge.span.first <= last) {
            let day = all.entry(who(id)).or_default().entry(charge.span.first).or_default();
            match charge.key.class {
                Class::CacheRead => day.read += tokens.steps,
                Class::CacheWrite(_) => day.written += tokens.steps,
                _ => day.input += tokens.steps,
            }
        }
    }
    (all, no_days)
}

/// By the successful calls of those that are asked for.
fn logged(estate: &Estate, asked: &BTreeSet<Who>) -> BTreeMap<Who, Days> {
    let mut all: BTreeMap<Who, Days> = BTreeMap::new();
    for own in estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners) {
        let Owner::Workload(id) = &own.owner else { continue };
        let who = who(id);
        if !asked.contains(&who) {
            continue;
        }
        let days = all.entry(who).or_default();
        for call in &own.calls {
            let date = Offset::UTC.to_datetime(call.time).date();
            let complete = estate.window.complete_to.is_some_and(|last| (estate.window.first..=last).contains(&date));
            if complete && call.error.is_none() && is_compared(call.mode.unwrap_or(Mode::Standard)) {
                let day = days.entry(date).or_default();
                day.input += i128::from(call.tokens.input);
                day.read += i128::from(call.tokens.cache_read);
                day.written += i128::from(call.tokens.written());
            }
        }
    }
    all
}
