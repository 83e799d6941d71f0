//! Tokens: direction, cache, mode, routing, context band and modality, from the part of a dimension that names the
//! kind, squeezed. The model's name must be off already.

use lode_model::{BilledAs, Class, ContextBand, Layer, Mode, Routing, Ttl};

use super::plain;
use crate::tables::{LONG_CONTEXT, MODALITIES, MODES, TTLS};

/// What kind of tokens a squeezed dimension counts.
pub(super) enum Tokens {
    Text(Class),
    /// Tokens of another modality, or of a cache lifetime that no rule knows: priced apart.
    Apart,
}

/// Cache before input: cache kinds hold the word "input" too.
pub(super) fn tokens_in(squeezed: &str) -> Option<Tokens> {
    if !squeezed.contains("token") {
        return None;
    }
    let class = if squeezed.contains("cacheread") {
        Some(Class::CacheRead)
    } else if let Some((_, after)) = squeezed.split_once("cachewrite") {
        ttl_in(after).map(Class::CacheWrite)
    } else if squeezed.contains("input") {
        Some(Class::Input)
    } else if squeezed.contains("output") {
        Some(Class::Output)
    } else {
        return None;
    };
    let apart = MODALITIES.iter().any(|modality| {
        squeezed.match_indices(modality).any(|(at, word)| {
            let (before, after) = (&squeezed[..at], &squeezed[at + word.len()..]);
            before.ends_with("input")
                || before.ends_with("output")
                || ["input", "output", "token"].iter().any(|beside| after.starts_with(beside))
        })
    });
    Some(class.filter(|_| !apart).map_or(Tokens::Apart, Tokens::Text))
}

/// How long a cache entry written lives: five minutes where nothing is said, `None` where it is a time that has
/// no price we know.
fn ttl_in(after_cache_write: &str) -> Option<Ttl> {
    let bytes = after_cache_write.as_bytes();
    let is_time = |at: &usize| matches!(bytes.get(*at), Some(b'm' | b'h')) && bytes[*at - 1].is_ascii_digit();
    let Some(end) = (1..bytes.len()).find(is_time) else { return Some(Ttl::FiveMinutes) };
    let digits = bytes[..end].iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let said = after_cache_write.get(end - digits..=end)?;
    TTLS.iter().find(|(word, _)| *word == said).map(|(_, ttl)| *ttl)
}

pub(super) fn routing_in(squeezed: &str) -> Routing {
    if squeezed.contains("global") { Routing::Global } else { Routing::Regional }
}

pub(super) fn token_meaning(tokens: Tokens, kind: &str, dimension: &str) -> BilledAs {
    let long = LONG_CONTEXT.iter().any(|word| kind.contains(word));
    BilledAs {
        mode: MODES.iter().find(|(word, _)| kind.contains(word)).map_or(Mode::Standard, |(_, mode)| *mode),
        routing: routing_in(kind),
        band: if long { ContextBand::Long } else { ContextBand::Standard },
        custom: kind.contains("custommodel"),
        class: match tokens {
            Tokens::Text(class) => class,
            Tokens::Apart => Class::Other(dimension.into()),
        },
        ..plain(Layer::Inference, dimension)
    }
}
