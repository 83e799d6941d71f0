//! What earlier calls had evaluated already, and what of a prompt is new against it.

use std::collections::BTreeSet;
use std::sync::Arc;

use lode_model::{Guarded, Segment, SegmentKind};

use super::GuardrailUse;

/// What earlier calls of one caller had one guardrail evaluate: hashes of texts, each once, however often it was sent.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Texts of prompts.
    texts: BTreeSet<u128>,
    /// What stood last in prompts whose answer was evaluated too: the answer is not logged by its hash, but it follows
    /// there in the next prompt.
    answered: BTreeSet<u128>,
}

impl Held {
    /// Takes in a call. Of a prompt that marks parts, or whose trace tells no unit, it is not known what was evaluated.
    pub(super) fn take(&mut self, prompt: &[Arc<Segment>], guarded: &Guarded) {
        if guarded.selective || guarded.input.units.is_empty() {
            return;
        }
        self.texts.extend(prompt.iter().filter(|segment| is_evaluated(segment)).map(|segment| segment.hash));
        let (asked, answer) = (&guarded.input.units, &guarded.output.units);
        let is_even = |policy| answer.contains_key(policy) || !asked.contains_key(policy);
        if GuardrailUse::BY_TURN.iter().all(is_even) {
            let last = prompt.iter().rfind(|segment| segment.kind != SegmentKind::Assistant);
            self.answered.extend(last.map(|segment| segment.hash));
        }
    }

    /// Characters of a prompt that are new, of those that were evaluated: shared out by bytes, rounded up. New is the newest
    /// turn, which is what the user says last with the passages beside it, and whatever no earlier call had evaluated: a
    /// client may put documents of its own before the newest turn. `None` where the prompt or the count is not known.
    pub(super) fn newest(&self, prompt: &[Arc<Segment>], characters: Option<u64>) -> Option<u64> {
        let last = prompt.iter().rposition(|segment| is_said(segment))?;
        let turn = prompt.get(..=last)?.iter().rev();
        let turn = turn.take_while(|segment| is_said(segment) || segment.kind == SegmentKind::Media);
        let turn = last + 1 - turn.count()..=last;
        // What stands behind this is the beginning of the answer, not an earlier one.
        let end = prompt.iter().rposition(|segment| segment.kind != SegmentKind::Assistant)?;
        let (mut new, mut all, mut answered) = (0u128, 0u128, false);
        for (place, segment) in prompt.iter().enumerate() {
            if segment.kind != SegmentKind::Assistant {
                answered = self.answered.contains(&segment.hash);
            }
            if is_evaluated(segment) {
                let bytes = u128::from(segment.bytes);
                let is_answer = segment.kind == SegmentKind::Assistant && answered && place < end;
                let is_known = is_answer || self.texts.contains(&segment.hash);
                all += bytes;
                new += if turn.contains(&place) || !is_known { bytes } else { 0 };
            }
        }
        let all = Some(all).filter(|all| *all > 0)?;
        u64::try_from((u128::from(characters?) * new).div_ceil(all)).ok()
    }
}

/// What the user says, and the passages beside it.
fn is_said(segment: &Segment) -> bool {
    matches!(segment.kind, SegmentKind::User | SegmentKind::Retrieved)
}

/// Texts of the messages; neither calls of tools nor their results.
fn is_evaluated(segment: &Segment) -> bool {
    is_said(segment) || segment.kind == SegmentKind::Assistant && segment.tool.is_none()
}

#[cfg(test)]
mod tests {
    use lode_model::{GuardedSide, GuardrailPolicy, Traits};

    use super::*;
    use SegmentKind::{Assistant, Media, Retrieved, System, ToolResult, User};

