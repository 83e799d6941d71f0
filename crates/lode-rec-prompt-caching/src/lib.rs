#![doc = include_str!("../README.md")]

use lode_engine::{AT_MOST, Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{
    Action, CachePolicy, Class, Edit, Marker, Mode, ModelId, Money, Owner, Placement, PriceKey, READABLE_AFTER, Ratio,
    Selector, Ttl, WorkloadId,
};
use lode_prices::{CacheRules, NewRates};
use lode_sim::{Caching, Profile, SimCharge, Traffic, ratio};

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
        let input = cx.monthly_of(subject, |c| c.key.class == Class::Input && is_on_demand(c.key.mode));
        let cached = profile.tokens(|key| matches!(key.class, Class::CacheRead | Class::CacheWrite(_)));
        let used = traffic.map_or(cached > 0, uses_markers);
        let prompt = cx.monthly_of(subject, |c| is_prompt(&c.key.class) && is_on_demand(c.key.mode));
        let signals = Signals::new()
            .flag("cache.supported", rules.is_some())
            .flag("cache.used", used)
            .money("spend.uncached_input_monthly", "USD per month", input)
            .money("spend.prompt_monthly", "USD per month", prompt);
        let signals = match cx.cache_counters_off(workload) {
            Some(off) => signals.number("cache.counters_off", OF_TOKENS, off),
            None => signals,
        };
        let signals = balance(cx, &profile, prompts(signals, traffic, rules));
        let signals = match at_most(cx, subject, input).filter(|_| traffic.is_none() && rules.is_some() && !used) {
            Some(most) => signals.money(AT_MOST, "USD per month", most),
            None => signals,
        };
        let input = if traffic.is_some() { Input::RequestBodies } else { Input::InvocationLogs };
        replayed(cx, subject, signals, traffic.is_some_and(|traffic| traffic.with_body > 0), input)
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, assumed: &Assumed) -> Vec<Action> {
        let Owner::Workload(workload) = subject else { return Vec::new() };
        let model = called(&cx.profile(subject), workload);
        let calls = format!("{} to {} in {}", workload.caller.calls("the"), cx.model_name(&model), workload.region);
        let action = |key: String, policy: CachePolicy, title: String| Action {
            key: key.into(),
            selector: Selector::all(subject.clone()),
            edits: vec![Edit::Cache(policy)],
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: Vec::new(),
        };
        match rule.id.as_str() {
            "writes-not-repaid" => {
                let title =
                    format!("Remove the cache markers from {calls}, or put them where the prompt stays the same");
                return vec![action("cache-off".to_owned(), CachePolicy::Off, title)];
            }
            "wrong-lifetime" => {
                let others: Vec<Ttl> = match assumed.chosen() {
                    Some(key) => key.strip_prefix(LIVE).and_then(Ttl::from_word).into_iter().collect(),
                    None => cx.caching(subject).iter().flat_map(|c| c.other_lifetimes().map(|(ttl, _)| ttl)).collect(),
                };
                let lifetime = |ttl| {
                    let title = format!("Let the cache markers of {calls} live {}", lives(ttl));
                    action(format!("{LIVE}{ttl}"), CachePolicy::Lifetime(ttl), title)
                };
                return others.into_iter().map(lifetime).collect();
            }
            _ => {}
        }
        let markers = match assumed.chosen() {
            Some(key) => markers_of(key),
            None => cx.caching(subject).map(|caching| caching.markers().to_vec()).unwrap_or_default(),
        };
        let verb = match (rule.id.as_str(), markers.len()) {
            (_, 0) => return Vec::new(),
            ("misplaced-marker" | "marker-below-minimum", _) => "Move the cache markers of",
            ("enabled-on-too-little", _) => "Change the cache markers of",
            ("never-enabled", 1) => "Set a cache marker in",
            ("never-enabled", _) => "Set cache markers in",
            _ => return Vec::new(),
        };
        let traffic = cx.traffic(subject);
        let tools = traffic.as_deref().is_some_and(|traffic| traffic.with_tools > 0);
        // Where every record has a latency, nothing is assumed.
        let told = traffic.as_deref().is_some_and(|traffic| traffic.without_latency == 0);
        let readable_after = if told { READABLE_AFTER } else { assumed.count("readable-after") };
        let title = format!("{verb} {calls}: {}", in_words(&markers, tools));
        let key = key(&markers);
        let policy = CachePolicy::Markers { markers, readable_after };
        vec![action(key, policy, title)]
    }
}

