//! Tests of whole months, their habits and edits; what is written of them is tested in `file_tests`.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::apps::{ALL, Part};
use crate::call::{Content, Prompt};

pub(crate) const SMALL: Options = Options { seed: 1, scale: 5, habits: Habits::all() };

pub(crate) fn without(id: HabitId) -> Estate {
    estate(&Options { habits: Habits::all().without(id), ..SMALL })
}

pub(crate) fn caller(role: &str) -> String {
    format!("role/{role}")
}

/// The edit that does what leaving the habit off does.
fn cure(id: HabitId) -> Option<RawEdit> {
    Some(match id {
        HabitId::SimpleTasks => {
            RawEdit::Model { caller: caller("ticket-triage"), to: "anthropic.claude-haiku-5-5".into() }
        }
        HabitId::UnusedTools => RawEdit::DropTools {
            caller: caller("agent-desk"),
            tools: apps::TOOLS[3..].iter().map(|name| (*name).to_owned()).collect(),
        },
        HabitId::DuplicateBlocks => RawEdit::DropDuplicateBlocks { caller: caller("contract-review") },
        HabitId::ResentHistory => RawEdit::WindowHistory { caller: caller("helpdesk-chat"), turns: 4 },
        HabitId::NeverCached => {
            RawEdit::Markers { caller: caller("policy-qa"), placement: Placement::SystemEnd, ttl: Ttl::FiveMinutes }
        }
        HabitId::NeverCachedHour => {
            RawEdit::Markers { caller: caller("shift-report"), placement: Placement::SystemEnd, ttl: Ttl::OneHour }
        }
        HabitId::LosingCache => RawEdit::MarkersOff { caller: caller("mail-drafts") },
        HabitId::OvernightBatch => RawEdit::Mode { caller: caller("nightly-summaries"), mode: Mode::Batch },
        HabitId::HourlyJob => RawEdit::Mode { caller: caller("item-dossiers"), mode: Mode::Flex },
        // In a small month its runs have too few calls for batch jobs.
        HabitId::WeeklyJob => RawEdit::Mode { caller: caller("course-chapters"), mode: Mode::Flex },
        HabitId::TooManyChunks => RawEdit::Retrieval { caller: caller("kb-assistant"), chunks: 5, chunk_tokens: 300 },
        HabitId::OversizedPassages => {
            RawEdit::Retrieval { caller: caller("archive-assistant"), chunks: 5, chunk_tokens: 500 }
        }
        HabitId::RegionalProfile => RawEdit::Routing { caller: caller("articles-regional"), global: true },
        HabitId::PriorityNobodyWaits => RawEdit::Mode { caller: caller("night-briefs"), mode: Mode::Standard },
        HabitId::LatencyOptimizedJob => RawEdit::Mode { caller: caller("night-reviews"), mode: Mode::Standard },
        HabitId::ModestTasks => {
            RawEdit::Model { caller: caller("meeting-notes"), to: "anthropic.claude-haiku-5-5".into() }
        }
        // No edit of calls takes units off the bill, and none of the edits above does the others.
        HabitId::IdleUnits
        | HabitId::JobInTrickle
        | HabitId::PrettyJson
        | HabitId::ExactRepeats
        | HabitId::ManyExamples
        | HabitId::OutlierContexts
        | HabitId::GuardedHistory
        | HabitId::IdlePolicy
        | HabitId::PiiByModel
        | HabitId::IdleCollection
        | HabitId::OrphanedCollection
        | HabitId::StandbyInDev
        | HabitId::UnusedCustomModel
        | HabitId::FailedCalls
        | HabitId::RetryStorm
        | HabitId::LoopingAgent
        | HabitId::EndlessTasks => return None,
    })
}

#[test]
fn curing_the_raw_month_is_the_month_without_the_habit() {
    let whole = estate(&SMALL);
    for id in HabitId::ALL {
        let Some(edit) = cure(id) else { continue };
        let right = without(id);
        assert_ne!(whole.calls, right.calls, "{id}");
        let cured = whole.edited(&edit);
        assert_eq!(cured.calls, right.calls, "{id}");
        assert_eq!(cured.bill(), right.bill(), "{id}");
    }
}

