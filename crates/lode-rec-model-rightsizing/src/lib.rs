#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, ContextBand, Edit, Mode, Money, Owner, Ratio, Selector, TaskForm, WorkloadId};
use lode_prices::{Modality, ModelInfo, ModelKind, ModelStatus, MoveKind, TokenizerChange};
use lode_sim::{Traffic, ratio};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "model-rightsizing",
    lever: Lever { id: "model-rightsizing", name: "Model right-sizing" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Moves calls to a model that does the job for less: a newer one of the same tier, or a lower tier for calls that ask
/// for little. Where the calls are not known, for a share of them.
#[derive(Debug)]
pub struct ModelRightsizing;

impl Recommender for ModelRightsizing {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let Some((_, model)) = workload(cx, subject) else {
            return Signals::new().flag("model.known", false).flag("model.generates_text", false);
        };
        let traffic = cx.traffic(subject);
        let standard =
            cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::Standard && !c.key.custom);
        let life = &model.lifecycle;
        let ending = life.status == ModelStatus::Legacy || life.extended_access.is_some_and(|day| day <= cx.as_of());
        let has = |kinds| targets(cx, model, kinds, traffic.as_deref()).next().is_some();
        let signals = Signals::new()
            .flag("model.known", true)
            .flag("model.generates_text", model.kind == ModelKind::Text)
            .flag("calls.known", traffic.is_some())
            .money("spend.standard_monthly", "USD per month", standard)
            .flag("lifecycle.ending", ending || life.eol.is_some())
            .flag("targets.same_tier", has(SAME_TIER))
            .flag("targets.lower_tier", has(LOWER_TIER))
            .number("calls.moved_share", "share of tokens on another model by earlier steps", moved_share(cx, subject))
            .text("model.name", "", &*model.name);
        let signals = match life.eol {
            Some(eol) => signals.text("lifecycle.end_of_life", "date", eol.to_string()),
            None => signals,
        };
        let signals = match life.extended_access {
            Some(day) => signals.text("lifecycle.extended_access_from", "date", day.to_string()),
            None => signals,
        };
        match traffic {
            Some(traffic) => shapes(signals, &traffic),
            None => signals,
        }
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let Some((workload, model)) = workload(cx, subject) else { return Vec::new() };
        let traffic = cx.traffic(subject);
        let (kinds, share) = match rule.id.as_str() {
            "lower-tier" => (LOWER_TIER, given.ratio("share-that-can-move")),
            "simple-tasks" => (LOWER_TIER, Ratio::ONE),
            _ => (SAME_TIER, Ratio::ONE),
        };
        let which = match (rule.id.as_str(), traffic.as_deref().and_then(|traffic| traffic.task)) {
            ("simple-tasks", Some(task)) => format!("the {task}"),
            _ if share == Ratio::ONE => "all".to_owned(),
            _ => format!("{:.0} % of the", share.to_f64() * 100.0),
        };
        targets(cx, model, kinds, traffic.as_deref())
            .map(|to| {
                let tokenizer = match model.tokenizer_change(to) {
                    TokenizerChange::Same => Ratio::ONE,
                    TokenizerChange::Between(low, high) if high > Ratio::ONE => {
                        given.ratio("tokens-of-the-same-text").clamp(low, high)
                    }
                    TokenizerChange::Between(low, high) => Ratio::from_ppm((low.ppm() + high.ppm()) / 2),
                    // Within one maker's line the catalogue records a change where one is known.
                    TokenizerChange::Unknown => Ratio::ONE,
                };
                let longer = given.ratio("length-of-answers");
                let output = Ratio::from_ppm(i64::try_from(longer.of(i128::from(tokenizer.ppm()))).unwrap_or(i64::MAX));
                Action {
                    key: to.id.as_str().into(),
                    selector: Selector {
                        share,
                        mode: Some(Mode::Standard),
                        // Long prompts stay where the target has no price for them: of a share, others can move.
                        band: (share < Ratio::ONE).then_some(ContextBand::Standard),
                        ..Selector::all(subject.clone())
                    },
                    edits: vec![Edit::Model { to: to.id.clone(), input: tokenizer, output }],
                    one_off: Money::ZERO,
                    title: title(workload, model, to, &which),
                }
            })
            .collect()
    }
}

const SAME_TIER: &[MoveKind] = &[MoveKind::NewerSameTier];
const LOWER_TIER: &[MoveKind] = &[MoveKind::TierDown, MoveKind::NewerLowerTier];

/// What part of the tokens went to another model already.
#[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
fn moved_share(cx: &Context<'_>, subject: &Subject) -> f64 {
    let profile = cx.profile(subject);
    let all = profile.tokens(|_| true);
    let moved = profile.tokens(|key| Some(&key.model) != subject.model());
    if all > 0 { moved as f64 / all as f64 } else { 0.0 }
}

fn workload<'a>(cx: &Context<'a>, subject: &'a Subject) -> Option<(&'a WorkloadId, &'static ModelInfo)> {
    let Owner::Workload(workload) = subject else { return None };
    Some((workload, cx.catalogue().model(&workload.model)?))
}

