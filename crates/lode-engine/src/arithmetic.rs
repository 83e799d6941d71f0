//! The arithmetic of a saving, so that it can be followed with a calculator: quantity × rate before, quantity ×
//! rate after, and how the window becomes a month.

use lode_model::{Action, CachePolicy, Class, Edit, Marker, Money, PriceKey, Ratio, ResourceChange, Run, Unit, Waste};
use lode_prices::{NewRates, Origin};
use lode_sim::{Daily, Estate, Profile, Projection, Use};

/// Where a rate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RateFrom {
    /// Billed dollars over billed quantity.
    Bill,
    /// List price times what this bill pays of list.
    List {
        /// What part of list is paid.
        kept: Ratio,
        /// Sources of the list price, as letters of the catalogue.
        sources: String,
        /// How the list price was derived, where it is not printed as such.
        derived: Option<String>,
    },
    /// A monthly amount assumed by the rule.
    Assumed,
}

/// One line: what is used under a price key, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What decides the price.
    pub key: PriceKey,
    /// Steps.
    pub steps: i128,
    /// Unit; `None` for a fixed amount.
    pub unit: Option<Unit>,
    /// Dollars in the window.
    pub cost: Money,
    /// Where the rate comes from.
    pub from: RateFrom,
}

/// Before and after of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arithmetic {
    /// What the step does to the quantities, in words and factors.
    pub moves: Vec<String>,
    /// Uses that the step takes away or makes smaller, as they stood before.
    pub before: Vec<Line>,
    /// The same and the new uses, as they stand after.
    pub after: Vec<Line>,
    /// Saving by day of the window.
    pub saved: Daily,
    /// Usage saved by weekday (Monday first) and the days behind it; empty when the projection is flat.
    pub by_weekday: Vec<(Money, i128)>,
    /// What is saved on the counted days: of use.
    pub counted_usage: Money,
    /// Of standing costs.
    pub counted_standing: Money,
    /// Days counted.
    pub counted_days: i128,
    /// Saving a month, unrounded.
    pub monthly: Money,
    /// Of it, what other callers of the same cache or capacity save; negative where they pay more.
    pub others: Money,
}

impl Arithmetic {
    pub(crate) fn of(
        estate: &Estate,
        projection: &Projection,
        action: &Action,
        (before, after): (&Profile, &Profile),
        saved: Daily,
    ) -> Self {
        let mut own = before.daily.clone();
        own.sub_all(&after.daily);
        let mut others = saved.clone();
        others.sub_all(&own);
        let changed = |uses: &[Use], others: &[Use]| -> Vec<Line> {
            uses.iter().filter(|used| !others.contains(used)).map(|used| line(estate, used)).collect()
        };
        Self {
            moves: moves(action),
            before: changed(&before.uses, &after.uses),
            after: changed(&after.uses, &before.uses),
            by_weekday: if projection.by_weekday() {
                projection.weekday_sums(&saved.usage).to_vec()
            } else {
                Vec::new()
            },
            counted_usage: projection.counted(&saved.usage),
            counted_standing: projection.counted(&saved.standing),
            counted_days: projection.counted_days(),
            monthly: projection.monthly(&saved),
            others: projection.monthly(&others),
            saved,
        }
    }
}

