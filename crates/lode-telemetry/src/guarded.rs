//! What a guardrail evaluated of a call: the trace that an answer carries, and what the request says of its guardrail.
//!
//! Shapes: AWS API model of bedrock-runtime (`GuardrailTraceAssessment`, `GuardrailAssessment`), User Guide, guardrails-use-
//! invoke-model-operations and guardrails-use-converse-api (copies of 2026-10), and delivered records. Assessments stand in
//! objects by guardrail and in lists, in either order; both are read. No text of either side is kept, only counts, the names
//! of policies and the guardrail's id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{Guarded, GuardedSide, GuardrailPolicy};
use lode_scan::{Kind, Value};

use crate::answer::word;
use crate::count::told;
use crate::json::{list, text_of};
use crate::segments::Names;

/// Counters of a side's units (AWS API model, `GuardrailUsage`).
const UNITS: [(&str, GuardrailPolicy); 8] = [
    ("contentPolicyUnits", GuardrailPolicy::Content),
    ("contentPolicyImageUnits", GuardrailPolicy::ContentImages),
    ("topicPolicyUnits", GuardrailPolicy::Topic),
    ("wordPolicyUnits", GuardrailPolicy::Word),
    ("sensitiveInformationPolicyUnits", GuardrailPolicy::SensitiveEntities),
    ("sensitiveInformationPolicyFreeUnits", GuardrailPolicy::SensitiveRegexes),
    ("contextualGroundingPolicyUnits", GuardrailPolicy::Grounding),
    ("automatedReasoningPolicyUnits", GuardrailPolicy::Reasoning),
];

/// Where a policy tells what it found: its block, and a list in it.
const FOUND: [(&str, &str, GuardrailPolicy); 7] = [
    ("contentPolicy", "filters", GuardrailPolicy::Content),
    ("topicPolicy", "topics", GuardrailPolicy::Topic),
    ("wordPolicy", "customWords", GuardrailPolicy::Word),
    ("wordPolicy", "managedWordLists", GuardrailPolicy::Word),
    ("sensitiveInformationPolicy", "piiEntities", GuardrailPolicy::SensitiveEntities),
    ("sensitiveInformationPolicy", "regexes", GuardrailPolicy::SensitiveRegexes),
    ("contextualGroundingPolicy", "filters", GuardrailPolicy::Grounding),
];

/// What only an assessment holds.
const PARTS: [&str; 7] = [
    "invocationMetrics",
    "contentPolicy",
    "topicPolicy",
    "wordPolicy",
    "sensitiveInformationPolicy",
    "contextualGroundingPolicy",
    "automatedReasoningPolicy",
];

/// How deep assessments may stand in objects and lists.
const DEEPEST: u8 = 4;

/// What a request says of its guardrail.
#[derive(Default)]
pub(crate) struct Asked {
    /// Whether it names one.
    pub(crate) has_guardrail: bool,
    /// Its id, where that is a word.
    pub(crate) id: Option<Arc<str>>,
    /// Whether parts of the prompt are marked.
    pub(crate) selective: bool,
}

/// Reads what a request says: Converse' `guardrailConfig` and the tags of `amazon-bedrock-guardrailConfig`.
pub(crate) fn asked(converse: Option<Value<'_>>, invoke: Option<Value<'_>>, names: &mut Names) -> Asked {
    let id = converse.and_then(|config| text_of(config, "guardrailIdentifier"));
    let tag = invoke.and_then(|config| text_of(config, "tagSuffix"));
    Asked {
        has_guardrail: converse.into_iter().chain(invoke).any(Value::is_object),
        id: id.and_then(|id| id_of(&id.get()).map(|id| names.get(id))),
        selective: tag.is_some_and(|tag| !tag.is_empty()),
    }
}

/// What an answer tells of its guardrail, in all its events.
#[derive(Default)]
pub(crate) struct Assessed {
    input: GuardedSide,
    output: GuardedSide,
    ids: BTreeSet<Arc<str>>,
    intervened: bool,
    any: bool,
}

impl Assessed {
    /// A trace of Converse or of `InvokeModel`. Events of a stream repeat the prompt's side, and each tells of its own part of
    /// the answer: of the former the first counts, of the latter all.
    pub(crate) fn see_trace(&mut self, trace: Value<'_>, names: &mut Names) {
        let Some(guardrail) = trace.get("guardrail").filter(|guardrail| guardrail.is_object()) else { return };
        self.any = true;
        let [converse, invoke, outputs, invoke_outputs] =
            guardrail.pick(["inputAssessment", "input", "outputAssessments", "outputs"]);
        let mut input = GuardedSide::default();
        for assessments in [converse, invoke].into_iter().flatten() {
            self.read(assessments, None, &mut input, names, DEEPEST);
        }
        if self.input == GuardedSide::default() {
            self.input = input;
        }
        let mut output = std::mem::take(&mut self.output);
        for assessments in [outputs, invoke_outputs].into_iter().flatten() {
            self.read(assessments, None, &mut output, names, DEEPEST);
        }
        self.output = output;
    }

