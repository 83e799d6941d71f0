//! Why bill and logs differ, line by line of the comparison. A key whose charges lie in part on days before the first
//! record, or after the last, is a line for each of these parts and one for the days between.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lode_model::{AccountId, Class, ContextBand, Mode, ModelId, Money, PriceKey, Region, Request, Routing};
use lode_sim::{Cause, TieOut, TieRow};

use crate::matching::part;

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

/// Tokens that are on the bill alone, and their dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lacking {
    pub(crate) tokens: i128,
    pub(crate) dollars: Money,
}

/// Bill and logs of one key over the whole window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) billed_tokens: i128,
    pub(crate) logged_tokens: i128,
    pub(crate) matched_tokens: i128,
    pub(crate) billed: Money,
    pub(crate) unlogged: Money,
    /// Of what is not in the logs, the part of days before the first record of the account and region.
    pub(crate) before: Lacking,
    /// Of days after the last.
    pub(crate) after: Lacking,
}

impl Facts {
    /// Notes that of these unlogged tokens so many, and no more than there are, lie before the first record and after
    /// the last. Dollars follow the tokens as differences of running totals: with the rest they add up exactly.
    pub(crate) fn outside(&mut self, tokens: i128, dollars: Money, before: i128, after: i128) {
        let early = before.min(tokens);
        let both = (early + after).min(tokens);
        let (up_to_early, up_to_both) = (part(dollars, early, tokens), part(dollars, both, tokens));
        self.before.tokens += early;
        self.before.dollars += up_to_early;
        self.after.tokens += both - early;
        self.after.dollars += up_to_both - up_to_early;
    }

    /// Without the days before the first record and after the last.
    fn between(&self) -> Self {
        let (before, after) = (self.before, self.after);
        Self {
            billed_tokens: self.billed_tokens - before.tokens - after.tokens,
            billed: self.billed - before.dollars - after.dollars,
            unlogged: self.unlogged - before.dollars - after.dollars,
            before: Lacking::default(),
            after: Lacking::default(),
            ..*self
        }
    }

    fn has_surplus(&self) -> bool {
        (self.billed_tokens - self.matched_tokens) * AGREES > self.billed_tokens
    }

    fn has_excess(&self) -> bool {
        (self.logged_tokens - self.matched_tokens) * AGREES > self.logged_tokens
    }

    fn is_empty(&self) -> bool {
        self.billed_tokens == 0 && self.logged_tokens == 0 && self.billed.is_zero()
    }
}

/// The lines of the comparison, largest unlogged dollars first, then by key and cause. `seen` are the accounts and
/// regions with any record.
pub(crate) fn rows(facts: &BTreeMap<Key, Facts>, seen: &BTreeMap<(AccountId, Region), (Date, Date)>) -> Vec<TieRow> {
    let mut excess: BTreeMap<Key, BTreeSet<Mode>> = BTreeMap::new();
    for (key, _) in facts.iter().filter(|(_, facts)| facts.has_excess()) {
        excess.entry(key.without_mode()).or_default().insert(key.mode);
    }
    let mut rows: Vec<TieRow> = Vec::new();
    for (key, facts) in facts {
        let in_logs = seen.contains_key(&(key.account.clone(), key.region.clone()));
        let elsewhere = excess.get(&key.without_mode()).is_some_and(|modes| modes.iter().any(|mode| *mode != key.mode));
        rows.extend(by_cause(key, facts, in_logs, elsewhere).into_iter().map(|(cause, facts)| row(key, &facts, cause)));
    }
    rows.sort_by_cached_key(|row| {
        let place = (row.account.clone(), row.region.clone(), row.model.clone());
        (-row.unlogged, place, row.routing, row.mode, row.band, row.class.clone(), row.cause)
    });
    rows
}

fn row(key: &Key, facts: &Facts, cause: Cause) -> TieRow {
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
        cause,
    }
}

/// The parts of a key, each with its reason; they add up to it. `elsewhere`: the logs have more than the bill in
/// another mode of the same key.
fn by_cause(key: &Key, facts: &Facts, in_logs: bool, elsewhere: bool) -> Vec<(Cause, Facts)> {
    // What no day has a log of is not for want of days.
    if facts.billed_tokens == 0 {
        return vec![(Cause::NotBilled, *facts)];
    }
    if key.mode == Mode::Batch && facts.logged_tokens == 0 {
        return vec![(Cause::Batch, *facts)];
    }
    let outside = |lacking: Lacking| Facts {
        billed_tokens: lacking.tokens,
        billed: lacking.dollars,
        unlogged: lacking.dollars,
        ..Facts::default()
    };
    let between = facts.between();
    let parts = [
        (Cause::LoggingBegan, outside(facts.before)),
        (Cause::LogsEnd, outside(facts.after)),
        (cause(&between, in_logs, elsewhere), between),
    ];
    parts.into_iter().filter(|(_, facts)| !facts.is_empty()).collect()
}

/// The main reason, on days with logs.
fn cause(facts: &Facts, in_logs: bool, elsewhere: bool) -> Cause {
    match () {
        () if (facts.logged_tokens - facts.billed_tokens) * AGREES > facts.billed_tokens => Cause::LogsExceedBill,
        () if !facts.has_surplus() => Cause::Matched,
        () if !in_logs => Cause::LoggingOff,
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
