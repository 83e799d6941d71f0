//! The cache counters of the invocation logs against the bill: per account, source region, model and UTC day, which
//! part of the prompt tokens was read from the cache or written to it. What is said of prompt caching stands on these
//! counters; no dollar depends on the comparison.
//!
//! Logs may hold only a part of a day, so shares of the prompt tokens are compared, never counts; how many tokens the
//! logs lack or have too many, the tie-out tells. Calls whose dollars are withheld are not here, nor is anything that
//! is not served on demand.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::Offset;
use lode_model::{AccountId, ChargeKind, Class, Layer, Mode, ModelId, Owner, Region, Unit};

use crate::calls::is_on_demand;
use crate::{Charge, Estate, TOLERANCE, ratio};

type Place = (AccountId, Region, ModelId);

/// The prompt tokens of one day by one side, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheTokens {
    /// All prompt tokens: input, cache reads and cache writes.
    pub prompt: u64,
    /// Of them, read from the cache.
    pub read: u64,
    /// Of them, written to the cache, however long they live.
    pub written: u64,
}

impl CacheTokens {
    const fn caches(&self) -> bool {
        self.read > 0 || self.written > 0
    }
}

/// One day of an account, region and model on which logs and bill differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheDay {
    /// Account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Model.
    pub model: ModelId,
    /// UTC day.
    pub date: Date,
    /// By the successful calls of the logs.
    pub logged: CacheTokens,
    /// By the bill; 0 where corrections outweigh a class.
    pub billed: CacheTokens,
    /// Whether writes are compared: not where the bill has no row of them.
    pub writes_compared: bool,
    /// Prompt tokens that one side has from the cache, or to it, and the other has not: reads or writes, whichever is
    /// more, at the shares of both.
    pub tokens_off: u64,
}

impl CacheDay {
    /// The day's prompt tokens: by logs or bill, whichever has more.
    #[must_use]
    pub fn prompt_tokens(&self) -> u64 {
        self.logged.prompt.max(self.billed.prompt)
    }

    /// How far the shares are apart, of the day's prompt tokens: 0 to 1.
    #[must_use]
    pub fn share_off(&self) -> f64 {
        ratio(self.tokens_off, self.prompt_tokens())
    }
}

/// The comparison of all days that the export has completely and the logs hold calls of, for each account, region and
/// model with any cache tokens in the logs or on the bill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheCounters {
    /// Days compared, each once an account, region and model.
    pub days_compared: u64,
    /// Of them, days on which the shares are further apart than [`TOLERANCE`].
    pub days_off: u64,
    /// Days not compared, besides: the logs hold less than half of the billed prompt tokens, or the bill has some of
    /// them without a quantity, or for several days at once.
    pub days_not_comparable: u64,
    /// Prompt tokens of the days compared.
    pub tokens_compared: u64,
    /// Of them, tokens that are off, on whichever of these days.
    pub tokens_off: u64,
    /// The days off, most tokens off first, then by account, region, model and date.
    pub rows: Vec<CacheDay>,
    /// Whose reads alone are compared: the logs have cache writes, and the bill has no row of them in the window.
    pub reads_only: Vec<(AccountId, Region, ModelId)>,
    /// Tokens compared and tokens off.
    by_model: BTreeMap<Place, (u64, u64)>,
}

impl CacheCounters {
    /// Compares the estate; `None` without logs, or where neither logs nor bill have any cache tokens.
    #[must_use]
    pub fn of(estate: &Estate) -> Option<Self> {
        estate.tie_out.as_ref()?;
        let (billed, logged) = (billed(estate), logged(estate));
        if !billed.values().any(Billed::caches) && !logged.values().any(caches) {
            return None;
        }
        let mut counters = Self::default();
        for (place, days) in &logged {
            if let Some(bill) = billed.get(place).filter(|bill| bill.caches() || caches(days)) {
                counters.compare(place, days, bill, estate.window.complete_to);
            }
        }
        counters.rows.sort_by_key(|row| std::cmp::Reverse(row.tokens_off));
        Some(counters)
    }

    /// The share of the prompt tokens that is off, over all days compared of an account, region and model: 0 to 1.
    /// `None` where no day is.
    #[must_use]
    pub fn of_model(&self, account: &AccountId, region: &Region, model: &ModelId) -> Option<f64> {
        let &(compared, off) = self.by_model.get(&(account.clone(), region.clone(), model.clone()))?;
        Some(ratio(off, compared))
    }

