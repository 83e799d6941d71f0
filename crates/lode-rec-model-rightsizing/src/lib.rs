#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, ContextBand, Edit, Mode, Money, Owner, Ratio, Selector, WorkloadId};
use lode_prices::{ModelInfo, ModelKind, ModelStatus, Move, MoveKind, TokenizerChange};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "model-rightsizing",
    lever: Lever { id: "model-rightsizing", name: "Model right-sizing" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Moves calls to a model that does the job for less: a newer one of the same tier, or a lower tier for a share.
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
        let standard =
            cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::Standard && !c.key.custom);
        let life = &model.lifecycle;
        let ending = life.status == ModelStatus::Legacy || life.extended_access.is_some_and(|day| day <= cx.as_of());
        let signals = Signals::new()
            .flag("model.known", true)
            .flag("model.generates_text", model.kind == ModelKind::Text)
            .money("spend.standard_monthly", "USD per month", standard)
            .flag("lifecycle.ending", ending || life.eol.is_some())
            .flag("targets.same_tier", targets(cx, model, SAME_TIER).next().is_some())
            .flag("targets.lower_tier", targets(cx, model, LOWER_TIER).next().is_some())
            .text("model.name", "", &*model.name);
        let signals = match life.eol {
            Some(eol) => signals.text("lifecycle.end_of_life", "date", eol.to_string()),
            None => signals,
        };
        match life.extended_access {
            Some(day) => signals.text("lifecycle.extended_access_from", "date", day.to_string()),
            None => signals,
        }
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let Some((workload, model)) = workload(cx, subject) else { return Vec::new() };
        let (kinds, share) = match rule.id.as_str() {
            "lower-tier" => (LOWER_TIER, given.ratio("share-that-can-move")),
            _ => (SAME_TIER, Ratio::ONE),
        };
        targets(cx, model, kinds)
            .map(|(to, _)| {
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
                    title: title(workload, model, to, share),
                }
            })
            .collect()
    }
}

const SAME_TIER: &[MoveKind] = &[MoveKind::NewerSameTier];
const LOWER_TIER: &[MoveKind] = &[MoveKind::TierDown, MoveKind::NewerLowerTier];

fn workload<'a>(cx: &Context<'a>, subject: &'a Subject) -> Option<(&'a WorkloadId, &'static ModelInfo)> {
    let Owner::Workload(workload) = subject else { return None };
    Some((workload, cx.catalogue().model(&workload.model)?))
}

/// Models of the catalogue's move-to pairs that are on offer and take what today's model takes. A bill does not
/// show how long the longest prompt is, so a move of all calls needs a context at least as large and one price
/// whatever the length; a move of a share may leave the long calls behind.
fn targets<'a>(
    cx: &Context<'_>,
    model: &'a ModelInfo,
    kinds: &'a [MoveKind],
) -> impl Iterator<Item = (&'static ModelInfo, &'static Move)> + 'a {
    let catalogue = cx.catalogue();
    let all_calls = kinds == SAME_TIER;
    catalogue
        .moves_from(&model.id)
        .iter()
        .filter(move |pair| kinds.contains(&pair.kind))
        .filter_map(move |pair| Some((catalogue.model(&pair.to)?, pair)))
        .filter(|(to, _)| to.lifecycle.status == ModelStatus::Active && to.lifecycle.eol.is_none())
        .filter(move |(to, _)| !all_calls || to.context >= model.context && to.long_context_above().is_none())
        .filter(move |(to, _)| {
            let takes = |info: &ModelInfo| info.input.clone().unwrap_or_default();
            takes(model).iter().all(|modality| takes(to).contains(modality))
        })
}

fn title(workload: &WorkloadId, from: &ModelInfo, to: &ModelInfo, share: Ratio) -> String {
    let how_many =
        if share == Ratio::ONE { "all".to_owned() } else { format!("{:.0} % of the", share.to_f64() * 100.0) };
    let calls = workload.caller.calls(&how_many);
    format!("Move {calls} in {} from {} to {}", workload.region, from.name, to.name)
}
