//! Cache reads and writes of callers by day, with the day from which on reads no longer repay writes.

use lode_engine::Recommendation;
use lode_sim::{CacheMisses, CacheTokens, CacheUse, Estate};

use crate::Report;
use crate::v1::{CacheDaysV1, CachedDayV1, CallerCacheV1, OtherCacheV1};

/// Callers that are listed.
const MOST: usize = 6;
/// Whose recommendations are about caching.
const RECOMMENDER: &str = "prompt-caching";

/// `None` without a cache token on a complete day.
pub(crate) fn cache_days(report: &Report<'_>) -> Option<CacheDaysV1> {
    let mut all = CacheUse::of(report.estate);
    // What something is said about comes first: it must be seen.
    let is_meant = |found: &CacheUse| report.outcome.recommendations.iter().any(|r| is_about(r, found));
    all.sort_by_cached_key(|found| !is_meant(found));
    let others = all.split_off(all.len().min(MOST));
    (!all.is_empty()).then(|| CacheDaysV1 {
        callers: all.iter().map(|found| caller(report, found)).collect(),
        others: (!others.is_empty()).then(|| summed(&others)),
    })
}

fn is_about(r: &Recommendation, found: &CacheUse) -> bool {
    r.recommender == RECOMMENDER && found.is_of(&r.subject)
}

fn caller(report: &Report<'_>, found: &CacheUse) -> CallerCacheV1 {
    let window = &report.estate.window;
    let about = report.outcome.recommendations.iter().filter(|r| is_about(r, found));
    let day = |place: usize| {
        let date = window.day(place);
        let tokens = found.days.get(&date).copied().unwrap_or_default();
        CachedDayV1 {
            date: date.to_string(),
            prompt_tokens: tokens.prompt,
            read_tokens: tokens.read,
            written_tokens: tokens.written,
        }
    };
    CallerCacheV1 {
        account: found.account.to_string(),
        region: found.region.to_string(),
        model: found.model.to_string(),
        caller: found.caller.to_string(),
        source: if found.billed { "bill" } else { "logs" }.to_owned(),
        breaks: since(report.estate, found),
        recommendations: about.map(|r| r.id.clone()).collect(),
        days: (0..window.complete_days()).map(day).collect(),
    }
}

/// The day from which on reads no longer repay the writes of the kind of calls that writes most.
fn since(estate: &Estate, found: &CacheUse) -> Option<String> {
    let owners = estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners).map(|own| &own.owner);
    let misses = owners.filter(|owner| found.is_of(owner)).filter_map(|owner| {
        let misses = CacheMisses::logged(estate, owner)?;
        (misses.written_tokens > 0).then_some((owner, misses))
    });
    let most = misses.max_by_key(|(owner, misses)| (misses.written_tokens, std::cmp::Reverse(*owner)));
    most.and_then(|(_, misses)| misses.since).map(|day| day.to_string())
}

fn summed(others: &[CacheUse]) -> OtherCacheV1 {
    let totals: Vec<CacheTokens> = others.iter().map(CacheUse::total).collect();
    let sum = |of: fn(&CacheTokens) -> u64| totals.iter().map(of).fold(0, u64::saturating_add);
    OtherCacheV1 {
        callers: others.len(),
        prompt_tokens: sum(|total| total.prompt),
        read_tokens: sum(|total| total.read),
        written_tokens: sum(|total| total.written),
    }
}
