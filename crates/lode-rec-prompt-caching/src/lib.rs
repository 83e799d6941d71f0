#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, CachePolicy, Class, Edit, Mode, Money, Owner, Selector};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "prompt-caching",
    lever: Lever { id: "prompt-caching", name: "Prompt caching" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Caching that is off where it would pay, and caching that is on and loses money.
#[derive(Debug)]
pub struct PromptCaching;

impl Recommender for PromptCaching {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let Owner::Workload(workload) = subject else { return Signals::new() };
        let profile = cx.profile(subject);
        let cached = profile.tokens(|key| matches!(key.class, Class::CacheRead | Class::CacheWrite(_)));
        let input = cx.monthly_of(subject, |c| c.key.class == Class::Input && c.key.mode == Mode::Standard);
        let supported = cx.catalogue().model(&workload.model).is_some_and(|model| model.cache.is_some());
        let signals = Signals::new()
            .flag("cache.supported", supported)
            .flag("cache.used", cached > 0)
            .money("spend.uncached_input_monthly", "USD per month", input)
            // How much of the prompts repeats, and how soon, shows only in the requests; this version reads none.
            .missing("prompt.repeated_share", "share of prompt tokens", Input::InvocationLogs);
        let written = profile.tokens(|key| matches!(key.class, Class::CacheWrite(_)));
        let signals = signals.count("cache.written", "tokens", written).count(
            "cache.read",
            "tokens",
            profile.tokens(|key| key.class == Class::CacheRead),
        );
        match cx.cache_balance(&profile) {
            Some(balance) => signals
                .flag("cache.input_price_known", true)
                .money("cache.write_premium", "USD in the window", balance.premium)
                .money("cache.read_discount", "USD in the window", balance.saved)
                .number("cache.repaid_share", "read discount / write premium", balance.saved.share_of(balance.premium))
                .money("cache.loss", "USD in the window", balance.premium - balance.saved),
            None if written > 0 => signals.flag("cache.input_price_known", false),
            None => signals,
        }
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, _: &Assumed) -> Vec<Action> {
        let Owner::Workload(workload) = subject else { return Vec::new() };
        match rule.id.as_str() {
            "writes-not-repaid" => vec![Action {
                key: "cache-off".into(),
                selector: Selector::all(subject.clone()),
                edits: vec![Edit::Cache(CachePolicy::Off)],
                one_off: Money::ZERO,
                title: format!(
                    "Remove the cache markers from {} to {} in {}, or put them where the prompt stays the same",
                    workload.caller.calls("the"),
                    cx.model_name(&workload.model),
                    workload.region
                ),
            }],
            _ => Vec::new(),
        }
    }
}
