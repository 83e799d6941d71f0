//! Edits of calls that a person can check by hand: what one owner's edit does to another, and what it must not do.

use lode_model::{Action, CachePolicy, Class, Edit, Mode, Money, Owner, Ratio, Run, Selector, Ttl};
use lode_prices::NewRates;
use lode_sim::{Estate, NotSimulated, Simulator, State, Traffic, selected};
use lode_testkit::EstateFile;

/// Two roles that send one system prompt of 8,000 tokens with a marker, on Claude Sonnet 5.5 (global: input 2.00, cache
/// read 0.10, write 2.50, output 10.00 a million). One day: `early` calls at 08:00 and writes; `late` calls at 08:02 and
/// reads what `early` wrote. Each asks 2,000 tokens of its own and gets 100.
fn shared() -> Estate {
    let charge = |role: &str, class: &str, tokens: u64, usd: &str| {
        format!(
            r#"{{"model":"anthropic.claude-sonnet-5-5","routing":"global","source":"AWS Marketplace","role":"{role}","class":"{class}","tokens":{tokens},"usd":"{usd}"}}"#
        )
    };
    let call = |role: &str, time: &str, cached: &str| {
        format!(
            r##"{{"time":"2026-10-01T{time}Z","model":"anthropic.claude-sonnet-5-5","routing":"global","role":"{role}","input":2000,"output":100,{cached},"segments":["system:policy:32000|5m","user:{role}:8000"]}}"##
        )
    };
    let text = format!(
        r#"{{"first":"2026-10-01","last":"2026-10-01","charges":[{}],"requests":[{}]}}"#,
        [
            charge("early", "input", 2000, "0.004"),
            charge("early", "cache-write-5m", 8000, "0.02"),
            charge("early", "output", 100, "0.001"),
            charge("late", "input", 2000, "0.004"),
            charge("late", "cache-read", 8000, "0.0008"),
            charge("late", "output", 100, "0.001"),
        ]
        .join(","),
        [call("early", "08:00:00", r#""cache_write_5m":8000"#), call("late", "08:02:00", r#""cache_read":8000"#),]
            .join(",")
    );
    let file: EstateFile = serde_json::from_str(&text).expect("an estate");
    file.build("2026-11-05".parse().expect("a date"))
}

fn owner(estate: &Estate, role: &str) -> Owner {
    let baseline = State::baseline(estate);
    let caller = format!("role/{role}");
    let found = baseline.owners().find(|o| matches!(o, Owner::Workload(w) if w.caller.as_str() == caller));
    found.expect("the role calls").clone()
}

fn apply(estate: &Estate, state: &State, owner: Owner, share: Ratio, edit: Edit) -> Result<State, NotSimulated> {
    apply_to(estate, state, Selector { share, ..Selector::all(owner) }, edit)
}

fn apply_to(estate: &Estate, state: &State, selector: Selector, edit: Edit) -> Result<State, NotSimulated> {
    Simulator::new(estate, NewRates::Inherit).apply(state, &action_of(selector, edit))
}

fn action_of(selector: Selector, edit: Edit) -> Action {
    Action {
        key: "test".into(),
        selector,
        edits: vec![edit],
        one_off: Money::ZERO,
        title: String::new(),
        only_alternative: false,
        notes: Vec::new(),
    }
}

fn total(estate: &Estate, state: &State) -> Money {
    state.daily(&estate.window).total()
}

fn dollars(text: &str) -> Money {
    Money::parse(text).expect("money")
}

#[test]
fn the_month_as_it_was_is_the_bill() {
    let estate = shared();
    assert_eq!(total(&estate, &State::baseline(&estate)), dollars("0.0308"));
}

#[test]
fn who_read_what_another_wrote_writes_it_once_the_other_stops() {
    let estate = shared();
    let baseline = State::baseline(&estate);
    let after = apply(&estate, &baseline, owner(&estate, "early"), Ratio::ONE, Edit::Cache(CachePolicy::Off))
        .expect("simulated");
    // early: 10,000 input 0.02 and its output 0.001; late now writes: 0.004 + 8,000 × 2.50 = 0.02, and 0.001.
    assert_eq!(total(&estate, &after), dollars("0.046"));
    let late = owner(&estate, "late");
    assert!(after.charges(&late).iter().any(|c| c.key.class == Class::CacheWrite(Ttl::FiveMinutes)));
    assert!(!after.charges(&late).iter().any(|c| c.key.class == Class::CacheRead));
}

#[test]
fn the_reader_may_stop_without_harm() {
    let estate = shared();
    let baseline = State::baseline(&estate);
    let after = apply(&estate, &baseline, owner(&estate, "late"), Ratio::ONE, Edit::Cache(CachePolicy::Off))
        .expect("simulated");
    // late: 10,000 input 0.02 and 0.001; early as it was, 0.025.
    assert_eq!(total(&estate, &after), dollars("0.046"));
    assert_eq!(after.charges(&owner(&estate, "early")), baseline.charges(&owner(&estate, "early")));
}

#[test]
fn an_edit_that_changes_no_call_is_refused() {
    let estate = shared();
    let baseline = State::baseline(&estate);
    let (early, late) = (owner(&estate, "early"), owner(&estate, "late"));
    for edit in [Edit::DropDuplicateBlocks, Edit::WindowHistory(3), Edit::CapOutput(1000), Edit::Mode(Mode::Standard)] {
        assert_eq!(
            apply(&estate, &baseline, early.clone(), Ratio::ONE, edit).expect_err("nothing changes"),
            NotSimulated::NothingSelected
        );
    }
    assert_eq!(
        apply(&estate, &baseline, late, Ratio::ZERO, Edit::Cache(CachePolicy::Off)).expect_err("no call is selected"),
        NotSimulated::NothingSelected
    );
}

#[test]
fn the_replay_explains_the_counters() {
    let estate = shared();
    let baseline = State::baseline(&estate);
    for role in ["early", "late"] {
        let traffic = Traffic::of(&estate, &baseline, &owner(&estate, role)).expect("calls are known");
        assert_eq!(traffic.replay_difference, Some(0.0), "{role}");
        assert_eq!((traffic.calls, traffic.markers, traffic.static_tokens), (1, 1, 8000), "{role}");
    }
}

#[test]
fn a_run_moves_and_the_trickle_loses_the_hits_it_had_from_it() {
    // Calls at 08:00:00 (writes 8,000), 08:00:10 and 08:02 (read them), all of one role.
    let call = |second: &str, cached: &str| {
        format!(
            r##"{{"time":"2026-10-01T08:{second}Z","model":"anthropic.claude-sonnet-4-6","routing":"global","role":"job","input":2000,"output":100,{cached},"segments":["system:policy:32000|5m","user:job:8000"]}}"##
        )
    };
    let charge = |class: &str, tokens: u64, usd: &str| {
        format!(
            r#"{{"model":"anthropic.claude-sonnet-4-6","routing":"global","source":"AWS Marketplace","role":"job","class":"{class}","tokens":{tokens},"usd":"{usd}"}}"#
        )
    };
    let text = format!(
        r#"{{"first":"2026-10-01","last":"2026-10-01","charges":[{}],"requests":[{}]}}"#,
        [
            charge("input", 6000, "0.018"),
            charge("cache-write-5m", 8000, "0.03"),
            charge("cache-read", 16000, "0.0048"),
            charge("output", 300, "0.0045"),
        ]
        .join(","),
        [
            call("00:00", r#""cache_write_5m":8000"#),
            call("00:10", r#""cache_read":8000"#),
            call("02:00", r#""cache_read":8000"#)
        ]
        .join(",")
    );
    let file: EstateFile = serde_json::from_str(&text).expect("an estate");
    let estate = file.build("2026-11-05".parse().expect("a date"));
    let state = State::baseline(&estate);
    let eight: i64 = "2026-10-01T08:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_second();
    let moved = |calls, stay| {
        let selector = Selector {
            mode: Some(Mode::Standard),
            runs: [Run { from: eight, until: eight + 60, calls, stay }].into(),
            ..Selector::all(owner(&estate, "job"))
        };
        let after = apply_to(&estate, &state, selector, Edit::Mode(Mode::Batch)).expect("simulated");
        let tokens = |mode: Mode, class: Class| -> i128 {
            let charges = after.charges(&owner(&estate, "job")).iter();
            charges.filter(|c| c.key.mode == mode && c.key.class == class).filter_map(|c| Some(c.quantity?.steps)).sum()
        };
        let (read, write) = (Class::CacheRead, Class::CacheWrite(Ttl::FiveMinutes));
        [tokens(Mode::Batch, Class::Input), tokens(Mode::Standard, read), tokens(Mode::Standard, write)]
    };
    let picked = |calls, stay| -> Vec<String> {
        let selector = Selector {
            mode: Some(Mode::Standard),
            runs: [Run { from: eight, until: eight + 60, calls, stay }].into(),
            ..Selector::all(owner(&estate, "job"))
        };
        let calls = selected(&estate, &[], &action_of(selector, Edit::Mode(Mode::Batch)));
        calls.iter().map(|call| call.request.id.to_string()).collect()
    };
    // The calls that are carried out are those that the simulator moves.
    assert_eq!(picked(2, 0), ["request-0-0", "request-1-0"]);
    assert_eq!(picked(2, 1), ["request-1-0"]);
    // Both calls of the run in batch, where nothing is cached; the one that is left writes for itself.
    assert_eq!(moved(2, 0), [20_000, 0, 8000]);
    // The first of the two is the trickle's: it writes, and the last still reads.
    assert_eq!(moved(2, 1), [10_000, 8000, 8000]);
}

#[test]
fn what_is_selected_follows_from_the_actions_before() {
    let estate = shared();
    let all = |role: &str| Selector::all(owner(&estate, role));
    let haiku = || "anthropic.claude-haiku-5-5".into();
    let smaller = |role: &str| action_of(all(role), Edit::Model { to: haiku(), input: Ratio::ONE, output: Ratio::ONE });
    let batch = action_of(Selector { models: vec![haiku()], ..all("early") }, Edit::Mode(Mode::Batch));
    let models = |earlier: &[Action]| -> Vec<String> {
        selected(&estate, earlier, &batch).iter().map(|call| call.model.to_string()).collect()
    };
    assert!(models(&[]).is_empty(), "none calls that model yet");
    assert_eq!(models(&[smaller("early")]), ["anthropic.claude-haiku-5-5"]);
    assert!(models(&[smaller("late")]).is_empty(), "of another owner");
    // What is in batch already is not selected again.
    let standard = action_of(Selector { mode: Some(Mode::Standard), ..all("early") }, Edit::Mode(Mode::Batch));
    assert_eq!(selected(&estate, &[], &standard).len(), 1);
    assert!(selected(&estate, std::slice::from_ref(&standard), &standard).is_empty());
}
