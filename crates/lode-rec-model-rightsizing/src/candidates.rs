//! Which models could take an owner's calls, and why the others cannot: the move-to pairs of the catalogue, each put
//! through the same conditions in the order they stand here. Knows no dollars saved and no rule.

use std::collections::BTreeSet;

use lode_engine::{Context, Subject};
use lode_model::{Class, ContextBand, Mode, OutputForm, PriceKey, Ratio};
use lode_prices::{Modality, ModelInfo, ModelStatus, Move, MoveKind, TokenizerChange};
use lode_sim::Traffic;

use crate::words::{list, whole};

/// Most tokens that another maker's tokenizer makes of a token's text: the high end of the assumption
/// `tokens-across-makers`, as a test holds.
pub(crate) const ACROSS_MAKERS_AT_MOST: Ratio = Ratio::from_ppm(1_500_000);

/// Where a move leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// A newer model of the same tier and maker, for all calls.
    SameTier,
    /// A lower tier of the same maker: for the calls that are known to ask for little, or for a share of unknown ones.
    LowerTier,
    /// Another maker's model, for all calls.
    AnotherMaker,
}

impl Direction {
    /// Every one, in the order in which they are looked at.
    pub(crate) const ALL: [Self; 3] = [Self::SameTier, Self::LowerTier, Self::AnotherMaker];

    /// Where a pair of the catalogue leads.
    const fn of(pair: &Move) -> Self {
        match pair.kind {
            MoveKind::NewerSameTier => Self::SameTier,
            MoveKind::NewerLowerTier | MoveKind::TierDown => Self::LowerTier,
            MoveKind::CrossFamily => Self::AnotherMaker,
        }
    }
}

/// The calls that look for another model.
#[derive(Clone, Copy)]
pub(crate) struct Calls<'a> {
    /// What the recommender sees.
    pub(crate) cx: &'a Context<'a>,
    /// Whose calls.
    pub(crate) subject: &'a Subject,
    /// Their model today.
    pub(crate) model: &'static ModelInfo,
    /// What they look like, where they are known.
    pub(crate) traffic: Option<&'a Traffic>,
}

/// What became of the pairs of one direction.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// Models that could take the calls, in the catalogue's order.
    pub(crate) fit: Vec<&'static ModelInfo>,
    /// `name: reason` of those that cannot.
    pub(crate) left_out: Vec<String>,
}

impl Candidates {
    /// Puts every pair of a direction through the conditions.
    pub(crate) fn of(calls: Calls<'_>, direction: Direction) -> Self {
        let mut found = Self::default();
        let used = used(calls);
        pairs(calls, calls.model, direction).for_each(|to| found.put(calls, &used, direction, to));
        found
    }

    /// Those of [`Direction::LowerTier`], and what stands two tiers lower of the same maker: for calls that ask for next to
    /// nothing.
    pub(crate) fn two_tiers_lower(calls: Calls<'_>) -> Self {
        let mut found = Self::of(calls, Direction::LowerTier);
        let used = used(calls);
        let lower = |model| pairs(calls, model, Direction::LowerTier);
        for to in lower(calls.model).flat_map(lower) {
            let known = found.fit.iter().any(|fit| fit.id == to.id) || lower(calls.model).any(|one| one.id == to.id);
            if !known {
                found.put(calls, &used, Direction::LowerTier, to);
            }
        }
        found
    }

    /// Puts one model through the conditions.
    fn put(&mut self, calls: Calls<'_>, used: &BTreeSet<PriceKey>, direction: Direction, to: &'static ModelInfo) {
        let asked = Asked { model: calls.model, to, traffic: calls.traffic, lengths: lengths(calls, to, direction) };
        match why_not(&asked).or_else(|| unpriced(calls, used, to)) {
            None => self.fit.push(to),
            Some(why) => self.left_out.push(format!("{}: {why}", to.name)),
        }
    }
}

