#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Mode, Owner};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "input-reduction",
    lever: Lever { id: "input-reduction", name: "Input token reduction" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Shorter prompts: unused tools, resent history, repeated examples.
#[derive(Debug)]
pub struct InputReduction;

impl Recommender for InputReduction {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let Owner::Workload(_) = subject else { return Signals::new() };
        let profile = cx.profile(subject);
        let prompt = profile.tokens(|key| key.class.is_prompt());
        let output = profile.tokens(|key| key.class == lode_model::Class::Output);
        let spend = cx.monthly_of(subject, |c| c.key.class.is_prompt() && c.key.mode == Mode::Standard);
        Signals::new()
            .money("spend.prompt_monthly", "USD per month", spend)
            .count("prompt.tokens", "tokens", prompt)
            .count("output.tokens", "tokens", output)
            // Which part of a prompt is needed shows only in the prompts; this version reads none.
            .missing("prompt.removable_share", "share of prompt tokens", Input::InvocationLogs)
    }

    fn actions(&self, _: &Context<'_>, _: &Subject, _: &Rule, _: &Assumed) -> Vec<Action> {
        Vec::new()
    }
}
