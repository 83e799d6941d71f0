//! Editing the raw month and reading it again equals applying the edit in the simulator: for every edit of logged
//! requests, on months that `lode-synth` makes and bills by code of its own.

mod common;

use std::sync::LazyLock;

use common::{Totals, read_back, totals, workloads};
use lode_model::{
    Action, CachePolicy, Edit, Mode, Money, Owner, Placement, Ratio, Routing, SegmentKind, Selector, Ttl,
};
use lode_prices::NewRates;
use lode_sim::{Estate, Simulator, State};
use lode_synth::{Habits, Options, RawEdit};
use proptest::prelude::*;

/// Calls in per cent of a full month: a few thousand.
const SCALE: u32 = 4;

fn month(seed: u64) -> lode_synth::Estate {
    lode_synth::estate(&Options { seed, scale: SCALE, habits: Habits::all() })
}

static FIRST: LazyLock<(lode_synth::Estate, Estate)> = LazyLock::new(|| {
    let raw = month(1);
    let estate = read_back(&raw);
    (raw, estate)
});

/// An edit of one caller in both worlds.
struct Case {
    name: &'static str,
    caller: &'static str,
    raw: fn(String) -> RawEdit,
    edit: fn(&Estate, &Owner) -> Edit,
}

const CASES: &[Case] = &[
    Case {
        name: "unused tools left out",
        caller: "role/agent-desk",
        raw: |caller| RawEdit::DropTools { caller, tools: vec!["cancel_order".to_owned(), "send_survey".to_owned()] },
        edit: |_, _| Edit::DropTools(vec!["cancel_order".into(), "send_survey".into()]),
    },
    Case {
        name: "history windowed",
        caller: "role/helpdesk-chat",
        raw: |caller| RawEdit::WindowHistory { caller, turns: 4 },
        edit: |_, _| Edit::WindowHistory(4),
    },
    Case {
        name: "duplicates dropped",
        caller: "role/contract-review",
        raw: |caller| RawEdit::DropDuplicateBlocks { caller },
        edit: |_, _| Edit::DropDuplicateBlocks,
    },
    Case {
        name: "system prompt shortened",
        caller: "role/policy-qa",
        raw: |caller| RawEdit::ShortenSegment { caller, block: 0, tokens: 1000 },
        edit: |estate, owner| {
            let (cluster, place) = estate.demand.of(owner).expect("calls are known");
            let call = &cluster.owners[place].calls[0];
            let system =
                call.segments.iter().find(|segment| segment.kind == SegmentKind::System).expect("a system block");
            Edit::ShortenSegment { segment: system.hash, what: "system prompt".into(), tokens: 1000 }
        },
    },
    Case {
        name: "answers capped",
        caller: "role/contract-review",
        raw: |caller| RawEdit::CapOutput { caller, tokens: 50 },
        edit: |_, _| Edit::CapOutput(50),
    },
    Case {
        name: "markers taken out",
        caller: "role/mail-drafts",
        raw: |caller| RawEdit::MarkersOff { caller },
        edit: |_, _| Edit::Cache(CachePolicy::Off),
    },
    Case {
        name: "markers at the system prompt's end",
        caller: "role/policy-qa",
        raw: |caller| RawEdit::Markers {
            caller,
            placement: lode_synth::Placement::SystemEnd,
            ttl: lode_synth::Ttl::FiveMinutes,
        },
        edit: |_, _| Edit::Cache(CachePolicy::markers([(Placement::SystemEnd, Ttl::FiveMinutes)])),
    },
    Case {
        name: "an hour's markers",
        caller: "role/shift-report",
        raw: |caller| RawEdit::Markers {
            caller,
            placement: lode_synth::Placement::SystemEnd,
            ttl: lode_synth::Ttl::OneHour,
        },
        edit: |_, _| Edit::Cache(CachePolicy::markers([(Placement::SystemEnd, Ttl::OneHour)])),
    },
    Case {
        name: "markers at both ends, where the second is never read",
        caller: "role/shift-report",
        raw: |caller| RawEdit::Markers {
            caller,
            placement: lode_synth::Placement::SystemAndPromptEnd,
            ttl: lode_synth::Ttl::OneHour,
        },
        edit: |_, _| {
            Edit::Cache(CachePolicy::markers([
                (Placement::SystemEnd, Ttl::OneHour),
                (Placement::PromptEnd, Ttl::OneHour),
            ]))
        },
    },
    Case {
        name: "markers at the prompt's end, written and never read",
        caller: "role/contract-review",
        raw: |caller| RawEdit::Markers {
            caller,
            placement: lode_synth::Placement::PromptEnd,
            ttl: lode_synth::Ttl::FiveMinutes,
        },
        edit: |_, _| Edit::Cache(CachePolicy::markers([(Placement::PromptEnd, Ttl::FiveMinutes)])),
    },
    Case {
        name: "another model",
        caller: "role/ticket-triage",
        raw: |caller| RawEdit::Model { caller, to: "anthropic.claude-haiku-5-5".to_owned() },
        edit: |_, _| Edit::Model { to: "anthropic.claude-haiku-5-5".into(), input: Ratio::ONE, output: Ratio::ONE },
    },
    Case {
        name: "batch",
        caller: "role/nightly-summaries",
        raw: |caller| RawEdit::Mode { caller, mode: lode_synth::Mode::Batch },
        edit: |_, _| Edit::Mode(Mode::Batch),
    },
    Case {
        name: "regional routing",
        caller: "role/policy-qa",
        raw: |caller| RawEdit::Routing { caller, global: false },
        edit: |_, _| Edit::Routing(Routing::Regional),
    },
    Case {
        name: "fewer passages",
        caller: "role/kb-assistant",
        raw: |caller| RawEdit::Retrieval { caller, chunks: 5, chunk_tokens: 10_000 },
        edit: |_, _| Edit::Retrieval { chunks: 5, chunk_tokens: None },
    },
];

