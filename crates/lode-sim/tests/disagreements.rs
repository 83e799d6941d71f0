//! Where bill and logs disagree, and calls that must not be touched: what an edit may not do to them.

use jiff::civil::{Date, date};
use lode_model::{Action, CachePolicy, Class, ContextBand, Edit, Money, Owner, Placement, Selector, Ttl};
use lode_prices::NewRates;
use lode_sim::{Estate, NotSimulated, Simulator, State, Traffic};
use lode_testkit::EstateFile;

const SETTLED: Date = date(2026, 12, 1);

fn estate(json: &str, as_of: Date) -> Estate {
    serde_json::from_str::<EstateFile>(json).expect("an estate").build(as_of)
}

/// The owners with known calls whose name holds `role`.
fn owner(estate: &Estate, role: &str) -> Owner {
    let all = estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners);
    let mut named = all.map(|own| &own.owner).filter(|owner| format!("{owner:?}").contains(role));
    named.next().expect("its calls are known").clone()
}

fn action(owner: Owner, edit: Edit) -> Action {
    Action {
        key: "test".into(),
        selector: Selector::all(owner),
        edits: vec![edit],
        one_off: Money::ZERO,
        title: String::new(),
        only_alternative: false,
        notes: Vec::new(),
    }
}

fn apply(estate: &Estate, action: &Action) -> Result<State, NotSimulated> {
    Simulator::new(estate, NewRates::Inherit).apply(&State::baseline(estate), action)
}

fn cost(state: &State, owner: &Owner) -> Money {
    state.charges(owner).iter().map(|charge| charge.cost).sum()
}

fn tokens(state: &State, owner: &Owner, which: impl Fn(&Class, ContextBand) -> bool) -> i128 {
    let own = state.charges(owner).iter().filter(|charge| which(&charge.key.class, charge.key.band));
    own.filter_map(|charge| charge.quantity).map(|quantity| quantity.steps).sum()
}

/// Calls of days that the bill does not have stay unbilled when another caller's calls change.
#[test]
fn what_is_logged_and_not_billed_stays_unbilled() {
    let estate = estate(
        r##"{"first":"2026-10-01","last":"2026-10-28","charges":[
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"input","tokens":1000000,"usd":"3"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"output","tokens":10000,"usd":"0.15"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"quiet","class":"input","tokens":990000,"usd":"2.97","days":"every"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"quiet","class":"output","tokens":10000,"usd":"0.15","days":"weekdays"}],
     "requests":[
      {"time":"2026-10-01T08:00:00Z","repeat":{"times":100,"every_seconds":60,"days":28},"model":"anthropic.claude-sonnet-5-5","role":"app","input":10000,"output":100,"segments":["system:policy:8000","user:question-#:2000"]},
      {"time":"2026-10-01T09:00:00Z","repeat":{"times":100,"every_seconds":60,"days":28},"model":"anthropic.claude-sonnet-5-5","role":"quiet","input":9900,"output":100,"segments":["system:other:8000","user:question-#:2000"]}]}"##,
        SETTLED,
    );
    let quiet = owner(&estate, "quiet");
    let next = apply(&estate, &action(owner(&estate, "app"), Edit::CapOutput(50))).expect("simulated");
    assert_eq!(cost(&next, &quiet), cost(&State::baseline(&estate), &quiet));
}

/// The Reserved tier bills no tokens: calls on it are no reason to refuse an edit of another caller.
#[test]
fn calls_on_the_reserved_tier_are_no_obstacle() {
    let estate = estate(
        r##"{"first":"2026-10-01","last":"2026-10-28","charges":[
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-4-5","role":"app","class":"input","tokens":1000000,"usd":"3"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-4-5","role":"app","class":"output","tokens":10000,"usd":"0.15"}],
     "requests":[
      {"time":"2026-10-01T08:00:00Z","repeat":{"times":100,"every_seconds":60,"days":28},"model":"anthropic.claude-sonnet-4-5","role":"app","input":10000,"output":100,"segments":["system:policy:8000","user:question-#:2000"]},
      {"time":"2026-10-01T09:00:00Z","repeat":{"times":100,"every_seconds":60,"days":28},"model":"anthropic.claude-sonnet-4-5","mode":"reserved","role":"quiet","input":9900,"output":100,"segments":["system:other:8000","user:question-#:2000"]}]}"##,
        SETTLED,
    );
    let app = owner(&estate, "app");
    let next = apply(&estate, &action(app.clone(), Edit::CapOutput(50))).expect("simulated");
    assert!(cost(&next, &app) < cost(&State::baseline(&estate), &app));
}

