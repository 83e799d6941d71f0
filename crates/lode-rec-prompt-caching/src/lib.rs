#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, CachePolicy, Class, Edit, Mode, ModelId, Money, Owner, Placement, Selector, Ttl, WorkloadId};
use lode_prices::CacheRules;
use lode_sim::{Profile, Traffic, ratio};

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
        let rules = rules(cx, &called(&profile, workload));
        let traffic = cx.traffic(subject);
        let traffic = traffic.as_deref();
        let input = cx.monthly_of(subject, |c| c.key.class == Class::Input && c.key.mode == Mode::Standard);
        let cached = profile.tokens(|key| matches!(key.class, Class::CacheRead | Class::CacheWrite(_)));
        let used = traffic.map_or(cached > 0, uses_markers);
        let signals = Signals::new().flag("cache.supported", rules.is_some()).flag("cache.used", used).money(
            "spend.uncached_input_monthly",
            "USD per month",
            input,
        );
        balance(cx, &profile, prompts(signals, traffic, rules))
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, _: &Assumed) -> Vec<Action> {
        let Owner::Workload(workload) = subject else { return Vec::new() };
        let model = called(&cx.profile(subject), workload);
        let calls = format!("{} to {} in {}", workload.caller.calls("the"), cx.model_name(&model), workload.region);
        let action = |key: String, policy: CachePolicy, title: String| Action {
            key: key.into(),
            selector: Selector::all(subject.clone()),
            edits: vec![Edit::Cache(policy)],
            one_off: Money::ZERO,
            title,
        };
        let verb = match rule.id.as_str() {
            "writes-not-repaid" => {
                let title =
                    format!("Remove the cache markers from {calls}, or put them where the prompt stays the same");
                return vec![action("cache-off".to_owned(), CachePolicy::Off, title)];
            }
            "misplaced-marker" => "Move the cache marker of",
            "never-enabled" => "Set a cache marker in",
            _ => return Vec::new(),
        };
        let (Some(traffic), Some(rules)) = (cx.traffic(subject), rules(cx, &model)) else { return Vec::new() };
        let options = markers(&traffic, rules).into_iter();
        options
            .map(|(places, ttl)| {
                let words: Vec<String> = places.iter().map(|at| place(*at, traffic.with_tools > 0)).collect();
                let title = format!("{verb} {calls}: {}, to live {}", words.join(", and "), lives(ttl));
                let policy = CachePolicy::markers(places.iter().map(|place| (*place, ttl)));
                action(key(&places, ttl), policy, title)
            })
            .collect()
    }
}

/// The model that most of a workload's tokens go to at this point of the walk.
fn called(profile: &Profile, workload: &WorkloadId) -> ModelId {
    let tokens = profile.uses.iter().filter(|used| used.key.class.is_token());
    let most = tokens.max_by_key(|used| (used.steps, std::cmp::Reverse(&used.key.model)));
    most.map_or_else(|| workload.model.clone(), |used| used.key.model.clone())
}

