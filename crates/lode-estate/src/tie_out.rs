//! Why bill and logs differ, line by line of the comparison.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lode_model::{AccountId, Class, ContextBand, Mode, ModelId, Money, PriceKey, Region, Request, Routing};
use lode_sim::{Cause, TieOut, TieRow};

/// Bill and logs may differ by one in so many tokens and are said to agree.
pub(crate) const AGREES: i128 = 100;

/// What bill and logs both know of a price: everything but who sells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) model: ModelId,
    pub(crate) routing: Routing,
    pub(crate) band: ContextBand,
    pub(crate) class: Class,
    pub(crate) mode: Mode,
}

impl Key {
    pub(crate) fn of_charge(key: &PriceKey) -> Self {
        Self {
            account: key.account.clone(),
            region: key.region.clone(),
            model: key.model.clone(),
            routing: key.routing,
            band: key.band,
            class: key.class.clone(),
            mode: key.mode,
        }
    }

    /// The key of one class of a call whose model, routing and mode are resolved.
    pub(crate) fn of_call(call: &Request, band: ContextBand, class: Class) -> Self {
        Self {
            account: call.account.clone(),
            region: call.region.clone(),
            model: call.model.clone(),
            routing: call.routing,
            band,
            class,
            mode: call.mode.unwrap_or(Mode::Standard),
        }
    }

    pub(crate) fn with_class(&self, class: Class) -> Self {
        Self { class, ..self.clone() }
    }

    fn without_mode(&self) -> Self {
        Self { mode: Mode::Standard, ..self.clone() }
    }
}

/// Bill and logs of one key over the whole window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) billed_tokens: i128,
    pub(crate) logged_tokens: i128,
    pub(crate) matched_tokens: i128,
    /// Of the surplus of the bill, tokens of days before the first record of the account and region.
    pub(crate) before: i128,
    /// Of days after the last.
    pub(crate) after: i128,
    pub(crate) billed: Money,
    pub(crate) unlogged: Money,
}

impl Facts {
    fn has_surplus(&self) -> bool {
        (self.billed_tokens - self.matched_tokens) * AGREES > self.billed_tokens
    }

    fn has_excess(&self) -> bool {
        (self.logged_tokens - self.matched_tokens) * AGREES > self.logged_tokens
    }
}

/// The lines of the comparison, largest unlogged dollars first, then by key. `seen` are the accounts and regions with
/// any record.
pub(crate) fn rows(facts: &BTreeMap<Key, Facts>, seen: &BTreeMap<(AccountId, Region), (Date, Date)>) -> Vec<TieRow> {
    let mut excess: BTreeMap<Key, BTreeSet<Mode>> = BTreeMap::new();
    for (key, _) in facts.iter().filter(|(_, facts)| facts.has_excess()) {
        excess.entry(key.without_mode()).or_default().insert(key.mode);
    }
    let row = |(key, facts): (&Key, &Facts)| {
        let in_logs = seen.contains_key(&(key.account.clone(), key.region.clone()));
        let elsewhere = excess.get(&key.without_mode()).is_some_and(|modes| modes.iter().any(|mode| *mode != key.mode));
        TieRow {
            account: key.account.clone(),
            region: key.region.clone(),
            model: key.model.clone(),
            routing: key.routing,
            mode: key.mode,
            band: key.band,
            class: key.class.clone(),
            billed_tokens: facts.billed_tokens,
            logged_tokens: facts.logged_tokens,
            matched_tokens: facts.matched_tokens,
            billed: facts.billed,
            unlogged: facts.unlogged,
            cause: cause(key, facts, in_logs, elsewhere),
        }
    };
    let mut rows: Vec<TieRow> = facts.iter().map(row).collect();
    rows.sort_by_cached_key(|row| {
        let place = (row.account.clone(), row.region.clone(), row.model.clone());
        (-row.unlogged, place, row.routing, row.mode, row.band, row.class.clone())
    });
    rows
}

/// The main reason. `elsewhere`: the logs have more than the bill in another mode of the same key.
fn cause(key: &Key, facts: &Facts, in_logs: bool, elsewhere: bool) -> Cause {
    let surplus = facts.billed_tokens - facts.matched_tokens;
    match () {
        () if facts.billed_tokens == 0 => Cause::NotBilled,
        () if key.mode == Mode::Batch && facts.logged_tokens == 0 => Cause::Batch,
        () if (facts.logged_tokens - facts.billed_tokens) * AGREES > facts.billed_tokens => Cause::LogsExceedBill,
        () if !facts.has_surplus() => Cause::Matched,
        () if !in_logs => Cause::LoggingOff,
        () if (facts.before + facts.after) * 2 > surplus && facts.before >= facts.after => Cause::LoggingBegan,
        () if (facts.before + facts.after) * 2 > surplus => Cause::LogsEnd,
        () if elsewhere => Cause::ModeUnknown,
        () => Cause::NotLogged,
    }
}

/// The dollars of the comparison.
pub(crate) fn with_dollars(rows: Vec<TieRow>) -> TieOut {
    let billed: Money = rows.iter().map(|row| row.billed).sum();
    let unlogged: Money = rows.iter().map(|row| row.unlogged).sum();
    TieOut { rows, billed, logged: billed - unlogged, ..TieOut::default() }
}