    fn compare(&mut self, place: &Place, days: &BTreeMap<Date, CacheTokens>, bill: &Billed, complete_to: Option<Date>) {
        let (mut compared, mut off) = (0_u64, 0_u64);
        for (&date, &logged) in days {
            let Some(day) = bill.days.get(&date) else { continue };
            if complete_to.is_none_or(|last| date > last) || logged.prompt == 0 {
                continue;
            }
            let billed = day.tokens();
            // With a part of the bill's tokens unknown, so are its shares.
            if !day.told || logged.prompt < billed.prompt.div_ceil(2) {
                self.days_not_comparable += 1;
                continue;
            }
            if billed.prompt == 0 {
                continue;
            }
            let reads = apart((logged.read, logged.prompt), (billed.read, billed.prompt));
            let writes = apart((logged.written, logged.prompt), (billed.written, billed.prompt));
            let row = CacheDay {
                account: place.0.clone(),
                region: place.1.clone(),
                model: place.2.clone(),
                date,
                logged,
                billed,
                writes_compared: bill.writes,
                tokens_off: if bill.writes { reads.max(writes) } else { reads },
            };
            self.days_compared += 1;
            compared = compared.saturating_add(row.prompt_tokens());
            off = off.saturating_add(row.tokens_off);
            if row.share_off() > TOLERANCE {
                self.days_off += 1;
                self.rows.push(row);
            }
        }
        if compared == 0 {
            return;
        }
        if !bill.writes && days.values().any(|day| day.written > 0) {
            self.reads_only.push(place.clone());
        }
        self.tokens_compared = self.tokens_compared.saturating_add(compared);
        self.tokens_off = self.tokens_off.saturating_add(off);
        self.by_model.insert(place.clone(), (compared, off));
    }
}

/// How far two shares are apart, each a part of a whole, in tokens of the larger whole. No whole is 0.
fn apart((part, whole): (u64, u64), (other, other_whole): (u64, u64)) -> u64 {
    let times = |a: u64, b: u64| u128::from(a) * u128::from(b);
    let apart = times(part, other_whole).abs_diff(times(other, whole));
    u64::try_from(apart / u128::from(whole.min(other_whole).max(1))).unwrap_or(u64::MAX)
}

fn caches(days: &BTreeMap<Date, CacheTokens>) -> bool {
    days.values().any(CacheTokens::caches)
}

/// Whether tokens of a mode are billed as such and may be cached: capacity that is reserved bills its hours.
pub(crate) const fn is_compared(mode: Mode) -> bool {
    is_on_demand(mode) && !matches!(mode, Mode::Reserved)
}

/// Prompt tokens of successful calls by day.
fn logged(estate: &Estate) -> BTreeMap<Place, BTreeMap<Date, CacheTokens>> {
    let mut places: BTreeMap<Place, BTreeMap<Date, CacheTokens>> = BTreeMap::new();
    for cluster in estate.demand.clusters() {
        for own in &cluster.owners {
            // What dedicated capacity serves is no workload's.
            let Owner::Workload(id) = &own.owner else { continue };
            let place = (cluster.account.clone(), cluster.region.clone(), id.model.clone());
            let days = places.entry(place).or_default();
            for call in &own.calls {
                if call.error.is_some() || !is_compared(call.mode.unwrap_or(Mode::Standard)) {
                    continue;
                }
                let day = days.entry(Offset::UTC.to_datetime(call.time).date()).or_default();
                day.prompt = day.prompt.saturating_add(call.tokens.prompt());
                day.read = day.read.saturating_add(call.tokens.cache_read);
                day.written = day.written.saturating_add(call.tokens.written());
            }
        }
    }
    places
}

/// The prompt tokens that the bill has of an account, region and model.
#[derive(Default)]
struct Billed {
    days: BTreeMap<Date, BilledDay>,
    /// Whether any row is of cache writes, of whatever time to live: else they are billed as input, as Nova's, or not.
    writes: bool,
}

impl Billed {
    fn caches(&self) -> bool {
        self.days.values().any(|day| day.tokens().caches())
    }
}

struct BilledDay {
    input: i128,
    read: i128,
    written: i128,
    /// Whether the tokens of every row are known, and of this day.
    told: bool,
}

impl BilledDay {
    const NOTHING: Self = Self { input: 0, read: 0, written: 0, told: true };

    fn tokens(&self) -> CacheTokens {
        let [input, read, written] =
            [self.input, self.read, self.written].map(|steps| u64::try_from(steps.max(0)).unwrap_or(u64::MAX));
        CacheTokens { prompt: input.saturating_add(read).saturating_add(written), read, written }
    }
}

fn billed(estate: &Estate) -> BTreeMap<Place, Billed> {
    let mut places: BTreeMap<Place, Billed> = BTreeMap::new();
    for charge in estate.charges.iter().filter(|charge| is_prompt(charge)) {
        let key = &charge.key;
        let bill = places.entry((key.account.clone(), key.region.clone(), key.model.clone())).or_default();
        bill.writes |= matches!(key.class, Class::CacheWrite(_));
        let tokens = charge.quantity.filter(|quantity| quantity.unit == Unit::Token && charge.span.days() == 1);
        for date in charge.span.each_day() {
            let day = bill.days.entry(date).or_insert(BilledDay::NOTHING);
            let Some(tokens) = tokens else {
                day.told = false;
                continue;
            };
            match key.class {
                Class::CacheRead => day.read += tokens.steps,
                Class::CacheWrite(_) => day.written += tokens.steps,
                _ => day.input += tokens.steps,
            }
        }
    }
    places
}

/// Whether a charge is of prompt tokens that logs can hold: what the join compares, on demand.
pub(crate) fn is_prompt(charge: &Charge) -> bool {
    charge.kind == ChargeKind::Usage
        && matches!(charge.key.class, Class::Input | Class::CacheRead | Class::CacheWrite(_))
        && is_compared(charge.key.mode)
        && !charge.key.custom
        && matches!(charge.layer, Layer::Inference | Layer::Embedding)
        && matches!(charge.owner, Owner::Workload(_))
}
