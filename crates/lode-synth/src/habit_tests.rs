//! The habits that no edit of the raw month takes away, call by call; and what the apps of a month are for.

use std::collections::{BTreeMap, BTreeSet};

use crate::apps::{ALL, Task, position};
use crate::call::{Call, Content, Prompt};
use crate::month::DAY;
use crate::prices::{HAIKU, NOVA};
use crate::tests::{SMALL, without};
use crate::{Estate, HabitId, Habits, Options, Usd, estate, shapes, voices};

fn of<'a>(estate: &'a Estate, role: &str) -> Vec<&'a Call> {
    let app = position(role).expect("an app");
    estate.calls.iter().filter(|call| call.app == app).collect()
}

/// What a habit costs at the small scale.
fn saving(id: HabitId) -> i128 {
    (estate(&SMALL).bill().total() - without(id).bill().total()).pico()
}

#[test]
fn pretty_json_costs_its_white_space() {
    let (whole, right) = (estate(&SMALL), without(HabitId::PrettyJson));
    let (before, after) = (of(&whole, "api-types"), of(&right, "api-types"));
    for (before, after) in before.iter().zip(&after) {
        let json = |call: &Call| match call.blocks().last().map(|block| block.content.clone()) {
            Some(Content::Json(piece, indent)) => (piece, indent),
            other => panic!("{other:?}"),
        };
        let ((pretty, indent), (compact, none)) = (json(before), json(after));
        assert_eq!(none, None);
        assert_eq!(pretty.tokens - compact.tokens, shapes::white_tokens(indent.expect("pretty")));
    }
    let indent =
        voices::indent(&crate::call::Piece { role: "api-types", topic: "json", number: 0, tokens: 0, seed: 1 });
    // 4 dollars a million tokens.
    assert_eq!(
        saving(HabitId::PrettyJson),
        before.len() as i128 * i128::from(shapes::white_tokens(indent)) * 4_000_000
    );
}

#[test]
fn examples_cost_the_fifteen_that_are_too_many() {
    let calls = of(&estate(&SMALL), "sql-writer").len() as i128;
    let fifteen = i128::from(shapes::examples_tokens(20) - shapes::examples_tokens(5));
    // Half a dollar a million tokens.
    assert_eq!(saving(HabitId::ManyExamples), calls * fifteen * 500_000);
}

#[test]
fn an_outlier_is_one_in_a_hundred_and_cut_to_the_longest_of_the_others() {
    let options = Options { scale: 100, ..SMALL };
    let whole = estate(&options);
    let right = estate(&Options { habits: Habits::all().without(HabitId::OutlierContexts), ..options });
    let lengths =
        |estate: &Estate| -> Vec<u64> { of(estate, "code-help").iter().map(|call| call.prompt_tokens()).collect() };
    let (before, after) = (lengths(&whole), lengths(&right));
    let (long, usual): (Vec<u64>, Vec<u64>) = before.iter().partition(|tokens| **tokens > 4_000);
    assert!(long.len() >= 20, "{} of {}", long.len(), before.len());
    // The 21st of every hundred.
    assert_eq!(long.len(), (before.len() + 79) / 100);
    assert!(usual.iter().all(|tokens| (3_000..=4_000).contains(tokens)));
    assert!(after.iter().all(|tokens| (3_000..=4_000).contains(tokens)));
    assert!(usual.iter().max() >= Some(&3_990), "some are as long as the cut ones");
    let cut: u64 = long.iter().map(|tokens| tokens - 4_000).sum();
    assert_eq!(before.iter().sum::<u64>() - after.iter().sum::<u64>(), cut);
    let share = 100 * long.iter().sum::<u64>() / before.iter().sum::<u64>();
    assert!((20..=30).contains(&share), "{share} per cent of the input");
}

#[test]
fn a_prompt_is_asked_again_only_after_a_day() {
    let options = Options { scale: 100, ..SMALL };
    let whole = estate(&options);
    let right = estate(&Options { habits: Habits::all().without(HabitId::ExactRepeats), ..options });
    let (before, after) = (of(&whole, "product-pages"), of(&right, "product-pages"));
    // What is not asked was answered within a day, with the same answer; and what is asked was not.
    let mut answered: BTreeMap<&Prompt, (i64, &Content)> = BTreeMap::new();
    let mut made = after.iter();
    for call in &before {
        match answered.get(&call.prompt) {
            Some((time, answer)) if call.time - time <= DAY => assert_eq!(**answer, call.answer),
            _ => {
                assert_eq!(made.next(), Some(call));
                answered.insert(&call.prompt, (call.time, &call.answer));
            }
        }
    }
    assert_eq!(made.next(), None);
    assert!(after.len() * 2 < before.len(), "{} of {}", after.len(), before.len());
    let cost = |calls: &[&Call]| -> i128 {
        let of =
            |call: &&Call| i128::from(call.prompt_tokens()) * 2_000_000 + i128::from(call.answer.tokens()) * 10_000_000;
        calls.iter().map(of).sum()
    };
    assert_eq!((whole.bill().total() - right.bill().total()).pico(), cost(&before) - cost(&after));
    // The twin never asks twice.
    let prompts: BTreeSet<&Prompt> = of(&whole, "product-stories").into_iter().map(|call| &call.prompt).collect();
    assert_eq!(prompts.len(), of(&whole, "product-stories").len());
}

