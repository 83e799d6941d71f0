//! Where the markers of a replayed policy stand, as a user writes it.

use std::fmt;
use std::str::FromStr;

use lode_model::{MOST_MARKERS, Placement};

/// Where cache markers stand in a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CachePlacement {
    /// Where the records have them.
    InForce,
    /// After every block, more than a request can carry: what caching could come to at most by reads, whatever it writes.
    EveryBlock,
    /// In these places, one to four.
    At(Vec<Placement>),
    /// Where they cost each caller least.
    Best,
    /// Nowhere.
    Off,
}

/// A text that names no placement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "found {found:?}, expected off, in-force, every-block, best, or one to four of tools-end, system-end, history-end, \
     prompt-end and leading-N joined by +; help: such as system-end+prompt-end, or leading-3 for the first three blocks"
)]
pub struct UnknownPlacement {
    /// The text, or the part of it that names nothing.
    pub found: String,
}

impl FromStr for CachePlacement {
    type Err = UnknownPlacement;

    fn from_str(text: &str) -> Result<Self, UnknownPlacement> {
        let unknown = |found: &str| UnknownPlacement { found: found.to_owned() };
        Ok(match text {
            "in-force" => Self::InForce,
            "every-block" => Self::EveryBlock,
            "best" => Self::Best,
            "off" => Self::Off,
            several => {
                let mut places = Vec::new();
                for word in several.split('+') {
                    let place = Placement::from_id(word).ok_or_else(|| unknown(word))?;
                    if places.contains(&place) {
                        return Err(unknown(several));
                    }
                    places.push(place);
                }
                if places.len() > MOST_MARKERS {
                    return Err(unknown(several));
                }
                Self::At(places)
            }
        })
    }
}

impl fmt::Display for CachePlacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InForce => f.write_str("in-force"),
            Self::EveryBlock => f.write_str("every-block"),
            Self::Best => f.write_str("best"),
            Self::Off => f.write_str("off"),
            Self::At(places) => {
                let ids: Vec<String> = places.iter().map(|place| place.id()).collect();
                f.write_str(&ids.join("+"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placement_reads_as_it_is_written() {
        for text in [
            "in-force",
            "every-block",
            "best",
            "off",
            "tools-end",
            "prompt-end",
            "leading-12",
            "tools-end+system-end+history-end+prompt-end",
        ] {
            assert_eq!(text.parse::<CachePlacement>().expect("a placement").to_string(), text);
        }
    }

    #[test]
    fn what_names_no_placement_is_refused() {
        for (text, found) in [
            ("", ""),
            ("end", "end"),
            ("system-end+end", "end"),
            ("system-end+", ""),
            ("leading-0", "leading-0"),
            ("leading-x", "leading-x"),
            ("off+prompt-end", "off"),
            ("prompt-end+prompt-end", "prompt-end+prompt-end"),
            ("leading-1+leading-2+leading-3+leading-4+leading-5", "leading-1+leading-2+leading-3+leading-4+leading-5"),
        ] {
            assert_eq!(text.parse::<CachePlacement>(), Err(UnknownPlacement { found: found.to_owned() }), "{text}");
        }
    }
}
