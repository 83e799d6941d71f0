//! Prompts that a person can follow: which part of them is new, and what that comes to.

use lode_model::{GuardedSide, SegmentKind, Traits};

use super::*;

fn call(characters: u64, units: u64, found: bool) -> Guarded {
    let policies = [GuardrailPolicy::Content, GuardrailPolicy::Word];
    Guarded {
        input: GuardedSide {
            units: policies.iter().map(|policy| (*policy, units)).collect(),
            characters: Some(characters),
            found: policies.iter().copied().filter(|_| found).collect(),
        },
        output: GuardedSide { units: [(GuardrailPolicy::Content, 1)].into(), ..GuardedSide::default() },
        ..Guarded::default()
    }
}

/// A question of 3,000 bytes, an answer of as many, and a question of 1,000.
fn prompt() -> Vec<Arc<Segment>> {
    use SegmentKind::{Assistant, User};
    [(User, 3000), (Assistant, 3000), (User, 1000)]
        .iter()
        .zip(1..)
        .map(|(&(kind, bytes), hash)| {
            Arc::new(Segment { kind, hash, bytes, tool: None, marker: None, traits: Traits::NONE })
        })
        .collect()
}

#[test]
fn units_are_those_of_the_newest_turn_where_nothing_is_marked() {
    let mut all = GuardrailUse::default();
    let mut held = Held::default();
    held.take(&prompt()[..1], &call(3000, 3, false));
    all.see(&held, &prompt(), &call(7000, 7, false));
    all.see(&held, &prompt(), &Guarded { selective: true, ..call(1000, 1, true) });
    all.see(&held, &prompt(), &Guarded::default());
    // A count that is not told leaves the units as they are.
    let mut unknown = call(7000, 7, false);
    unknown.input.characters = None;
    all.see(&held, &prompt(), &unknown);
    assert_eq!((all.calls, all.untold, all.marked, all.characters, all.newest), (3, 1, 1, 7000, 1000));
    let content = all.policies[&GuardrailPolicy::Content];
    assert_eq!(content.prompts, SideUse { evaluations: 3, units: 15, found: 1 });
    assert_eq!(content.answers, SideUse { evaluations: 3, units: 3, found: 0 });
    assert_eq!(content.newest, 1 + 1 + 7);
    assert_eq!((content.units(), content.evaluations(), content.found()), (18, 6, 1));
    let words = all.policies[&GuardrailPolicy::Word];
    assert_eq!((words.prompts.units, words.newest), (15, 15), "words may see all of it");
}

#[test]
fn a_resource_names_its_guardrail_by_its_arn() {
    let id = |text: &str| guardrail_id(&ResourceId::from(text)).map(str::to_owned);
    assert_eq!(id("arn:aws:bedrock:us-east-1:111111111111:guardrail/g1").as_deref(), Some("g1"));
    assert_eq!(id("arn:aws:bedrock:us-east-1:111111111111:guardrail/g1:2").as_deref(), Some("g1"));
    assert_eq!(id("guardrails"), None);
}