    /// `amazon-bedrock-guardrailAction`: there where a guardrail was named.
    pub(crate) fn see_action(&mut self, action: Value<'_>) {
        let Some(action) = action.text() else { return };
        self.any = true;
        self.intervened |= action.is("INTERVENED");
    }

    /// Assessments, however they are grouped. `name` is the key under which they stand: in the end the guardrail's id.
    fn read(&mut self, value: Value<'_>, name: Option<&str>, side: &mut GuardedSide, names: &mut Names, deep: u8) {
        if deep == 0 {
            return;
        }
        match value.kind() {
            Kind::Array => value.items().for_each(|item| self.read(item, name, side, names, deep - 1)),
            Kind::Object if value.pick(PARTS).iter().any(Option::is_some) => {
                let own = value.get("appliedGuardrailDetails").and_then(|applied| text_of(applied, "guardrailId"));
                let own = own.map(lode_scan::Text::get);
                let id = own.as_deref().or(name).and_then(id_of);
                self.ids.extend(id.map(|id| names.get(id)));
                self.intervened |= assess(value, side);
            }
            Kind::Object => {
                for (key, value) in value.entries() {
                    self.read(value, Some(&key.get()), side, names, deep - 1);
                }
            }
            _ => {}
        }
    }

    /// What request and answer tell together; `None` where neither tells of a guardrail.
    pub(crate) fn with(self, asked: &Asked, stop_reason: Option<&str>) -> Option<Guarded> {
        let stopped = stop_reason == Some("guardrail_intervened");
        if !self.any && !asked.has_guardrail && !stopped {
            return None;
        }
        // Of several guardrails nothing tells which units are whose.
        let only = if self.ids.len() == 1 { self.ids.first().cloned() } else { None };
        let named = asked.id.clone().filter(|_| self.ids.len() <= 1);
        Some(Guarded {
            guardrail: only.or(named),
            input: self.input,
            output: self.output,
            intervened: self.intervened || stopped,
            selective: asked.selective,
        })
    }
}

/// Adds one assessment to its side; says whether the guardrail took something out or blocked it.
fn assess(assessment: Value<'_>, side: &mut GuardedSide) -> bool {
    let metrics = assessment.get("invocationMetrics");
    let mut images = false;
    if let Some(usage) = metrics.and_then(|metrics| metrics.get("usage")) {
        for (key, policy) in UNITS {
            let units = told(usage, [key]).filter(|units| *units > 0);
            images |= policy == GuardrailPolicy::ContentImages && units.is_some();
            add(&mut side.units, policy, units);
        }
    }
    let coverage = metrics.and_then(|metrics| metrics.get("guardrailCoverage"));
    let characters = coverage.and_then(|coverage| coverage.get("textCharacters"));
    if let Some(guarded) = characters.and_then(|characters| told(characters, ["guarded"])) {
        side.characters = Some(side.characters.unwrap_or_default().saturating_add(guarded));
    }
    let mut intervened = false;
    for (block, entries, policy) in FOUND {
        for entry in list(assessment.get(block).and_then(|block| block.get(entries))) {
            let [action, detected] = entry.pick(["action", "detected"]);
            let acted = action.and_then(Value::text).map(|action| !action.is("NONE"));
            intervened |= acted == Some(true);
            // Older records list what matched and nothing else; newer ones say of each whether it was detected.
            let detected = detected.map(|detected| detected.kind() == Kind::True);
            if acted == Some(true) || detected.or(acted).unwrap_or(true) {
                side.found.insert(policy);
                if policy == GuardrailPolicy::Content && images {
                    // A filter does not say which of the two it saw.
                    side.found.insert(GuardrailPolicy::ContentImages);
                }
            }
        }
    }
    let findings = assessment.get("automatedReasoningPolicy").and_then(|policy| policy.get("findings"));
    let holds = |key: &str| matches!(key, "valid" | "noTranslations");
    if list(findings).any(|finding| finding.entries().any(|(key, _)| !holds(&key.get()))) {
        side.found.insert(GuardrailPolicy::Reasoning);
    }
    intervened
}

fn add(units: &mut BTreeMap<GuardrailPolicy, u64>, policy: GuardrailPolicy, more: Option<u64>) {
    if let Some(more) = more {
        let units = units.entry(policy).or_default();
        *units = units.saturating_add(more);
    }
}

/// The id of a guardrail that is named by id or ARN, with or without a version; `None` of what is no word.
fn id_of(name: &str) -> Option<&str> {
    let resource = name.rsplit_once('/').map_or(name, |(_, id)| id);
    word(resource.split_once(':').map_or(resource, |(id, _)| id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guardrail_has_one_id_however_it_is_named() {
        for name in ["g1", "g1:3", "arn:aws:bedrock:us-east-1:111111111111:guardrail/g1"] {
            assert_eq!(id_of(name), Some("g1"), "{name}");
        }
        assert_eq!(id_of("what somebody wrote"), None);
        assert_eq!(id_of(""), None);
    }
}