/// Logs are complete up to the minute, exports are not: the days the export still fills withhold nobody.
#[test]
fn a_day_the_export_still_fills_withholds_nobody() {
    let estate = estate(
        r##"{"first":"2026-10-01","last":"2026-10-10","charges":[
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"input","tokens":1000000,"usd":"3","days":"weekdays"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"output","tokens":10000,"usd":"0.15","days":"weekdays"}],
     "requests":[
      {"time":"2026-10-01T08:00:00Z","repeat":{"times":100,"every_seconds":60,"days":10,"weekdays_only":true},"model":"anthropic.claude-sonnet-5-5","role":"app","input":10000,"output":100,"segments":["system:policy:8000","user:question-#:2000"]},
      {"time":"2026-10-10T08:00:00Z","repeat":{"times":100,"every_seconds":60},"model":"anthropic.claude-sonnet-5-5","role":"app","input":10000,"output":100,"segments":["system:policy:8000","user:question-#:2000"]}]}"##,
        date(2026, 10, 10),
    );
    assert_eq!(estate.tie_out.expect("logs").withheld, []);
}

/// A record that read what the replay saw written reads it once when a neighbour warms the prefix: 8,000 a day.
#[test]
fn what_the_replay_cannot_explain_is_not_counted_twice() {
    let estate = estate(
        r##"{"first":"2026-10-01","last":"2026-10-28","charges":[
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"input","tokens":12000,"usd":"0.036"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"cache-read","tokens":8000,"usd":"0.0024"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"output","tokens":100,"usd":"0.0015"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"warm","class":"input","tokens":12000,"usd":"0.036"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"warm","class":"output","tokens":100,"usd":"0.0015"}],
     "requests":[
      {"time":"2026-10-01T08:00:00Z","repeat":{"times":1,"every_seconds":60,"days":28},"model":"anthropic.claude-sonnet-5-5","role":"warm","input":12000,"output":100,"segments":["system:policy:8000","user:q-#:4000"]},
      {"time":"2026-10-01T08:01:00Z","repeat":{"times":1,"every_seconds":60,"days":28},"model":"anthropic.claude-sonnet-5-5","role":"app","input":12000,"cache_read":8000,"output":100,"segments":["system:policy:8000|5m","user:question-#:12000"]}]}"##,
        SETTLED,
    );
    let markers = Edit::Cache(CachePolicy::markers([(Placement::SystemEnd, Ttl::FiveMinutes)]));
    let next = apply(&estate, &action(owner(&estate, "warm"), markers)).expect("simulated");
    let read = tokens(&next, &owner(&estate, "app"), |class, _| *class == Class::CacheRead);
    assert_eq!(read, 28 * 8_000);
}

/// The check of the replay is one of the month as logged, whatever earlier steps did to the prompts.
#[test]
fn earlier_steps_do_not_spoil_the_check_of_the_replay() {
    let estate = estate(
        r##"{"first":"2026-10-01","last":"2026-10-28","charges":[
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"input","tokens":1200000,"usd":"3.6"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"cache-read","tokens":792000,"usd":"0.2376"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"cache-write-5m","tokens":8000,"usd":"0.03"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"output","tokens":10000,"usd":"0.15"}],
     "requests":[
      {"time":"2026-10-01T08:00:00Z","repeat":{"times":1,"every_seconds":60,"days":28},"model":"anthropic.claude-sonnet-5-5","role":"app","input":12000,"cache_write_5m":8000,"output":100,"segments":["system:policy:8000|5m","user:same:6000","user:same:6000"]},
      {"time":"2026-10-01T08:01:00Z","repeat":{"times":99,"every_seconds":60,"days":28},"model":"anthropic.claude-sonnet-5-5","role":"app","input":12000,"cache_read":8000,"output":100,"segments":["system:policy:8000|5m","user:same:6000","user:same:6000"]}]}"##,
        SETTLED,
    );
    let app = owner(&estate, "app");
    let next = apply(&estate, &action(app.clone(), Edit::DropDuplicateBlocks)).expect("simulated");
    for state in [State::baseline(&estate), next] {
        let difference = Traffic::of(&estate, &state, &app).expect("calls are known").replay_difference;
        assert!(difference.expect("bodies are known") < 0.05, "{difference:?}");
    }
}