#[test]
fn every_class_has_two_apps_and_every_app_its_class() {
    let truth = estate(&SMALL).truth();
    let mut classes: BTreeMap<Task, usize> = BTreeMap::new();
    for app in &truth.apps {
        *classes.entry(app.class).or_default() += 1;
    }
    for class in [
        Task::Label,
        Task::Extraction,
        Task::Summarisation,
        Task::Question,
        Task::Rewriting,
        Task::Code,
        Task::Generation,
        Task::Agentic,
        Task::Chat,
        Task::Retrieval,
    ] {
        assert!(classes.get(&class).is_some_and(|apps| *apps >= 2), "{class:?}: {classes:?}");
    }
    // All but the two that model units serve.
    assert_eq!(truth.apps.len(), ALL.len() - 2);
    let triage = &truth.apps[0];
    assert_eq!(
        (triage.caller.as_str(), triage.account, triage.region, triage.model, triage.class),
        ("role/ticket-triage", "111111111111", "us-east-1", "anthropic.claude-sonnet-5-5", Task::Label)
    );
    // Logged without bodies is unknown, and only that is.
    let whole = estate(&SMALL);
    for call in &whole.calls {
        let unknown = ALL[call.app].task == Task::Unknown;
        assert_eq!(matches!(call.prompt, Prompt::Counts(_)), unknown, "{}", ALL[call.app].role);
    }
}

#[test]
fn without_habits_modest_work_is_done_by_the_lower_tier() {
    let right = estate(&Options { habits: Habits::none(), ..SMALL });
    let mut dear = BTreeSet::new();
    for call in &right.calls {
        let app = &ALL[call.app];
        let lower = [HAIKU.id, NOVA.id].contains(&call.model.id);
        assert!(lower || !app.task.is_modest(), "{} asks {}", app.role, call.model.id);
        if !lower && app.part == crate::apps::Part::Beside {
            dear.insert(app.task);
        }
    }
    // Beside any habit, some work needs the dear model.
    assert_eq!(dear, BTreeSet::from([Task::Code, Task::Generation, Task::Agentic]));
    // Batch jobs are not logged, and what runs through no unit is on demand.
    let apps: Vec<String> = right.truth().apps.into_iter().map(|app| app.caller).collect();
    assert!(!apps.contains(&"role/nightly-summaries".to_owned()) && apps.contains(&"role/risk-engine".to_owned()));
}

/// Where nothing is to be cached, no beginning that prompts share reaches the minimum of the model.
#[test]
fn new_apps_have_nothing_to_cache() {
    let whole = estate(&Options { habits: Habits::none(), ..SMALL });
    let kept = position("legacy-etl").expect("an app");
    let mut seen: BTreeSet<(&str, &str, Vec<Content>)> = BTreeSet::new();
    for call in whole.calls.iter().filter(|call| call.app > kept) {
        let Some(minimum) = call.model.cache_min else { continue };
        let contents: Vec<Content> = call.blocks().into_iter().map(|block| block.content.clone()).collect();
        for length in 1..=contents.len() {
            let prefix = contents[..length].to_vec();
            if prefix.iter().map(Content::tokens).sum::<u64>() >= minimum {
                let role = ALL[call.app].role;
                assert!(seen.insert((role, call.model.id, prefix)), "{role} repeats {length} blocks");
            }
        }
    }
    assert!(!seen.is_empty());
}

#[test]
fn savings_of_the_new_habits_are_worth_a_look() {
    let truth = estate(&Options { scale: 100, ..SMALL }).truth();
    for id in [
        HabitId::ModestTasks,
        HabitId::PrettyJson,
        HabitId::ExactRepeats,
        HabitId::ManyExamples,
        HabitId::OutlierContexts,
    ] {
        let habit = truth.habits.iter().find(|habit| habit.id == id).expect("planted");
        // Four dollars a month.
        assert!(habit.monthly > Usd::from_pico(4_000_000_000_000), "{id}: {}", habit.monthly);
    }
}
