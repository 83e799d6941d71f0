#![doc = include_str!("../README.md")]

mod entities;
mod measured;

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Class, Edit, GuardrailPolicy, Layer, Money, Owner, Ratio, ResourceChange, Selector};

use measured::{Measured, Silent, classes};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "guardrails",
    lever: Lever { id: "guardrails", name: "Guardrails" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Text that a guardrail evaluates again and again, or for nothing.
#[derive(Debug)]
pub struct Guardrails;

/// Units of the signals.
const PER_MONTH: &str = "USD per month";
const TEXT_UNITS: &str = "text units";
const EVALUATIONS: &str = "evaluations";
/// Why less is evaluated, by rule: what is carried out for a reason is not proposed for it again.
const NEWEST: &str = "guard the newest turn";
const REGEX: &str = "regular expressions";
const SILENT: &str = "leave out what finds nothing";
const ANSWERS: &str = "leave answers out";

impl Recommender for Guardrails {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// The guardrails on the bill: each, where the bill names them, else all of an account and region.
    fn subjects(&self, cx: &Context<'_>) -> Vec<Subject> {
        let guards = |owner: &&Owner| cx.charges(owner).iter().any(|charge| charge.layer == Layer::Guardrails);
        cx.owners().filter(|owner| matches!(owner, Owner::Resource(..))).filter(guards).cloned().collect()
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let measured = Measured::of(cx, subject);
        let signals = history(cx, subject, &measured);
        let signals = entities(cx, subject, signals);
        let signals = silent(cx, subject, &measured, signals);
        silent_answers(cx, subject, &measured, signals)
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, _: &Assumed) -> Vec<Action> {
        let measured = Measured::of(cx, subject);
        let place = place(subject);
        match rule.id.as_str() {
            "whole-history" => {
                let edits = measured.less(NEWEST, |_, used| used.prompts.units - used.newest);
                let title = format!("Mark the newest turn of each prompt for {place}, so that it alone is evaluated");
                action(subject, "newest-turn", edits, title)
            }
            "regex-for-pii" => {
                let edits = vec![gone(REGEX, &[GuardrailPolicy::SensitiveEntities])];
                let title = format!("Tell the sensitive information that {place} looks for by regular expressions");
                action(subject, "regular-expressions", edits, title)
            }
            "never-intervenes" => {
                let Ok(Some(silent)) = measured.silent(cx, subject) else { return Vec::new() };
                let names = names(&silent.policies);
                let all = vec![gone(SILENT, &silent.policies)];
                let title = format!("Leave {names} out of {place}: {}", measured.nothing());
                let mut actions = action(subject, "leave-out", all, title);
                let answers =
                    measured.less(
                        SILENT,
                        |policy, used| {
                            if silent.policies.contains(&policy) { used.answers.units } else { 0 }
                        },
                    );
                let title = format!("Let {place} evaluate prompts alone by {names}: {}", measured.nothing());
                actions.extend(action(subject, "prompts-alone", answers, title));
                actions
            }
            "silent-answers" => {
                let Some(silent) = measured.silent_answers(cx, subject) else { return Vec::new() };
                let edits =
                    measured.less(
                        ANSWERS,
                        |policy, used| {
                            if silent.policies.contains(&policy) { used.answers.units } else { 0 }
                        },
                    );
                let title = format!("Let {place} evaluate prompts alone by {}", names(&silent.policies));
                action(subject, "prompts-alone", edits, title)
            }
            _ => Vec::new(),
        }
    }
}

/// What is evaluated again in every turn.
fn history(cx: &Context<'_>, subject: &Subject, measured: &Measured) -> Signals {
    let by_turn = classes(&lode_sim::GuardrailUse::BY_TURN);
    let spend = cx.monthly_of(subject, |charge| by_turn.contains(&charge.key.class));
    let signals = Signals::new().money("spend.by_turn_monthly", PER_MONTH, spend);
    let names = [
        ("trace.logged_share", "of the units billed"),
        ("prompts.unmarked_share", "of the calls"),
        ("prompts.history_share", "of the characters evaluated"),
        ("prompts.units", TEXT_UNITS),
        ("prompts.newest_units", TEXT_UNITS),
    ];
    let Some(used) = measured.traced() else {
        let input = if cx.has_requests() { Input::GuardrailTrace } else { Input::InvocationLogs };
        return names.into_iter().fold(signals, |signals, (name, unit)| signals.missing(name, unit, input));
    };
    let policies = || lode_sim::GuardrailUse::BY_TURN.iter().filter_map(|policy| used.policies.get(policy));
    let sum = |units: &dyn Fn(&lode_sim::PolicyUse) -> u64| policies().map(units).sum::<u64>();
    let is_marked = cx.is_reduced(subject, NEWEST);
    let history = if is_marked { 0 } else { used.characters.saturating_sub(used.newest) };
    let history = share(history, used.characters);
    signals
        .number(names[0].0, names[0].1, measured.logged_share(cx, subject, &lode_sim::GuardrailUse::BY_TURN))
        .number(names[1].0, names[1].1, 1.0 - share(used.marked, used.calls))
        .number(names[2].0, names[2].1, history)
        .count(names[3].0, names[3].1, sum(&|used| used.prompts.units).into())
        .count(names[4].0, names[4].1, sum(&|used| used.newest).into())
        .count("trace.calls", "calls", used.calls.into())
        .count("trace.calls_without", "calls with a guardrail and no trace", used.untold.into())
}

/// What kinds of sensitive information are paid for.
fn entities(cx: &Context<'_>, subject: &Subject, signals: Signals) -> Signals {
    let paid = Class::GuardrailUnit(GuardrailPolicy::SensitiveEntities);
    let spend = cx.monthly_of(subject, |charge| charge.key.class == paid);
    let signals = signals.money("entities.monthly", PER_MONTH, spend);
    let Some(kinds) = entities::looked_for(cx, subject) else {
        return signals.missing("entities.kinds", "kinds", Input::GuardrailConfig).missing(
            "entities.not_by_regex",
            "kinds",
            Input::GuardrailConfig,
        );
    };
    let beyond: Vec<&str> = kinds.iter().copied().filter(|kind| !entities::told_by_regex(kind)).collect();
    let signals = signals.count("entities.kinds", "kinds", kinds.len() as i128).count(
        "entities.not_by_regex",
        "kinds",
        beyond.len() as i128,
    );
    if beyond.is_empty() { signals } else { signals.because(format!("no pattern tells {}", beyond.join(", "))) }
}

/// Policies that found nothing at all.
fn silent(cx: &Context<'_>, subject: &Subject, measured: &Measured, signals: Signals) -> Signals {
    let names = [("silent.evaluations", EVALUATIONS), ("silent.seen_share", "of the units billed")];
    let silent = match measured.silent(cx, subject) {
        Ok(silent) => silent.unwrap_or_default(),
        Err(input) => {
            let signals = signals.missing("silent.monthly", PER_MONTH, input);
            return names.into_iter().fold(signals, |signals, (name, unit)| signals.missing(name, unit, input));
        }
    };
    told(silent, signals, ["silent.monthly", names[0].0, names[1].0, "silent.policies"])
}

/// Policies that found something in prompts and nothing in answers.
fn silent_answers(cx: &Context<'_>, subject: &Subject, measured: &Measured, signals: Signals) -> Signals {
    if measured.traced().is_none() {
        return signals
            .missing("answers.monthly", PER_MONTH, Input::GuardrailTrace)
            .missing("answers.evaluations", EVALUATIONS, Input::GuardrailTrace)
            .missing("answers.seen_share", "of the units billed", Input::GuardrailTrace);
    }
    let silent = measured.silent_answers(cx, subject).filter(|_| !cx.is_reduced(subject, ANSWERS));
    let silent = silent.unwrap_or_default();
    told(silent, signals, ["answers.monthly", "answers.evaluations", "answers.seen_share", "answers.policies"])
}

fn told(silent: Silent, signals: Signals, [monthly, evaluations, seen, policies]: [&'static str; 4]) -> Signals {
    let signals = signals
        .money(monthly, PER_MONTH, silent.monthly)
        .count(evaluations, EVALUATIONS, silent.evaluations.into())
        .number(seen, "of the units billed", silent.seen_share);
    if silent.policies.is_empty() { signals } else { signals.text(policies, "", names(&silent.policies)) }
}

/// One option; none where nothing would change.
fn action(subject: &Subject, key: &str, edits: Vec<Edit>, title: String) -> Vec<Action> {
    if edits.is_empty() {
        return Vec::new();
    }
    vec![Action {
        key: key.into(),
        selector: Selector::all(subject.clone()),
        edits,
        one_off: Money::ZERO,
        title,
        only_alternative: false,
        notes: Vec::new(),
    }]
}

/// None of some policies any more.
fn gone(reason: &str, policies: &[GuardrailPolicy]) -> Edit {
    Edit::Resource(ResourceChange::Reduce { reason: reason.into(), classes: classes(policies), keep: Ratio::ZERO })
}

fn names(policies: &[GuardrailPolicy]) -> String {
    policies.iter().map(|policy| policy.as_str()).collect::<Vec<_>>().join(" and ")
}

/// The guardrail in words: by its id, else all of a place.
fn place(subject: &Subject) -> String {
    let Owner::Resource(account, region, resource) = subject else { return String::new() };
    match lode_sim::guardrail_id(resource) {
        Some(id) => format!("guardrail {id} in {region} ({account})"),
        None => format!("the guardrails in {region} ({account})"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}