    /// Kind, name, bytes, tool.
    type Row<'a> = (SegmentKind, u128, u64, Option<&'a str>);

    fn all(rows: &[Row<'_>]) -> Vec<Arc<Segment>> {
        let segment = |&(kind, hash, bytes, tool): &Row<'_>| {
            let tool = tool.map(Into::into);
            Arc::new(Segment { kind, hash, bytes, tool, marker: None, traits: Traits::NONE })
        };
        rows.iter().map(segment).collect()
    }

    /// A call whose prompt was evaluated, and its answer too where `answer`.
    fn call(answer: bool) -> Guarded {
        let units: std::collections::BTreeMap<_, _> = [(GuardrailPolicy::Content, 1)].into();
        let side =
            |on: bool| GuardedSide { units: if on { units.clone() } else { [].into() }, ..GuardedSide::default() };
        Guarded { input: side(true), output: side(answer), ..Guarded::default() }
    }

    fn after(prompts: &[(&[Row<'_>], Guarded)]) -> Held {
        let mut held = Held::default();
        prompts.iter().for_each(|(prompt, guarded)| held.take(&all(prompt), guarded));
        held
    }

    const FIRST: [Row<'_>; 1] = [(User, 1, 400, None)];
    const SECOND: [Row<'_>; 5] = [
        (User, 1, 400, None),
        (Assistant, 2, 600, None),
        (Retrieved, 3, 300, None),
        (Media, 4, 7000, None),
        (User, 5, 700, None),
    ];

    #[test]
    fn history_is_what_an_earlier_call_had_evaluated() {
        let second = all(&SECOND);
        let held = after(&[(&FIRST, call(true))]);
        assert_eq!(held.newest(&second, Some(2000)), Some(1000), "passages stand in the turn; images are no text");
        assert_eq!(
            held.newest(&second, Some(1000)),
            Some(500),
            "characters of more than a byte are shared out by bytes"
        );
        assert_eq!(held.newest(&second, Some(3)), Some(2), "rounded up");
        assert_eq!(held.newest(&second, None), None);
        assert_eq!(Held::default().newest(&second, Some(2000)), Some(2000), "turns that no call held before are new");
        let unanswered = after(&[(&FIRST, call(false))]);
        assert_eq!(unanswered.newest(&second, Some(2000)), Some(1600), "an answer that was not evaluated is new");
        let again = after(&[(&FIRST, call(false)), (&SECOND, call(false))]);
        assert_eq!(again.newest(&second, Some(2000)), Some(1000), "until a prompt held it; the newest turn always is");
        for unknown in [Guarded { selective: true, ..call(true) }, Guarded::default()] {
            let held = after(&[(&FIRST, unknown)]);
            assert_eq!(held.newest(&second, Some(2000)), Some(2000), "what was evaluated then is not known");
        }
    }

    #[test]
    fn a_document_before_the_newest_turn_is_new() {
        // A client hands over a document, makes up the answer "Understood." and asks: the same words round another document.
        let ask = |document| [(User, document, 9600, None), (Assistant, 2, 100, None), (User, 3, 300, None)];
        let held = after(&[(&ask(10), call(true)), (&ask(11), call(true))]);
        assert_eq!(held.newest(&all(&ask(12)), Some(10_000)), Some(9_900), "all but the words made up");
        assert_eq!(held.newest(&all(&ask(11)), Some(10_000)), Some(300), "a document that was sent before");
    }

    #[test]
    fn tools_and_instructions_are_not_evaluated() {
        let none = Held::default();
        let first = all(&[(System, 1, 9000, None), (User, 2, 500, None)]);
        assert_eq!(none.newest(&first, Some(500)), Some(500), "a first turn is all there is");
        let chain = [(User, 1, 1000, None), (Assistant, 2, 50, Some("look")), (ToolResult, 3, 5000, Some("look"))];
        assert_eq!(none.newest(&all(&chain), Some(1000)), Some(1000), "neither calls of tools nor results");
        let mut next = chain.to_vec();
        next.extend([(Assistant, 4, 1000, None), (User, 5, 2000, None)]);
        let held = after(&[(&chain, call(true))]);
        assert_eq!(held.newest(&all(&next), Some(4000)), Some(2000), "an answer that follows a result");
        next.push((Assistant, 6, 1000, None));
        let held = after(&[(&chain, call(true)), (&[(User, 5, 2000, None)], call(true))]);
        assert_eq!(
            held.newest(&all(&next), Some(5000)),
            Some(3000),
            "the beginning of an answer is not an earlier one"
        );
        assert_eq!(none.newest(&all(&[(System, 1, 5, None)]), Some(5)), None);
        assert_eq!(none.newest(&all(&[(User, 1, 0, None)]), Some(5)), None, "nothing to share out");
    }
}