/// The edit in the simulator, on every workload of the caller.
fn simulated(estate: &Estate, case: &Case) -> Totals {
    let simulator = Simulator::new(estate, NewRates::Inherit);
    let owners = workloads(estate, case.caller);
    assert!(!owners.is_empty(), "{}: {} has known calls", case.name, case.caller);
    let state = owners.into_iter().fold(State::baseline(estate), |state, owner| {
        let action = Action {
            key: case.name.into(),
            edits: vec![(case.edit)(estate, &owner)],
            selector: Selector::all(owner),
            one_off: Money::ZERO,
            title: String::new(),
            only_alternative: false,
            notes: Vec::new(),
        };
        simulator.apply(&state, &action).unwrap_or_else(|error| panic!("{}: {error}", case.name))
    });
    totals(&state)
}

/// The edit in the raw month, written and read again.
fn raw(month: &lode_synth::Estate, case: &Case) -> Totals {
    totals(&State::baseline(&read_back(&month.edited(&(case.raw)(case.caller.to_owned())))))
}

fn assert_same(case: &Case, raw: &Totals, simulated: &Totals) {
    let keys: std::collections::BTreeSet<_> = raw.keys().chain(simulated.keys()).collect();
    for key in keys {
        assert_eq!(
            raw.get(key),
            simulated.get(key),
            "{} ({}): raw and simulated differ at {key:?}",
            case.name,
            case.caller
        );
    }
}

#[test]
fn the_baseline_is_the_bill_to_the_pico_dollar() {
    let (_, estate) = &*FIRST;
    assert_eq!(State::baseline(estate).daily(&estate.window).total(), estate.billed());
}

/// A token of these months is four bytes whatever they say: there is nothing to tell apart, and blocks have their share of
/// the bytes.
#[test]
fn one_size_of_a_token_is_found_as_one() {
    let sizes = FIRST.1.demand.token_sizes();
    assert!(sizes.values().any(|sizes| sizes.calls > 1000), "{sizes:?}");
    for (model, sizes) in sizes {
        assert!(sizes.twentieths.is_empty(), "{model}: {sizes:?}");
    }
}

#[test]
fn every_edit_of_logged_requests_equals_editing_the_raw_month() {
    let (month, estate) = &*FIRST;
    for case in CASES {
        assert_same(case, &raw(month, case), &simulated(estate, case));
    }
}

#[test]
fn every_edit_changes_the_bill() {
    let (_, estate) = &*FIRST;
    let before = totals(&State::baseline(estate));
    for case in CASES {
        assert_ne!(before, simulated(estate, case), "{} changed nothing: its case proves nothing", case.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn so_it_is_on_other_months(seed in 2u64..1000, place in 0..CASES.len()) {
        let (month, case) = (month(seed), &CASES[place]);
        assert_same(case, &raw(&month, case), &simulated(&read_back(&month), case));
    }
}
