//! What is measured of a store: its OCUs on the bill, its collections in the inventory, its searches in CloudWatch.

use lode_engine::{Context, Input, Signals, Subject};
use lode_model::Class;
use lode_sim::{StoreCollection, StoreUser, VectorStore};

/// Names that one line shows; the others are counted.
const SHOWN: usize = 5;

/// Everything that the rules compare.
pub(crate) fn of(cx: &Context<'_>, subject: &Subject) -> Signals {
    let search = cx.mean_units(subject, |class| *class == Class::SearchOcuHour);
    let indexing = cx.mean_units(subject, |class| *class == Class::IndexingOcuHour);
    let standing = cx.monthly_of(subject, |charge| charge.key.class.is_standing());
    let signals = Signals::new()
        .number("ocu.mean", "OCUs", search + indexing)
        .number("ocu.mean_search", "OCUs", search)
        .number("ocu.mean_indexing", "OCUs", indexing)
        .number("ocu.larger_half", "OCUs", search.max(indexing))
        .money("spend.standing_monthly", "USD per month", standing);
    match cx.vector_store(subject) {
        Some(store) => index(searches(whose(signals, &store, search + indexing), &store), &store),
        None => signals,
    }
}

/// Which collections it is, and who uses them.
fn whose(signals: Signals, store: &VectorStore, ocus: f64) -> Signals {
    let inventory = Input::VectorStoreInventory;
    let flag = |signals: Signals, name, known: Option<bool>| match known {
        Some(known) => signals.flag(name, known),
        None => signals.missing(name, "", inventory),
    };
    let signals = signals.flag("store.other_kind", store.holds_vectors() == Some(false));
    let signals = flag(signals, "store.holds_vectors", store.holds_vectors());
    let signals = flag(signals, "store.used", store.is_used());
    let signals = flag(signals, "store.standby", store.has_standby());
    let signals = flag(signals, "store.development", store.is_for_development())
        .flag("store.mixed", store.is_mixed())
        .flag("store.next_generation", store.is_next_generation());
    let signals = match store.minimum().filter(|_| store.is_next_generation()) {
        Some(milli) => minimum(signals, milli, ocus),
        None => signals.missing("group.minimum_ocus", "OCUs", inventory).missing(
            "group.billed_of_minimum",
            "share of the minimum",
            inventory,
        ),
    };
    if store.is_known() { signals.text("store.collections", "", whom(store)) } else { signals }
}

#[expect(clippy::cast_precision_loss, reason = "compared and shown, not billed")]
fn minimum(signals: Signals, milli: u64, ocus: f64) -> Signals {
    let least = milli as f64 / 1000.0;
    let billed = if milli == 0 { 0.0 } else { ocus / least };
    signals.number("group.minimum_ocus", "OCUs", least).number(
        "group.billed_of_minimum",
        "share of the minimum",
        billed,
    )
}

/// How often it is searched.
#[expect(clippy::cast_precision_loss, reason = "compared and shown, not billed")]
fn searches(signals: Signals, store: &VectorStore) -> Signals {
    let metrics = Input::VectorStoreMetrics;
    match store.searches().zip(store.watched_share()) {
        Some((searches, watched)) => {
            let idle = searches.watched_hours() - searches.searched_hours();
            signals
                .flag("queries.known", true)
                .number("queries.per_minute", "requests a minute", searches.per_minute())
                .count("queries.in_window", "requests", searches.requests().into())
                .number("queries.idle_share", "share of hours", idle as f64 / searches.watched_hours().max(1) as f64)
                .number("metrics.hours_share", "share of the window's hours", watched)
        }
        None => signals
            .flag("queries.known", false)
            .missing("queries.per_minute", "requests a minute", metrics)
            .missing("queries.in_window", "requests", metrics)
            .missing("queries.idle_share", "share of hours", metrics)
            .missing("metrics.hours_share", "share of the window's hours", metrics),
    }
}

/// How large its index is.
fn index(signals: Signals, store: &VectorStore) -> Signals {
    let signals = match store.documents() {
        Some(vectors) => signals.count("index.vectors", "vectors", vectors.into()),
        None => signals.missing("index.vectors", "vectors", Input::VectorStoreMetrics),
    };
    match store.dimensions().and_then(|all| all.into_iter().max()) {
        Some(dimensions) => signals.count("index.dimensions", "dimensions", dimensions.into()),
        None => signals.missing("index.dimensions", "dimensions", Input::KnowledgeBaseConfig),
    }
}

/// `docs for handbook (from wiki), web for no knowledge base`.
fn whom(store: &VectorStore) -> String {
    let user = |user: &StoreUser| {
        let sources: Vec<&str> = user.sources.iter().map(|source| &**source).collect();
        if sources.is_empty() { user.name.to_string() } else { format!("{} (from {})", user.name, shown(&sources)) }
    };
    let one = |collection: &StoreCollection| {
        let users: Vec<String> = collection.users.iter().map(user).collect();
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        match (users.is_empty(), store.users_listed) {
            (false, _) => format!("{} for {}", collection.name, shown(&users)),
            (true, true) => format!("{} for no knowledge base", collection.name),
            (true, false) => collection.name.to_string(),
        }
    };
    let each: Vec<String> = store.collections.iter().map(one).collect();
    shown(&each.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The first names of a list, and how many there are besides.
pub(crate) fn shown(names: &[&str]) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let first = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}