/// What stands before the first turn belongs to it: a prompt of one turn has nothing to cut.
#[test]
fn a_greeting_before_the_first_turn_stays() {
    let estate = estate(
        r##"{"first":"2026-10-01","last":"2026-10-28","charges":[
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"input","tokens":1000000,"usd":"3"},
      {"source":"AWS Marketplace","model":"anthropic.claude-sonnet-5-5","role":"app","class":"output","tokens":10000,"usd":"0.15"}],
     "requests":[
      {"time":"2026-10-01T08:00:00Z","repeat":{"times":100,"every_seconds":60,"days":28},"model":"anthropic.claude-sonnet-5-5","role":"app","input":10000,"output":100,"segments":["system:policy:6000","assistant:hello:2000","user:question-#:2000"]}]}"##,
        SETTLED,
    );
    let cut = apply(&estate, &action(owner(&estate, "app"), Edit::WindowHistory(4)));
    assert_eq!(cut.expect_err("nothing changes"), NotSimulated::NothingSelected);
}

/// A selector of the standard band leaves the answers to long prompts alone: 100 calls a day of 100 tokens.
#[test]
fn a_band_selects_calls() {
    let estate = estate(
        r##"{"first":"2026-10-01","last":"2026-10-28","charges":[
      {"source":"AWS Marketplace","model":"anthropic.claude-haiku-5-5","role":"app","class":"input","tokens":1000000,"usd":"0.1"},
      {"source":"AWS Marketplace","model":"anthropic.claude-haiku-5-5","role":"app","class":"input","band":"long-context","tokens":12000000,"usd":"2.4"},
      {"source":"AWS Marketplace","model":"anthropic.claude-haiku-5-5","role":"app","class":"output","tokens":10000,"usd":"0.005"},
      {"source":"AWS Marketplace","model":"anthropic.claude-haiku-5-5","role":"app","class":"output","band":"long-context","tokens":10000,"usd":"0.01"}],
     "requests":[
      {"time":"2026-10-01T08:00:00Z","repeat":{"times":100,"every_seconds":60,"days":28},"model":"anthropic.claude-haiku-5-5","role":"app","input":10000,"output":100,"segments":["system:policy:6000","user:question-#:4000"]},
      {"time":"2026-10-01T08:00:30Z","repeat":{"times":100,"every_seconds":60,"days":28},"model":"anthropic.claude-haiku-5-5","role":"app","input":120000,"output":100,"segments":["system:policy:6000","user:question-#:114000"]}]}"##,
        SETTLED,
    );
    let app = owner(&estate, "app");
    let mut cap = action(app.clone(), Edit::CapOutput(50));
    cap.selector.band = Some(ContextBand::Standard);
    let next = apply(&estate, &cap).expect("simulated");
    let answers = |of| tokens(&next, &app, |class, band| *class == Class::Output && band == of);
    assert_eq!((answers(ContextBand::Long), answers(ContextBand::Standard)), (28 * 10_000, 28 * 5_000));
}

/// Which of the units of two terms would go, nobody asked: fewer are refused, none are not.
#[test]
fn units_of_several_terms_are_not_guessed_at() {
    let estate = estate(
        r##"{"first":"2026-10-01","last":"2026-10-28","charges":[
      {"model":"amazon.nova-pro-v1:0","mode":"provisioned","class":"model-unit-hour-6-month","hours":"24","usd":"480"},
      {"model":"amazon.nova-pro-v1:0","mode":"provisioned","class":"model-unit-hour-no-commitment","hours":"72","usd":"2880"}],
     "requests":[
      {"time":"2026-10-01T08:00:00Z","repeat":{"times":100,"every_seconds":60,"days":28},"model":"amazon.nova-pro-v1:0","mode":"provisioned","role":"app","input":10000,"output":100,"segments":["system:policy:6000","user:question-#:4000"]}]}"##,
        SETTLED,
    );
    let pool = owner(&estate, "Pool");
    let with = |units| apply(&estate, &action(pool.clone(), Edit::Commitment { units: Some(units), term: None }));
    assert_eq!(with(3).expect_err("a guess"), NotSimulated::SeveralTerms);
    assert!(with(0).is_ok());
}
