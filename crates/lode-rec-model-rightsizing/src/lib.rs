#![doc = include_str!("../README.md")]

mod candidates;
mod exchange;
mod words;

use jiff::Unit;
use jiff::civil::Date;
use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Class, ContextBand, Edit, Mode, Money, Note, Owner, Ratio, Selector, TaskForm, WorkloadId};
use lode_prices::{ModelInfo, ModelKind, ModelStatus, TokenizerChange};
use lode_sim::{Traffic, ratio};

use crate::candidates::{Calls, Candidates, Direction};
use crate::exchange::Exchange;

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
        let signals = Signals::new()
            .flag("model.known", true)
            .flag("model.generates_text", model.kind == ModelKind::Text)
            .flag("calls.known", traffic.is_some())
            .money("spend.standard_monthly", "USD per month", standard);
        let signals = life(signals, cx, subject, model);
        let calls = Calls { cx, subject, model, traffic: traffic.as_deref() };
        let signals = targets(signals, calls)
            .number("calls.moved_share", "share of tokens on another model by earlier steps", moved_share(cx, subject))
            .text("model.name", "", &*model.name);
        match traffic {
            Some(traffic) => shapes(signals, &traffic),
            None => signals,
        }
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let Some((workload, model)) = workload(cx, subject) else { return Vec::new() };
        let traffic = cx.traffic(subject);
        let (direction, share) = match rule.id.as_str() {
            "lower-tier" => (Direction::LowerTier, given.ratio("share-that-can-move")),
            "simple-tasks" | "modest-tasks" => (Direction::LowerTier, Ratio::ONE),
            "another-maker" => (Direction::AnotherMaker, Ratio::ONE),
            _ => (Direction::SameTier, Ratio::ONE),
        };
        let which = match (rule.id.as_str(), traffic.as_deref().and_then(|traffic| traffic.task)) {
            ("simple-tasks" | "modest-tasks", Some(task)) => format!("the {task}"),
            _ if share == Ratio::ONE => "all".to_owned(),
            _ => format!("{:.0} % of the", share.to_f64() * 100.0),
        };
        // The end of today's model belongs to the sentence where it is the reason.
        let end = model.lifecycle.eol.filter(|end| rule.id == "end-of-life" && *end > cx.as_of());
        let before = end.map(|end| format!(" before {end}")).unwrap_or_default();
        let calls = Calls { cx, subject, model, traffic: traffic.as_deref() };
        let found = match rule.id.as_str() {
            "simple-tasks" => Candidates::two_tiers_lower(calls),
            _ => Candidates::of(calls, direction),
        };
        found
            .fit
            .into_iter()
            .map(|to| {
                let tokenizer = tokens_on(model, to, direction, given);
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
                    title: format!("{}{before}", title(workload, model, to, &which)),
                    // Token counts of two makers do not compare: the figure is a range, and people choose.
                    only_alternative: direction == Direction::AnotherMaker,
                    notes: Exchange::of(model, to, traffic.as_deref()).notes().into_iter().map(Note::from).collect(),
                }
            })
            .collect()
    }
}

/// How many tokens the same text makes on a target.
fn tokens_on(model: &ModelInfo, to: &ModelInfo, direction: Direction, given: &Assumed) -> Ratio {
    match model.tokenizer_change(to) {
        TokenizerChange::Same => Ratio::ONE,
        TokenizerChange::Between(low, high) if high > Ratio::ONE => {
            given.ratio("tokens-of-the-same-text").clamp(low, high)
        }
        TokenizerChange::Between(low, high) => Ratio::from_ppm((low.ppm() + high.ppm()) / 2),
        TokenizerChange::Unknown if direction == Direction::AnotherMaker => given.ratio("tokens-across-makers"),
        // Within one maker's line the catalogue records a change where one is known.
        TokenizerChange::Unknown => Ratio::ONE,
    }
}