#[test]
fn every_habit_costs_and_the_truth_says_how_much() {
    let truth = estate(&SMALL).truth();
    assert_eq!(truth.habits.iter().map(|habit| habit.id).collect::<Vec<_>>(), HabitId::ALL);
    for habit in &truth.habits {
        assert!(habit.saving > Usd::default(), "{}", habit.id);
        assert_eq!(habit.with - habit.without, habit.saving);
        assert_eq!(habit.saving.times(730, 672), habit.monthly);
    }
    // The habits do not touch each other, so that their savings add up.
    let right = estate(&Options { habits: Habits::none(), ..SMALL }).bill().total();
    let saving: Usd = truth.habits.iter().map(|habit| habit.saving).sum();
    assert_eq!(estate(&SMALL).bill().total() - right, saving);
    // And without any there is nothing to find.
    assert!(estate(&Options { habits: Habits::none(), ..SMALL }).truth().habits.is_empty());
}

#[test]
fn every_habit_costs_at_any_scale_and_seed() {
    for (seed, scale) in [(2, 1), (3, 2), (4, 20)] {
        for habit in estate(&Options { seed, scale, habits: Habits::all() }).truth().habits {
            assert!(habit.saving > Usd::default(), "{} at seed {seed}, scale {scale}", habit.id);
        }
    }
}

#[test]
fn one_habit_moves_its_own_app_alone() {
    let whole = estate(&SMALL);
    for id in HabitId::ALL {
        let right = without(id);
        let others = |estate: &Estate| {
            let not_its = |call: &&Call| ALL[call.app].part != Part::Has(id);
            estate.calls.iter().filter(not_its).cloned().collect::<Vec<_>>()
        };
        assert_eq!(others(&whole), others(&right), "{id}");
        let drops = id.lever() == "agents" || id == HabitId::ExactRepeats;
        if !drops {
            assert_eq!(whole.calls(), right.calls(), "{id}");
        }
        let uses_of = |estate: &Estate| {
            let its = |app: Option<usize>| app.is_some_and(|app| ALL[app].part == Part::Has(id));
            // What stands in place of a collection is in a bucket.
            let stores = stores::STORES.iter().filter(|store| store.part == Part::Has(id));
            let customs = customs::CUSTOMS.iter().filter(|custom| custom.part == Part::Has(id));
            let places: Vec<_> = stores
                .map(|store| (store.account, store.region))
                .chain(customs.map(|custom| (custom.account, custom.region)))
                .collect();
            let kept = |used: &bill::Use| !(used.resource.is_some() && places.contains(&(used.account, used.region)));
            bill::uses(estate).into_iter().filter(|(used, _)| !its(used.app) && kept(used)).collect::<Vec<_>>()
        };
        assert_eq!(uses_of(&whole), uses_of(&right), "{id}");
    }
}

#[test]
fn twins_are_there_half_as_busy_and_right() {
    let whole = estate(&SMALL);
    let truth = whole.truth();
    // One for each, and two more that run at night or in the evening as what is overnight does.
    let ids: Vec<HabitId> = truth.twins.iter().map(|twin| twin.id).collect();
    let of = |id: HabitId| ids.iter().filter(|other| **other == id).count();
    for id in HabitId::ALL {
        assert_eq!(of(id), if id == HabitId::OvernightBatch { 3 } else { 1 }, "{id}");
    }
    let cached = truth.twins.iter().find(|twin| twin.id == HabitId::NeverCached).expect("a twin");
    assert_eq!(cached.caller.as_deref(), Some("application-inference-profile/policyqa0001"));
    for twin in &truth.twins {
        let Some(caller) = &twin.caller else { continue };
        let app = apps::position(caller).expect("an app");
        assert!(whole.calls.iter().any(|call| call.app == app), "{caller}");
        let edit = cure(twin.id).map(|edit| retargeted(edit, caller));
        // The twins of batch jobs could be batched or had at the flex price; people wait for them, or they use tools. So it is
        // with what is dearer because somebody waits.
        if let Some(edit) = edit.filter(|edit| !matches!(edit, RawEdit::Mode { .. })) {
            assert_eq!(whole.edited(&edit).bill(), whole.bill(), "{caller} has something to cure");
        }
    }
}