/// Models that the pairs of a direction lead to from a model.
fn pairs(calls: Calls<'_>, from: &ModelInfo, direction: Direction) -> impl Iterator<Item = &'static ModelInfo> {
    let catalogue = calls.cx.catalogue();
    let pairs = catalogue.moves_from(&from.id).iter().filter(move |pair| Direction::of(pair) == direction);
    pairs.filter_map(move |pair| catalogue.model(&pair.to))
}

/// What is known of how long the calls are.
#[derive(Clone, Copy)]
enum Lengths {
    /// The longest prompt and the longest answer, in the most tokens that the target's tokenizer may make of them.
    AtMost { prompt: u64, output: u64 },
    /// Not known, and all calls would move.
    Unknown,
    /// Not known, and long calls can stay behind.
    Free,
}

fn lengths(calls: Calls<'_>, to: &ModelInfo, direction: Direction) -> Lengths {
    let Some(traffic) = calls.traffic else {
        return if direction == Direction::LowerTier { Lengths::Free } else { Lengths::Unknown };
    };
    let most = match calls.model.tokenizer_change(to) {
        TokenizerChange::Between(_, high) => high.max(Ratio::ONE),
        TokenizerChange::Unknown if direction == Direction::AnotherMaker => ACROSS_MAKERS_AT_MOST,
        TokenizerChange::Same | TokenizerChange::Unknown => Ratio::ONE,
    };
    let at_most = |tokens: u64| u64::try_from(most.of(i128::from(tokens))).unwrap_or(u64::MAX);
    Lengths::AtMost { prompt: at_most(traffic.longest_prompt), output: at_most(traffic.longest_output) }
}

/// One candidate, and what it is measured against.
struct Asked<'a> {
    model: &'a ModelInfo,
    to: &'a ModelInfo,
    traffic: Option<&'a Traffic>,
    lengths: Lengths,
}