/// What a model asks of markers, where it takes any. Every model that does takes them in the system prompt and in
/// messages; not every one after tools.
fn rules(cx: &Context<'_>, model: &ModelId) -> Option<&'static CacheRules> {
    let rules = cx.catalogue().model(model)?.cache.as_ref()?;
    (rules.max_checkpoints > 0 && !rules.ttls.is_empty()).then_some(rules)
}

/// Whether the calls write their own markers. Reads alone may be implicit caching, which needs none; without bodies,
/// reads are all there is to see.
const fn uses_markers(traffic: &Traffic) -> bool {
    traffic.markers > 0 || traffic.written_tokens > 0 || traffic.with_body == 0 && traffic.read_tokens > 0
}

/// What repeats from prompt to prompt, as far as requests and their bodies show.
fn prompts(signals: Signals, traffic: Option<&Traffic>, rules: Option<&CacheRules>) -> Signals {
    const SHARE: &str = "share of prompt tokens";
    let (Some(traffic), Some(rules)) = (traffic.filter(|traffic| traffic.with_body > 0), rules) else {
        let input = if traffic.is_some() { Input::RequestBodies } else { Input::InvocationLogs };
        return signals
            .missing("prompt.repeated_share", SHARE, input)
            .missing("cache.places", "places for a marker", input)
            .missing("cache.replay_difference", SHARE, input);
    };
    let mut places: Vec<Vec<Placement>> = markers(traffic, rules).into_iter().map(|(placement, _)| placement).collect();
    places.sort_unstable();
    places.dedup();
    let signals = signals
        // What caching could read at most.
        .number("prompt.repeated_share", SHARE, ratio(traffic.resent_tokens, traffic.prompt_tokens))
        .count("cache.places", "places for a marker", i128::try_from(places.len()).unwrap_or(0))
        .number("cache.replay_difference", SHARE, traffic.replay_difference.unwrap_or_default())
        .count("requests.calls", "calls", traffic.calls.into())
        .count("prompt.static_tokens", "tokens at the front of every prompt", traffic.static_tokens.into())
        .count("prompt.minimum_tokens", "tokens the model caches at least", rules.min_tokens.into());
    if traffic.examples.is_empty() {
        signals
    } else {
        signals.text("requests.examples", "", traffic.examples.join(", "))
    }
}

/// Where markers may make sense, and how long they can live: after a front that all calls share and that is long
/// enough to be cached, or after instructions that only some share; and after the last block, where later calls send it
/// again.
fn markers(traffic: &Traffic, rules: &CacheRules) -> Vec<(Vec<Placement>, Ttl)> {
    let is_static = traffic.static_tokens >= rules.min_tokens;
    // Something behind the static front changes from call to call: a date, a user's name, another tenant's rules.
    let changes = traffic.with_longer_front > 0;
    let grows = traffic.chained > 0 || traffic.calls_by_turns.iter().skip(2).any(|calls| *calls > 0);
    let mut markers = Vec::new();
    for &ttl in &rules.ttls {
        if is_static && changes {
            markers.push((vec![Placement::Leading(traffic.static_blocks)], ttl));
        }
        if is_static || changes {
            markers.push((vec![Placement::SystemEnd], ttl));
        }
        if grows {
            // With a front too, new conversations may read it from the others.
            let front = (is_static || changes).then_some(Placement::SystemEnd);
            markers.push((front.into_iter().chain([Placement::PromptEnd]).collect(), ttl));
        }
    }
    // Where the instructions change from call to call, the tools alone may be static.
    let tools = rules.fields.iter().any(|field| &**field == "tools");
    if is_static && !changes && tools && traffic.with_tools == traffic.with_body {
        markers.extend(rules.ttls.iter().min().map(|&ttl| (vec![Placement::ToolsEnd], ttl)));
    }
    markers
}

/// The name of an option, the same under every assumption.
fn key(places: &[Placement], ttl: Ttl) -> String {
    let names: Vec<String> = places.iter().map(|place| place.id()).collect();
    format!("{}-{ttl}", names.join("+"))
}

/// A place in words.
fn place(placement: Placement, tools: bool) -> String {
    let instructions = if tools { "the tools and the system prompt" } else { "the system prompt" };
    match placement {
        Placement::ToolsEnd => "after the last tool".to_owned(),
        Placement::SystemEnd => format!("after {instructions}"),
        Placement::Leading(1) => format!("after the first block of {instructions}, before what changes"),
        Placement::Leading(blocks) => format!("after the first {blocks} blocks of {instructions}, before what changes"),
        Placement::HistoryEnd => "after the last block before the newest turn".to_owned(),
        Placement::PromptEnd => "after the last block of the prompt".to_owned(),
    }
}

const fn lives(ttl: Ttl) -> &'static str {
    match ttl {
        Ttl::FiveMinutes => "5 minutes",
        Ttl::ThirtyMinutes => "30 minutes",
        Ttl::OneHour => "an hour",
    }
}

/// What caching in force cost and brought.
fn balance(cx: &Context<'_>, profile: &Profile, signals: Signals) -> Signals {
    let written = profile.tokens(|key| matches!(key.class, Class::CacheWrite(_)));
    let read = profile.tokens(|key| key.class == Class::CacheRead);
    let signals = signals.count("cache.written", "tokens", written).count("cache.read", "tokens", read);
    match cx.cache_balance(profile) {
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