fn retargeted(edit: RawEdit, to: &str) -> RawEdit {
    let caller = to.to_owned();
    match edit {
        RawEdit::Model { to, .. } => RawEdit::Model { caller, to },
        RawEdit::DropTools { tools, .. } => RawEdit::DropTools { caller, tools },
        RawEdit::DropDuplicateBlocks { .. } => RawEdit::DropDuplicateBlocks { caller },
        RawEdit::WindowHistory { turns, .. } => RawEdit::WindowHistory { caller, turns },
        RawEdit::Markers { placement, ttl, .. } => RawEdit::Markers { caller, placement, ttl },
        RawEdit::MarkersOff { .. } => RawEdit::MarkersOff { caller },
        RawEdit::Routing { global, .. } => RawEdit::Routing { caller, global },
        RawEdit::Retrieval { chunks, chunk_tokens, .. } => RawEdit::Retrieval { caller, chunks, chunk_tokens },
        other => other,
    }
}

#[test]
fn three_tools_are_called_by_both_desks_at_any_scale() {
    let calls = estate(&Options { scale: 1, ..SMALL }).calls;
    for role in ["agent-desk", "agent-desk-lean"] {
        let app = apps::position(role).expect("an app");
        let called: BTreeSet<&str> = calls
            .iter()
            .filter(|call| call.app == app)
            .filter_map(|call| match call.answer {
                Content::ToolUse(name, ..) => Some(name),
                _ => None,
            })
            .collect();
        assert_eq!(called, BTreeSet::from(["create_ticket", "find_customer", "list_orders"]), "{role}");
    }
}

#[test]
fn the_busy_unit_is_worth_its_price() {
    let on_demand = |call: &Call| {
        let rates = call.model.rates(false).expect("regional rates");
        let flex = rates.flex.expect("a flex price");
        Usd::from_pico(i128::from(call.prompt_tokens()) * flex.0 + i128::from(call.answer.tokens()) * flex.1)
    };
    let cost = |role: &str| {
        let app = apps::position(role).expect("an app");
        estate(&SMALL).calls.iter().filter(|call| call.app == app).map(on_demand).sum::<Usd>()
    };
    // Four hours of one unit, sixteen hours of the other, at 60.50: even at half price.
    assert!(cost("risk-engine-busy") > Usd::from_pico(242_000_000_000_000));
    assert!(cost("risk-engine") < Usd::from_pico(1_000_000_000_000));
}