/// How the name of an option begins that changes times to live alone.
const LIVE: &str = "live-";

/// The model that most of a workload's tokens go to at this point of the walk.
fn called(profile: &Profile, workload: &WorkloadId) -> ModelId {
    let tokens = profile.uses.iter().filter(|used| used.key.class.is_token());
    let most = tokens.max_by_key(|used| (used.steps, std::cmp::Reverse(&used.key.model)));
    most.map_or_else(|| workload.model.clone(), |used| used.key.model.clone())
}

/// Whether a mode caches prompts and bills them by the token.
const fn is_on_demand(mode: Mode) -> bool {
    !matches!(mode, Mode::Batch | Mode::Provisioned | Mode::Reserved)
}

/// Whether a class is part of a prompt.
const fn is_prompt(class: &Class) -> bool {
    matches!(class, Class::Input | Class::CacheRead | Class::CacheWrite(_))
}

/// What a model asks of markers, where it takes any. Every model that does takes them in the system prompt and in
/// messages; not every one after tools.
fn rules(cx: &Context<'_>, model: &ModelId) -> Option<&'static CacheRules> {
    cx.catalogue().model(model)?.cache.as_ref().filter(|rules| rules.takes_markers())
}

/// Whether the calls write their own markers. Reads alone may be implicit caching, which needs none; without bodies,
/// reads are all there is to see.
const fn uses_markers(traffic: &Traffic) -> bool {
    traffic.markers > 0 || traffic.written_tokens > 0 || traffic.with_body == 0 && traffic.read_tokens > 0
}

/// What repeats from prompt to prompt, as far as requests and their bodies show.
fn prompts(signals: Signals, traffic: Option<&Traffic>, rules: Option<&CacheRules>) -> Signals {
    let input = if traffic.is_some() { Input::RequestBodies } else { Input::InvocationLogs };
    // Without bodies the counters tell of markers, where anything was cached.
    let signals = match traffic.and_then(|traffic| traffic.replay_difference) {
        Some(difference) => signals.number("cache.replay_difference", OF_TOKENS, difference),
        None => signals.missing("cache.replay_difference", OF_TOKENS, input),
    };
    let (Some(traffic), Some(rules)) = (traffic, rules) else {
        return signals.missing("prompt.repeated_share", OF_TOKENS, input);
    };
    let signals = signals.count("requests.calls", "calls", traffic.calls.into()).number(
        "requests.with_body_share",
        "share of the calls",
        ratio(traffic.with_body, traffic.calls),
    );
    if traffic.with_body == 0 {
        return signals.missing("prompt.repeated_share", OF_TOKENS, input);
    }
    let signals = signals
        // What caching could read at most.
        .number("prompt.repeated_share", OF_TOKENS, ratio(traffic.resent_tokens, traffic.prompt_tokens))
        .count("prompt.static_tokens", "tokens at the front of every prompt", traffic.static_tokens.into())
        .count("prompt.minimum_tokens", "tokens the model caches at least", rules.min_tokens.into());
    if traffic.examples.is_empty() {
        signals
    } else {
        signals.text("requests.examples", "", traffic.examples.join(", "))
    }
}

/// Unit of parts of prompts.
const OF_TOKENS: &str = "share of prompt tokens";
/// Unit of what markers save.
const OF_COST: &str = "share of what the prompts cost now";
/// Unit of calls whose markers cover less than the model caches.
const OF_MARKED: &str = "share of the calls with markers";

/// What the replay finds of markers that could be set, beside its bounds, and of those that are. Without bodies only
/// those in force can be replayed, by the counters that they left.
fn replayed(cx: &Context<'_>, subject: &Subject, signals: Signals, bodies: bool, input: Input) -> Signals {
    let caching = cx.caching(subject);
    let saves = |of: fn(&Caching) -> f64| caching.as_ref().map_or(0.0, of);
    let lifetime = |caching: &Caching| caching.other_lifetimes().map(|(_, saves)| saves).fold(0.0, f64::max);
    let signals = if bodies || caching.is_some() {
        signals.number("cache.other_lifetime_saves", OF_COST, saves(lifetime))
    } else {
        signals.missing("cache.other_lifetime_saves", OF_COST, input)
    };
    if !bodies {
        let signals = signals.missing("cache.best_saves", OF_COST, input);
        return signals.missing("cache.below_minimum_share", OF_MARKED, input);
    }
    let mut signals = signals
        .number("cache.best_saves", OF_COST, saves(Caching::best_saves))
        .number("cache.oracle_saves", OF_COST, saves(Caching::oracle_saves))
        .number("cache.every_block_saves", OF_COST, saves(Caching::every_block_saves))
        .number("cache.below_minimum_share", OF_MARKED, saves(Caching::below_minimum_share));
    if let Some(saves) = caching.as_ref().and_then(Caching::reordered_saves) {
        signals = signals.number("cache.reordered_saves", OF_COST, saves);
    }
    if let Some(misses) = cx.cache_misses(subject) {
        if let Some(main) = misses.main {
            signals = signals.text("cache.miss_cause", "", main.to_string());
        }
        if let Some(since) = misses.since {
            signals = signals.text("cache.losing_since", "", since.to_string());
        }
    }
    signals
}

/// What caching could save at the very most: all plain input read from the cache.
fn at_most(cx: &Context<'_>, subject: &Subject, input: Money) -> Option<Money> {
    let plain = |charge: &&SimCharge| charge.key.class == Class::Input && is_on_demand(charge.key.mode);
    let key = &cx.charges(subject).iter().find(plain)?.key;
    let read = PriceKey { class: Class::CacheRead, ..key.clone() };
    let rate = |key| Some(cx.prices().quote(key, key, NewRates::Inherit).ok()?.rate.per(1_000_000));
    let kept = Ratio::from_f64(rate(&read)?.share_of(rate(key)?));
    Some(input - Money::from_pico(kept.of(input.pico())))
}

/// The name of an option: places with their times to live, such as `system-end-1h+prompt-end-5m`.
fn key(markers: &[Marker]) -> String {
    let ids: Vec<String> = markers.iter().map(|marker| format!("{}-{}", marker.place.id(), marker.ttl)).collect();
    ids.join("+")
}

/// The markers of an option's name; none of another one.
fn markers_of(key: &str) -> Vec<Marker> {
    let marker = |id: &str| {
        let (place, ttl) = id.rsplit_once('-')?;
        Some(Marker { place: Placement::from_id(place)?, ttl: Ttl::from_word(ttl)? })
    };
    key.split('+').map(marker).collect::<Option<_>>().unwrap_or_default()
}

/// Markers in words.
fn in_words(markers: &[Marker], tools: bool) -> String {
    let runs = markers.chunk_by(|a, b| a.ttl == b.ttl).map(|run| {
        let places: Vec<String> = run.iter().map(|marker| place(marker.place, tools)).collect();
        format!("{}, to live {}", places.join(", and "), lives(run[0].ttl))
    });
    runs.collect::<Vec<_>>().join("; and ")
}

/// A place in words.
fn place(placement: Placement, tools: bool) -> String {
    let instructions = if tools { "the tools and the system prompt" } else { "the system prompt" };
    match placement {
        Placement::ToolsEnd => "after the last tool".to_owned(),
        Placement::SystemEnd => format!("after {instructions}"),
        Placement::Leading(1) => "after the first block of the prompt".to_owned(),
        Placement::Leading(blocks) => format!("after the first {blocks} blocks of the prompt"),
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
    let balance = cx.cache_balance(profile);
    // Where writes cost no more than input, as Nova's, any read repays them.
    let repays = read > 0 && balance.as_ref().is_none_or(|balance| balance.saved >= balance.premium);
    let signals = signals.flag("cache.repays", repays);
    match balance {
        Some(balance) => signals
            .flag("cache.input_price_known", true)
            .money("cache.write_premium", "USD in the window", balance.premium)
            .money("cache.read_discount", "USD in the window", balance.saved)
            .number("cache.repaid_share", "read discount / write premium", balance.saved.share_of(balance.premium))
            .money("cache.loss", "USD in the window", balance.premium - balance.saved),
        None if written > 0 => signals.flag("cache.input_price_known", false),
        // Of nothing written no price is needed, and nothing is lost.
        None => signals.flag("cache.input_price_known", true).money("cache.loss", "USD in the window", Money::ZERO),
    }
}
