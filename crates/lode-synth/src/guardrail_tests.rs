//! Guarded calls: what is evaluated of them, by hand; what their records say; and that the bill has the same.

use std::collections::BTreeMap;

use crate::apps::{ALL, position};
use crate::call::{Call, Content, Prompt};
use crate::guardrails::{RAILS, characters, units};
use crate::record::record;
use crate::tests::{SMALL, without};
use crate::{Class, Estate, HabitId, estate, text};

fn of<'a>(estate: &'a Estate, role: &str) -> Vec<&'a Call> {
    let app = position(role).expect("an app");
    estate.calls.iter().filter(|call| call.app == app).collect()
}

fn saving(id: HabitId) -> i128 {
    (estate(&SMALL).bill().total() - without(id).bill().total()).pico()
}

fn output_units(call: &Call) -> i128 {
    i128::from((call.answer.tokens() * 4).div_ceil(1_000))
}

#[test]
fn a_unit_is_a_thousand_characters_rounded_up() {
    assert_eq!([0, 1, 1_000, 1_001, 2_500].map(units), [0, 1, 1, 2, 3]);
}

#[test]
fn a_conversation_is_evaluated_whole_or_from_what_was_said_last() {
    let (whole, right) = (estate(&SMALL), without(HabitId::GuardedHistory));
    let (before, after) = (of(&whole, "claims-chat"), of(&right, "claims-chat"));
    assert!(before.len() > 60, "{}", before.len());
    let mut by_hand = 0;
    for (before, after) in before.iter().zip(&after) {
        let Prompt::Full { messages, .. } = &before.prompt else { panic!("a body") };
        assert!(messages.len() <= 7);
        let tokens = |messages: &[crate::call::Message]| -> u64 {
            messages.iter().flat_map(|message| &message.blocks).map(|block| block.content.tokens()).sum()
        };
        let (all, newest) = (4 * tokens(messages), 4 * tokens(&messages[messages.len() - 1..]));
        assert_eq!((characters(before).0, characters(after).0), (all, newest));
        by_hand += i128::from(all.div_ceil(1_000)) - i128::from(newest.div_ceil(1_000));
    }
    // Three policies at 0.15, 0.15 and 0.10 USD a thousand units; the answers are evaluated all the same.
    assert_eq!(saving(HabitId::GuardedHistory), by_hand * 400_000_000);
}

#[test]
fn an_idle_policy_and_plain_kinds_cost_their_units_on_both_sides() {
    let whole = estate(&SMALL);
    let units_of = |role: &str| -> i128 {
        let of = |call: &&Call| i128::from(characters(call).0.div_ceil(1_000)) + output_units(call);
        of_calls(&whole, role).iter().map(of).sum()
    };
    assert_eq!(saving(HabitId::IdlePolicy), units_of("letter-digest") * 150_000_000);
    assert_eq!(saving(HabitId::PiiByModel), units_of("call-notes") * 100_000_000);
    let right = without(HabitId::PiiByModel).bill();
    assert_eq!(i128::from(right.quantity(Class::GuardrailRegexUnit)), units_of("call-notes"));
}

fn of_calls<'a>(estate: &'a Estate, role: &str) -> Vec<&'a Call> {
    of(estate, role)
}

/// Every policy finds something on both sides, even in the smallest month, but the idle one.
#[test]
fn records_say_what_is_billed_and_what_was_found() {
    let month = estate(&crate::Options { scale: 1, ..SMALL });
    let mut counted: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut found: BTreeMap<(&str, &str, bool), u64> = BTreeMap::new();
    for (call, split) in month.calls.iter().zip(crate::bill::splits(&month.calls)) {
        let Some(guard) = &call.guard else { continue };
        let record: serde_json::Value =
            serde_json::from_str(&record(call, &split, 1, "s3://example").line).expect("a record");
        let trace = &record["output"]["outputBodyJson"]["trace"]["guardrail"];
        let id = guard.rail.path.trim_start_matches("guardrail/");
        assert_eq!(record["input"]["inputBodyJson"]["guardrailConfig"]["guardrailIdentifier"], id);
        let sides = [(&trace["inputAssessment"][id], false), (&trace["outputAssessments"][id][0], true)];
        for (side, answer) in sides {
            let usage = &side["invocationMetrics"]["usage"];
            for name in [
                "contentPolicyUnits",
                "topicPolicyUnits",
                "sensitiveInformationPolicyUnits",
                "sensitiveInformationPolicyFreeUnits",
            ] {
                *counted.entry((id, name)).or_default() += usage[name].as_u64().expect("units");
            }
            for (name, list) in
                [("contentPolicy", "filters"), ("topicPolicy", "topics"), ("sensitiveInformationPolicy", "piiEntities")]
            {
                let items = side[name][list].as_array().map_or(0, Vec::len);
                *found.entry((id, name, answer)).or_default() += items as u64;
            }
        }
    }
    for rail in &RAILS {
        let id = rail.path.trim_start_matches("guardrail/");
        for (name, policy, class) in [
            ("contentPolicyUnits", "contentPolicy", Class::GuardrailContentUnit),
            ("topicPolicyUnits", "topicPolicy", Class::GuardrailTopicUnit),
            ("sensitiveInformationPolicyUnits", "sensitiveInformationPolicy", Class::GuardrailEntityUnit),
        ] {
            let rows = month.bill().rows;
            let its = rows.iter().filter(|row| row.resource == Some(rail.path) && row.class == class);
            let billed: u64 = its.map(|row| row.quantity).sum();
            assert_eq!(counted[&(id, name)], billed, "{id} {name}");
            let idle = billed == 0 || (id == "letter000001" && policy == "topicPolicy");
            for answer in [false, true] {
                assert_eq!(found[&(id, policy, answer)] == 0, idle, "{id} {policy} {answer}");
            }
        }
    }
}

/// Characters are bytes only where no letter has more of them.
#[test]
fn guarded_texts_are_of_plain_letters() {
    for seed in 1..9 {
        let month = estate(&crate::Options { seed, scale: 1, ..SMALL });
        for call in month.calls.iter().filter(|call| call.guard.is_some()) {
            for content in call.blocks().into_iter().map(|block| &block.content).chain([&call.answer]) {
                if let Content::Text(_) | Content::Guarded(_) = content {
                    assert!(text::words(content).is_ascii(), "{}", ALL[call.app].role);
                }
            }
        }
    }
}