/// Which directions have a target, and what was left out for which reason.
fn targets(signals: Signals, calls: Calls<'_>) -> Signals {
    let mut left_out = Vec::new();
    let mut signals = signals;
    for direction in Direction::ALL {
        let found = Candidates::of(calls, direction);
        let name = match direction {
            Direction::SameTier => "targets.same_tier",
            Direction::LowerTier => "targets.lower_tier",
            Direction::AnotherMaker => "targets.another_maker",
        };
        signals = signals.flag(name, !found.fit.is_empty());
        if found.fit.is_empty() && !found.left_out.is_empty() {
            signals = signals.because(found.left_out.join("; "));
        }
        left_out.extend(found.left_out);
    }
    if left_out.is_empty() { signals } else { signals.text("candidates.left_out", "", left_out.join("; ")) }
}

/// Where today's model is in its life: when it ends, and what extended access costs until then.
fn life(signals: Signals, cx: &Context<'_>, subject: &Subject, model: &ModelInfo) -> Signals {
    let life = &model.lifecycle;
    let gone = life.status == ModelStatus::EndOfLife;
    let signals = signals.flag("lifecycle.end_announced", life.eol.is_some() || gone);
    let signals = match life.eol {
        Some(end) => signals
            .number("lifecycle.days_to_end", "days until calls fail", days_until(cx.as_of(), end))
            .text("lifecycle.end_of_life", "date", end.to_string()),
        None if gone => signals.number("lifecycle.days_to_end", "days until calls fail", 0.0).text(
            "lifecycle.end_of_life",
            "date",
            "past; the day is not recorded",
        ),
        None => signals,
    };
    let Some(from) = life.extended_access else { return signals };
    signals.text("lifecycle.extended_access_from", "date", from.to_string()).text(
        "lifecycle.extended_access_price",
        "",
        surcharge(cx, subject, model, from),
    )
}

/// What calls cost in extended access, as far as the catalogue and the bill tell.
fn surcharge(cx: &Context<'_>, subject: &Subject, model: &ModelInfo, from: Date) -> String {
    let input = cx
        .charges(subject)
        .iter()
        .map(|charge| &charge.key)
        .find(|key| key.class == Class::Input && key.mode == Mode::Standard && key.model == model.id);
    let per_million = |rate: lode_model::Rate| rate.per(1_000_000);
    let listed = input.and_then(|key| {
        let extended = per_million(cx.catalogue().extended_access_price(key)?.rate);
        let plain = per_million(cx.catalogue().list_price(key).ok()?.rate);
        Some(format!("input {extended} USD a million tokens from {from} on, {plain} before"))
    });
    let unknown = if from <= cx.as_of() {
        "the surcharge of extended access is not known; dollars here are what was billed"
    } else {
        "the surcharge of extended access is not known; calls may then cost more than what was billed"
    };
    listed.unwrap_or_else(|| unknown.to_owned())
}

/// Days from one date to another; negative where it has passed.
fn days_until(from: Date, to: Date) -> f64 {
    from.until((Unit::Day, to)).map_or(0.0, |span| f64::from(span.get_days()))
}

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
        None | Some(TaskForm::Unknown) => {
            signals.missing("task.simple", "", Input::RequestBodies).missing("task.modest", "", Input::RequestBodies)
        }
        Some(task) => {
            let modest = matches!(task, TaskForm::Summarisation | TaskForm::Question | TaskForm::Rewriting);
            signals
                .flag("task.simple", matches!(task, TaskForm::Label | TaskForm::Extraction))
                .flag("task.modest", modest)
                .text("task.form", "", task.as_str())
        }
    };
    let signals = match &traffic.told {
        Some(told) => signals.text("task.rule", "", told.rule),
        None => signals,
    };
    if traffic.examples.is_empty() {
        return signals;
    }
    signals.text("requests.examples", "request ids", traffic.examples.join(", "))
}

fn title(workload: &WorkloadId, from: &ModelInfo, to: &ModelInfo, which: &str) -> String {
    let calls = workload.caller.calls(which);
    format!("Move {calls} in {} from {} to {}", workload.region, from.name, to.name)
}
