//! Prompts that a person can follow: which part of them is new, and what that comes to.

use lode_model::{GuardedSide, Traits};

use super::*;

fn segment(kind: SegmentKind, bytes: u64, tool: Option<&str>) -> Arc<Segment> {
    Arc::new(Segment { kind, hash: 1, bytes, tool: tool.map(Into::into), marker: None, traits: Traits::NONE })
}

#[test]
fn the_newest_turn_is_what_the_user_says_last() {
    use SegmentKind::{Assistant, Media, Retrieved, System, ToolResult, User};
    let all = |kinds: &[(SegmentKind, u64, Option<&str>)]| -> Vec<Arc<Segment>> {
        kinds.iter().map(|(kind, bytes, tool)| segment(*kind, *bytes, *tool)).collect()
    };
    let first = all(&[(System, 9000, None), (User, 500, None)]);
    assert_eq!(newest(&first, Some(500)), Some(500), "a first turn is all there is; a system prompt is not evaluated");
    let third = all(&[
        (User, 400, None),
        (Assistant, 600, None),
        (Retrieved, 300, None),
        (Media, 7000, None),
        (User, 700, None),
    ]);
    assert_eq!(newest(&third, Some(2000)), Some(1000), "passages and images stand in the turn; images are no text");
    assert_eq!(newest(&third, Some(1000)), Some(500), "characters of more than a byte are shared out by bytes");
    assert_eq!(newest(&third, Some(3)), Some(2), "rounded up");
    let chain = all(&[(User, 1000, None), (Assistant, 50, Some("look")), (ToolResult, 5000, Some("look"))]);
    assert_eq!(newest(&chain, Some(1000)), Some(1000), "neither calls of tools nor results are evaluated");
    assert_eq!(newest(&third, None), None);
    assert_eq!(newest(&all(&[(System, 5, None)]), Some(5)), None);
    assert_eq!(newest(&all(&[(User, 0, None)]), Some(5)), None, "nothing to share out");
}

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

/// Two turns of 3,000 bytes and a third of 1,000.
fn prompt() -> Vec<Arc<Segment>> {
    use SegmentKind::{Assistant, User};
    [(User, 3000), (Assistant, 3000), (User, 1000)].map(|(kind, bytes)| segment(kind, bytes, None)).to_vec()
}

#[test]
fn units_are_those_of_the_newest_turn_where_nothing_is_marked() {
    let mut all = GuardrailUse::default();
    all.see(&prompt(), &call(7000, 7, false));
    all.see(&prompt(), &Guarded { selective: true, ..call(1000, 1, true) });
    all.see(&prompt(), &Guarded::default());
    // A count that is not told leaves the units as they are.
    let mut unknown = call(7000, 7, false);
    unknown.input.characters = None;
    all.see(&prompt(), &unknown);
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