/// The edits as a person would do them with a calculator.
fn moves(action: &Action) -> Vec<String> {
    let share = if action.selector.share == Ratio::ONE {
        "all of the quantities".to_owned()
    } else {
        format!("× {} of each quantity moves, the rest stays", action.selector.share)
    };
    let only = [
        action.selector.mode.map(|mode| format!("only {mode}")),
        action.selector.routing.map(|routing| format!("only {routing}")),
        runs(&action.selector.runs),
    ];
    let edits = action.edits.iter().map(|edit| match edit {
        Edit::Model { to, input, output } => {
            format!("to {to}: prompt tokens × {input}, answer tokens × {output}")
        }
        Edit::Cache(CachePolicy::Off) => "cache writes and reads are billed as plain input".to_owned(),
        Edit::Mode(mode) => format!("to the {mode} price"),
        Edit::Routing(routing) => format!("to the {routing} price"),
        Edit::Resource(ResourceChange::Delete) => "the standing charges end".to_owned(),
        Edit::Resource(ResourceChange::Reduce { reason, classes, keep }) => {
            let classes: Vec<&str> = classes.iter().map(Class::as_str).collect();
            format!("{reason}: × {keep} of {} is left", classes.join(", "))
        }
        Edit::Resource(ResourceChange::ReplaceBy { what, monthly }) => {
            format!("the standing charges end; {what} costs ${monthly} a month, × 24 / 730 a day")
        }
        Edit::Cache(CachePolicy::Markers { markers, .. }) => {
            let at = |marker: &Marker| format!("at the {}, {} to live", marker.place, marker.ttl);
            let places: Vec<String> = markers.iter().map(at).collect();
            format!("each call replayed with cache markers {}", places.join(" and "))
        }
        Edit::Cache(CachePolicy::Lifetime(ttl)) => {
            format!("each call replayed with its own cache markers, {ttl} to live")
        }
        Edit::DropTools(names) => format!("each prompt without the tools {}", names.join(", ")),
        Edit::DropDuplicateBlocks => "each prompt with every block once".to_owned(),
        Edit::DropWhiteSpace(weight) => {
            format!("each prompt without white space in its JSON, a byte of which weighs {weight} of another")
        }
        Edit::KeepExamples(count) => format!("each instruction with its first {count} examples"),
        Edit::CapPrompt(tokens) => format!("prompts of at most {tokens} tokens"),
        Edit::AnswerRepeats(seconds) => {
            format!("a prompt that was answered within the {seconds} seconds before is answered from a store")
        }
        Edit::DropCalls(waste) => left_out(*waste),
        Edit::WindowHistory(turns) => format!("each prompt with its newest {turns} turns"),
        Edit::ShortenSegment { what, tokens, .. } => format!("the {what} at most {tokens} tokens"),
        Edit::CapOutput(tokens) => format!("answers of at most {tokens} tokens"),
        Edit::Retrieval { chunks, chunk_tokens: None } => format!("each prompt with its first {chunks} passages"),
        Edit::Retrieval { chunks, chunk_tokens: Some(tokens) } => {
            format!("each prompt with its first {chunks} passages of at most {tokens} tokens")
        }
        Edit::Commitment { units: Some(0), .. } => "no units: what they serve is billed on demand".to_owned(),
        Edit::Commitment { units: Some(units), .. } => {
            format!("{units} model units all month: minute by minute, what they do not serve is billed on demand")
        }
        Edit::Commitment { units: None, .. } => "the cheapest number of model units".to_owned(),
        Edit::Reserve { held: None, .. } => "the cheapest amount of the Reserved tier".to_owned(),
        Edit::Reserve { held: Some(held), routing } => format!(
            "{},000 input and {},000 output tokens a minute of the Reserved tier for {routing} calls, {}: minute by minute, what \
             is beyond is billed at Standard rates",
            held.input, held.output, held.term
        ),
    });
    std::iter::once(share).chain(only.into_iter().flatten()).chain(edits).collect()
}

/// Which calls are not made.
fn left_out(waste: Waste) -> String {
    match waste {
        Waste::Failed { avoidable: Ratio::ONE } => {
            "calls that failed, or whose answer could not be used, are not made".to_owned()
        }
        Waste::Failed { avoidable } => {
            format!("of the calls that failed, or whose answer could not be used, a share of {avoidable} is not made")
        }
        Waste::Retried { seconds, after } => format!(
            "a prompt that is on its way for {after} seconds or more is not sent again; where a record does not tell how long \
             it took, it is on its way for {seconds} seconds"
        ),
        Waste::Loops { most } => {
            format!("no step after a tool call that its task made {most} times before with the same input")
        }
        Waste::StepsBeyond(steps) => format!("at most {steps} steps after what the user said last"),
    }
}

/// The runs of a job in a sentence.
fn runs(runs: &[Run]) -> Option<String> {
    let (calls, stay) =
        runs.iter().fold((0, 0), |(calls, stay), run| (calls + u64::from(run.calls), stay + u64::from(run.stay)));
    (!runs.is_empty()).then(|| {
        let stay =
            if stay == 0 { String::new() } else { format!(", of which {stay} stay, evenly spread, as the trickle") };
        format!("only the {calls} calls of {} runs{stay}", runs.len())
    })
}

fn line(estate: &Estate, used: &Use) -> Line {
    let from = match (used.unit, estate.prices.quote(&used.key, &used.key, NewRates::Inherit)) {
        (None, _) => RateFrom::Assumed,
        (Some(_), Ok(quote)) => match quote.origin {
            Origin::Bill => RateFrom::Bill,
            Origin::List { list, kept } => RateFrom::List {
                kept,
                sources: list.sources.join(", "),
                derived: (!list.derived.is_empty()).then(|| list.derived.join("; ")),
            },
        },
        (Some(_), Err(_)) => RateFrom::Bill,
    };
    Line { key: used.key.clone(), steps: used.steps, unit: used.unit, cost: used.cost, from }
}