/// What the calls look like: what they ask for, and how long prompts and answers are.
fn shapes(signals: Signals, traffic: &Traffic) -> Signals {
    let signals = signals
        .count("calls.count", "calls", i128::from(traffic.calls))
        .number("output.mean", "tokens per answer", ratio(traffic.output_tokens, traffic.calls))
        .count("output.longest", "tokens", i128::from(traffic.longest_output))
        .number("prompt.mean", "tokens per prompt", ratio(traffic.prompt_tokens, traffic.calls))
        .count("prompt.longest", "tokens", i128::from(traffic.longest_prompt));
    let signals = match traffic.task {
        // Neither prompt nor answer was logged: what the calls ask for may be anything.
        None | Some(TaskForm::Unknown) => signals.missing("task.simple", "", Input::RequestBodies),
        Some(task) => signals.flag("task.simple", matches!(task, TaskForm::Label | TaskForm::Extraction)).text(
            "task.form",
            "",
            task.as_str(),
        ),
    };
    if traffic.examples.is_empty() {
        return signals;
    }
    signals.text("requests.examples", "request ids", traffic.examples.join(", "))
}

/// Models of the catalogue's move-to pairs that are on offer and take what today's model takes. A bill does not
/// show how long the longest prompt is, so a move of all calls needs a context at least as large and one price
/// whatever the length; a move of a share may leave the long calls behind. Where the calls are known, what they need
/// decides.
fn targets<'a>(
    cx: &Context<'_>,
    model: &'a ModelInfo,
    kinds: &'a [MoveKind],
    traffic: Option<&'a Traffic>,
) -> impl Iterator<Item = &'static ModelInfo> + 'a {
    let catalogue = cx.catalogue();
    let all_calls = kinds == SAME_TIER;
    catalogue
        .moves_from(&model.id)
        .iter()
        .filter(move |pair| kinds.contains(&pair.kind))
        .filter_map(move |pair| catalogue.model(&pair.to))
        .filter(|to| to.lifecycle.status == ModelStatus::Active && to.lifecycle.eol.is_none())
        .filter(move |to| match traffic {
            Some(traffic) => fits(model, to, traffic),
            None => !all_calls || to.context >= model.context && to.long_context_above().is_none(),
        })
        .filter(move |to| {
            let takes = |info: &ModelInfo| info.input.clone().unwrap_or_default();
            // Without media in any prompt, text is all the target must take.
            let only_text = traffic.is_some_and(|t| t.with_body == t.calls && t.with_media == 0);
            takes(model).iter().all(|modality| only_text && *modality != Modality::Text || takes(to).contains(modality))
        })
}

/// Whether the longest prompt and the longest answer fit the target, at one price, however many tokens its tokenizer
/// makes of them. A context window or a limit of answers that is not recorded fits nothing.
fn fits(model: &ModelInfo, to: &ModelInfo, traffic: &Traffic) -> bool {
    let most = match model.tokenizer_change(to) {
        TokenizerChange::Between(_, high) => high.max(Ratio::ONE),
        TokenizerChange::Same | TokenizerChange::Unknown => Ratio::ONE,
    };
    let at_most = |tokens: u64| u64::try_from(most.of(i128::from(tokens))).unwrap_or(u64::MAX);
    let (prompt, output) = (at_most(traffic.longest_prompt), at_most(traffic.longest_output));
    to.context.is_some_and(|context| prompt.saturating_add(output) <= context)
        && to.max_output.is_some_and(|limit| output <= limit)
        && to.long_context_above().is_none_or(|above| prompt <= above)
}

fn title(workload: &WorkloadId, from: &ModelInfo, to: &ModelInfo, which: &str) -> String {
    let calls = workload.caller.calls(which);
    format!("Move {calls} in {} from {} to {}", workload.region, from.name, to.name)
}

#[cfg(test)]
mod tests {
    use lode_model::ModelId;
    use lode_prices::Catalogue;

    use super::*;

    fn fits_haiku_5_5(from: &str, longest_prompt: u64, longest_output: u64) -> bool {
        let model = |id: &str| Catalogue::builtin().model(&ModelId::from(id)).expect("in the catalogue");
        let traffic = Traffic { longest_prompt, longest_output, ..Traffic::default() };
        fits(model(from), model("anthropic.claude-haiku-5-5"), &traffic)
    }

    #[test]
    fn the_longest_prompt_and_answer_decide_whether_a_target_fits() {
        // Claude Haiku 5.5: one price up to 100,000 prompt tokens, answers of up to 128,000.
        assert!(fits_haiku_5_5("anthropic.claude-sonnet-5-5", 100_000, 128_000));
        assert!(!fits_haiku_5_5("anthropic.claude-sonnet-5-5", 100_001, 10), "the price jumps");
        assert!(!fits_haiku_5_5("anthropic.claude-sonnet-5-5", 10, 128_001), "the answer is cut");
        // The tokenizer of Claude Sonnet 4.6 makes fewer tokens: 74,074 × 1.35 = 99,999.9.
        assert!(fits_haiku_5_5("anthropic.claude-sonnet-4-6", 74_074, 10));
        assert!(!fits_haiku_5_5("anthropic.claude-sonnet-4-6", 74_075, 10));
    }
}