/// A condition: `None` where the candidate meets it, else the reason in words.
type Condition = fn(&Asked<'_>) -> Option<String>;

/// All conditions that the catalogue and the calls decide, in the order in which reasons are told.
const CONDITIONS: [Condition; 8] =
    [on_offer, stays, takes_the_input, takes_tools, answers_by_schema, holds_the_prompt, one_price, holds_the_answer];

/// The first condition that a candidate does not meet.
fn why_not(asked: &Asked<'_>) -> Option<String> {
    CONDITIONS.iter().find_map(|condition| condition(asked))
}

/// It must be on offer to everyone.
fn on_offer(asked: &Asked<'_>) -> Option<String> {
    let status = asked.to.lifecycle.status;
    (status != ModelStatus::Active).then(|| format!("its status is {status}"))
}

/// Its end must not be announced: calls would move twice. AWS announces an end some months ahead, at least 6 for models
/// launched before 2026-09-07 (model lifecycle page, copy of 2026-10).
fn stays(asked: &Asked<'_>) -> Option<String> {
    asked.to.lifecycle.eol.map(|day| format!("it ends on {day}"))
}

/// It must take every kind of input that today's model takes; where all bodies are known and hold no media, text alone.
fn takes_the_input(asked: &Asked<'_>) -> Option<String> {
    let only_text = asked.traffic.is_some_and(|t| t.with_body == t.calls && t.with_media == 0);
    let (today, there) = (asked.model.input.as_deref(), asked.to.input.as_deref());
    let needed = today.unwrap_or_default().iter().filter(|kind| !only_text || **kind == Modality::Text);
    let missing: Vec<&str> =
        needed.filter(|kind| !there.unwrap_or_default().contains(kind)).map(|kind| kind.as_str()).collect();
    (!missing.is_empty()).then(|| format!("it takes no {}", list(&missing, "or")))
}

/// Calls that offer tools need a model that takes them. What the catalogue does not record is no reason.
fn takes_tools(asked: &Asked<'_>) -> Option<String> {
    let used = asked.traffic.is_some_and(|traffic| traffic.with_tools > 0);
    (used && asked.to.tools == Some(false)).then(|| "it takes no tools, and the calls offer some".to_owned())
}

/// Calls that are answered in JSON may rely on a schema that the answer is held to.
fn answers_by_schema(asked: &Asked<'_>) -> Option<String> {
    let by_schema = asked.to.structured_output == Some(false);
    (by_schema && in_json(asked.traffic))
        .then(|| "it holds no answer to a JSON schema, and the calls are answered in JSON".to_owned())
}

/// Whether most answers are JSON.
pub(crate) fn in_json(traffic: Option<&Traffic>) -> bool {
    let json = |traffic: &Traffic| traffic.habits.answers.by_form.get(&OutputForm::Json).copied().unwrap_or_default();
    traffic.is_some_and(|traffic| json(traffic) * 2 > traffic.calls)
}

/// Its context window must hold the longest prompt and answer; where lengths are not known and all calls would move, at
/// least what today's holds.
fn holds_the_prompt(asked: &Asked<'_>) -> Option<String> {
    let context = asked.to.context;
    match asked.lengths {
        Lengths::AtMost { prompt, output } => {
            let needed = prompt.saturating_add(output);
            let Some(context) = context else { return Some("its context is not recorded".to_owned()) };
            let most = if prompt > context {
                format!("longest prompt {} tokens", whole(prompt))
            } else {
                format!("longest prompt and answer {} tokens", whole(needed))
            };
            (needed > context).then(|| format!("{most} above its context of {}", whole(context)))
        }
        Lengths::Unknown if context < asked.model.context => Some(format!(
            "its context of {} is below {} today, and a bill does not show how long prompts are",
            context.map_or_else(|| "unknown size".to_owned(), whole),
            asked.model.context.map(whole).unwrap_or_default()
        )),
        Lengths::Unknown | Lengths::Free => None,
    }
}

/// The longest prompt must stay below the size at which its price jumps; where lengths are not known and all calls would
/// move, there must be no such size.
fn one_price(asked: &Asked<'_>) -> Option<String> {
    let above = asked.to.long_context_above()?;
    let size = whole(above);
    match asked.lengths {
        Lengths::AtMost { prompt, .. } => (prompt > above)
            .then(|| format!("longest prompt {} tokens above {size}, where its price jumps", whole(prompt))),
        Lengths::Unknown => {
            Some(format!("its price jumps above {size} prompt tokens, and a bill does not show how long prompts are"))
        }
        Lengths::Free => None,
    }
}

/// Its limit must hold the longest answer.
fn holds_the_answer(asked: &Asked<'_>) -> Option<String> {
    let Lengths::AtMost { output, .. } = asked.lengths else { return None };
    match asked.to.max_output {
        None => Some("its limit of answers is not recorded".to_owned()),
        Some(limit) if output > limit => {
            Some(format!("longest answer {} tokens above its limit of {}", whole(output), whole(limit)))
        }
        Some(_) => None,
    }
}

/// The price keys that the calls use today and a target must have a price for, in their region and through their kind of
/// profile. Where the calls are known, the cache is replayed by the target's own rules, so that prompts and answers alone
/// count.
fn used(calls: Calls<'_>) -> BTreeSet<PriceKey> {
    let counts = |key: &&PriceKey| {
        let plain = matches!(key.class, Class::Input | Class::Output);
        key.class.is_token() && key.mode == Mode::Standard && !key.custom && (plain || calls.traffic.is_none())
    };
    let keys = calls.cx.charges(calls.subject).iter().map(|charge| &charge.key).filter(counts);
    // What fits has one price.
    keys.map(|key| PriceKey { band: ContextBand::Standard, ..key.clone() }).collect()
}

/// It must have a price for what the calls use.
fn unpriced(calls: Calls<'_>, used: &BTreeSet<PriceKey>, to: &ModelInfo) -> Option<String> {
    used.iter().find_map(|key| calls.cx.price_on(key, &to.id).err().map(|why| why.to_string()))
}

#[cfg(test)]
mod tests {
    use lode_engine::{End, Rule};
    use lode_model::ModelId;
    use lode_prices::Catalogue;

    use super::*;

    fn model(id: &str) -> &'static ModelInfo {
        Catalogue::builtin().model(&ModelId::from(id)).expect("in the catalogue")
    }

    const HAIKU: &str = "anthropic.claude-haiku-5-5";

    /// Why known calls cannot move to Claude Haiku 5.5: one price up to 100,000 prompt tokens, answers of up to 128,000.
    fn why_not_haiku_5_5(from: &str, longest_prompt: u64, longest_output: u64) -> Option<String> {
        let traffic = Traffic { longest_prompt, longest_output, ..Traffic::default() };
        let (from, to) = (model(from), model(HAIKU));
        let most = match from.tokenizer_change(to) {
            TokenizerChange::Between(_, high) => high,
            _ => Ratio::ONE,
        };
        let at_most = |tokens: u64| u64::try_from(most.of(i128::from(tokens))).expect("small");
        let lengths = Lengths::AtMost { prompt: at_most(longest_prompt), output: at_most(longest_output) };
        why_not(&Asked { model: from, to, traffic: Some(&traffic), lengths })
    }

    #[test]
    fn the_longest_prompt_and_answer_decide_whether_a_target_fits() {
        let sonnet = "anthropic.claude-sonnet-5-5";
        assert_eq!(why_not_haiku_5_5(sonnet, 100_000, 128_000), None);
        let jumps = why_not_haiku_5_5(sonnet, 100_001, 10);
        assert_eq!(jumps.as_deref(), Some("longest prompt 100,001 tokens above 100,000, where its price jumps"));
        let cut = why_not_haiku_5_5(sonnet, 10, 128_001);
        assert_eq!(cut.as_deref(), Some("longest answer 128,001 tokens above its limit of 128,000"));
        // The tokenizer of Claude Sonnet 4.6 makes fewer tokens: 74,074 × 1.35 = 99,999.9.
        assert_eq!(why_not_haiku_5_5("anthropic.claude-sonnet-4-6", 74_074, 10), None);
        assert!(why_not_haiku_5_5("anthropic.claude-sonnet-4-6", 74_075, 10).is_some());
    }

    #[test]
    fn every_condition_says_why() {
        let from = model("anthropic.claude-sonnet-5-5");
        let free = Lengths::Free;
        let why = |to: &ModelInfo, traffic: Option<&Traffic>, lengths| {
            why_not(&Asked { model: from, to, traffic, lengths }).unwrap_or_default()
        };
        let haiku = model(HAIKU);
        assert_eq!(why(haiku, None, free), "");
        assert_eq!(why(model("anthropic.claude-opus-4-1-20250805-v1:0"), None, free), "its status is legacy");
        assert_eq!(why(model("google.gemma-3-4b-it"), None, free), "it ends on 2027-03-30");
        let micro = model("amazon.nova-micro-v1:0");
        assert_eq!(why(micro, None, free), "it takes no image");
        let text = Traffic { calls: 2, with_body: 2, with_tools: 1, ..Traffic::default() };
        assert_eq!(why(micro, Some(&text), free), "", "no prompt holds an image");
        let mut bare = haiku.clone();
        (bare.tools, bare.structured_output) = (Some(false), Some(false));
        assert_eq!(why(&bare, Some(&text), free), "it takes no tools, and the calls offer some");
        let mut json = Traffic { calls: 2, with_body: 2, ..Traffic::default() };
        json.habits.answers.by_form.insert(OutputForm::Json, 2);
        let told = "it holds no answer to a JSON schema, and the calls are answered in JSON";
        assert_eq!(why(&bare, Some(&json), free), told);
        let long = Lengths::AtMost { prompt: 999_000, output: 1_001 };
        let opus = model("anthropic.claude-opus-5-5");
        assert_eq!(why(opus, None, long), "longest prompt and answer 1,000,001 tokens above its context of 1,000,000");
        let haiku_4_5 = model("anthropic.claude-haiku-4-5-20251001-v1:0");
        let long = Lengths::AtMost { prompt: 230_000, output: 10 };
        assert_eq!(why(haiku_4_5, None, long), "longest prompt 230,000 tokens above its context of 200,000");
        let unknown = "its context of 200,000 is below 1,000,000 today, and a bill does not show how long prompts are";
        assert_eq!(why(haiku_4_5, None, Lengths::Unknown), unknown);
    }

    #[test]
    fn another_makers_tokens_are_bounded_by_the_rule() {
        let rules = Rule::read_all("model-rightsizing", crate::META.rules).expect("valid rules");
        let rule = rules.iter().find(|rule| rule.id == "another-maker").expect("a rule");
        let tokens = rule.assumptions.iter().find(|a| a.id == "tokens-across-makers").expect("an assumption");
        assert_eq!(Ratio::from_f64(tokens.at(End::High)), ACROSS_MAKERS_AT_MOST);
    }
}