#[test]
fn no_two_calls_in_slots_share_a_second_and_ids_are_unique() {
    for scale in [5, 100, 400] {
        let calls = estate(&Options { scale, ..SMALL }).calls;
        let (mut seconds, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for call in &calls {
            let app = &ALL[call.app];
            // Apps without a slot call models without a cache, for which the order within a second is all one.
            let cached = call.model.cache_min.is_some();
            let alone = !app.keeps_slots() && !cached || seconds.insert((app.account, call.model.id, call.time));
            assert!(alone, "{} at {}", app.role, call.time);
            assert!(ids.insert((call.app, call.number)), "{} {}", app.role, call.number);
            assert!((0..month::DAYS).contains(&month::day_of(call.time)), "{} at {}", app.role, call.time);
        }
        assert!(calls.is_sorted_by_key(|call| call.time));
    }
}

#[test]
fn texts_differ_where_pieces_do_and_have_their_size() {
    let mut contents: BTreeSet<Content> = BTreeSet::new();
    let mut texts: BTreeMap<String, Content> = BTreeMap::new();
    for call in &estate(&SMALL).calls {
        if matches!(call.prompt, Prompt::Full { .. }) {
            contents.extend(call.blocks().into_iter().map(|block| block.content.clone()));
        }
    }
    for content in &contents {
        let (text, bytes) = match content {
            Content::Tool(tool) => (text::tool(tool, false).to_string(), None),
            Content::Text(_)
            | Content::Guarded(_)
            | Content::ToolResult(..)
            | Content::Passage(..)
            | Content::Json(..)
            | Content::Examples(..) => (text::words(content), None),
            Content::ToolUse(name, piece, _) => {
                let input = text::tool_input(name, piece).to_string();
                let bytes = name.len() + input.len();
                (input, Some(bytes))
            }
        };
        assert_eq!(bytes.unwrap_or(text.len()) as u64, 4 * content.tokens(), "{content:?}");
        // The same piece may be marked here and not there, and a tool asked the same again.
        let content = match content {
            Content::Guarded(piece) => Content::Text(*piece),
            Content::ToolUse(name, piece, _) => Content::ToolUse(name, *piece, 0),
            other => other.clone(),
        };
        if let Some(other) = texts.insert(text, content.clone()).filter(|other| *other != content) {
            panic!("{content:?} and {other:?} have one text");
        }
    }
}

#[test]
fn edits_that_are_not_sold_change_nothing() {
    let whole = estate(&SMALL);
    for edit in [
        RawEdit::Mode { caller: caller("policy-qa"), mode: Mode::Batch },
        RawEdit::Mode { caller: caller("policy-qa"), mode: Mode::Provisioned },
        RawEdit::Routing { caller: caller("agent-desk"), global: true },
        RawEdit::Model { caller: caller("policy-qa"), to: "no.such-model".into() },
        RawEdit::Markers { caller: caller("agent-desk"), placement: Placement::ToolsEnd, ttl: Ttl::FiveMinutes },
        RawEdit::MarkersOff { caller: caller("nobody") },
    ] {
        assert_eq!(whole.edited(&edit).calls, whole.calls, "{edit:?}");
    }
}

#[test]
fn the_other_edits_change_what_they_say() {
    let whole = estate(&SMALL);
    let changed = |edit: RawEdit| whole.edited(&edit).bill().total().pico() - whole.bill().total().pico();
    let app = apps::position("contract-review").expect("an app");
    let of = |estate: &Estate, count: &dyn Fn(&Call) -> u64| -> i128 {
        i128::from(estate.calls.iter().filter(|call| call.app == app).map(count).sum::<u64>())
    };
    // Instructions of 300 tokens to 100: 200 tokens a call less at 4 dollars a million.
    let calls = of(&whole, &|_| 1);
    let shorter = RawEdit::ShortenSegment { caller: caller("contract-review"), block: 0, tokens: 100 };
    assert_eq!(changed(shorter), -200 * calls * 4_000_000);
    // Answers above 250 tokens are cut to 250, at 20 dollars a million.
    let over = of(&whole, &|call| call.answer.tokens().saturating_sub(250));
    assert!(over > 0);
    let capped = RawEdit::CapOutput { caller: caller("contract-review"), tokens: 250 };
    assert_eq!(changed(capped), -over * 20_000_000);
    // The regional price is a tenth higher.
    let (input, output) = (of(&whole, &Call::prompt_tokens), of(&whole, &|call| call.answer.tokens()));
    let regional = RawEdit::Routing { caller: caller("contract-review"), global: false };
    assert_eq!(changed(regional), input * 400_000 + output * 2_000_000);
    // Half price for the desk.
    let desk = apps::position("agent-desk").expect("an app");
    let spent: i128 = whole
        .calls
        .iter()
        .filter(|call| call.app == desk)
        .map(|call| i128::from(call.prompt_tokens()) * 500_000 + i128::from(call.answer.tokens()) * 1_500_000)
        .sum();
    assert_eq!(changed(RawEdit::Mode { caller: caller("agent-desk"), mode: Mode::Flex }), -spent / 2);
}
