//! Guardrails: what they are set up to look for, what they evaluate of a call, and what the trace in its record says.
//!
//! Billing (AWS' guardrails pricing and user guide, copies of 2026-10): a text unit is up to 1,000 characters, rounded up
//! for each evaluation and policy; prompt and answer are one evaluation each. Of a prompt all messages are evaluated, those
//! of earlier turns again, unless some of it is marked as `guardContent`: then that alone. Neither the system prompt nor
//! tool results are. Regular expressions cost nothing. Characters are bytes here: guarded apps write plain letters.

use serde_json::{Map, Value, json};

use crate::Estate;
use crate::apps::{MEMBER, OTHER, PAYER, Part, REGION};
use crate::bill::Class;
use crate::call::{BYTES_PER_TOKEN, Call, Content, Prompt};
use crate::cur::arn;
use crate::habits::HabitId as H;

/// What a guardrail looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Policy {
    /// Harmful content.
    Content,
    /// Denied topics.
    Topic,
    /// Personal data, by kind.
    Entities,
    /// Personal data, by regular expression.
    Regexes,
}

impl Policy {
    /// What the bill counts of it.
    pub(crate) const fn class(self) -> Class {
        match self {
            Self::Content => Class::GuardrailContentUnit,
            Self::Topic => Class::GuardrailTopicUnit,
            Self::Entities => Class::GuardrailEntityUnit,
            Self::Regexes => Class::GuardrailRegexUnit,
        }
    }
}

/// One guardrail.
pub(crate) struct Rail {
    /// Path of its ARN.
    pub path: &'static str,
    pub name: &'static str,
    pub account: &'static str,
    pub part: Part,
    /// With the habit of its part, or as a twin.
    policies: &'static [Policy],
    /// Without.
    right: &'static [Policy],
    /// Kinds of personal data.
    entities: &'static [&'static str],
}

use Policy::{Content as Harm, Entities, Regexes, Topic};

const PLAIN: &[&str] = &["EMAIL", "PHONE", "CREDIT_DEBIT_CARD_NUMBER"];
const NAMES: &[&str] = &["NAME", "ADDRESS", "EMAIL"];
/// What the kinds of [`PLAIN`] look like.
const PATTERNS: [(&str, &str); 3] =
    [("e-mail", r"[\w.+-]+@[\w-]+\.[\w.]+"), ("phone", r"\+?\d[\d /-]{6,}\d"), ("card", r"\b(?:\d[ -]?){13,19}\b")];

const fn rail(path: &'static str, name: &'static str, account: &'static str, part: Part) -> Rail {
    Rail { path, name, account, part, policies: &[Harm, Topic], right: &[Harm, Topic], entities: &[] }
}

/// Every guardrail, each of one app.
pub(crate) static RAILS: [Rail; 6] = [
    Rail {
        policies: &[Harm, Topic, Entities],
        right: &[Harm, Topic, Entities],
        entities: NAMES,
        ..rail("guardrail/claims000001", "claims", PAYER, Part::Has(H::GuardedHistory))
    },
    Rail {
        policies: &[Harm, Topic, Entities],
        right: &[Harm, Topic, Entities],
        entities: NAMES,
        ..rail("guardrail/claims000002", "claims-marked", PAYER, Part::TwinOf(H::GuardedHistory))
    },
    Rail { right: &[Harm], ..rail("guardrail/letter000001", "letters", MEMBER, Part::Has(H::IdlePolicy)) },
    rail("guardrail/letter000002", "digests", MEMBER, Part::TwinOf(H::IdlePolicy)),
    Rail {
        policies: &[Entities],
        right: &[Regexes],
        entities: PLAIN,
        ..rail("guardrail/notes0000001", "notes", OTHER, Part::Has(H::PiiByModel))
    },
    Rail {
        policies: &[Entities],
        right: &[Entities],
        entities: NAMES,
        ..rail("guardrail/notes0000002", "minutes", OTHER, Part::TwinOf(H::PiiByModel))
    },
];

impl Rail {
    const fn policies(&self, habit: bool) -> &'static [Policy] {
        if habit || matches!(self.part, Part::TwinOf(_)) { self.policies } else { self.right }
    }

    pub(crate) fn arn(&self) -> String {
        arn(self.account, REGION, self.path)
    }

    fn id(&self) -> &'static str {
        self.path.trim_start_matches("guardrail/")
    }

    /// Whether a policy finds something on a side of a call. Each does now and then, on both sides; one that is idle
    /// never.
    fn finds(&self, policy: Policy, number: u64, answer: bool) -> bool {
        if self.part == Part::Has(H::IdlePolicy) && policy == Topic {
            return false;
        }
        // Regular expressions find what the kinds found.
        let place = match policy {
            Harm => 3,
            Topic => 5,
            Entities | Regexes => 7,
        };
        number % 20 == place + u64::from(answer)
    }
}

/// The guardrail of a part, and its policies with or without the habit.
pub(crate) fn of_part(part: Part, habit: bool) -> Option<Guard> {
    let rail = RAILS.iter().find(|rail| rail.part == part)?;
    Some(Guard { rail, policies: rail.policies(habit) })
}

/// What guards a call.
#[derive(Clone, Copy)]
pub(crate) struct Guard {
    pub rail: &'static Rail,
    pub policies: &'static [Policy],
}

impl PartialEq for Guard {
    fn eq(&self, other: &Self) -> bool {
        self.rail.path == other.rail.path && self.policies == other.policies
    }
}

impl Eq for Guard {}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.rail.path, self.policies)
    }
}

/// Characters of the prompt and of the answer that are evaluated.
pub(crate) fn characters(call: &Call) -> (u64, u64) {
    let Prompt::Full { messages, .. } = &call.prompt else { return (0, 0) };
    let blocks = || messages.iter().flat_map(|message| &message.blocks).map(|block| &block.content);
    let tokens = |of: fn(&Content) -> bool| blocks().filter(|content| of(content)).map(Content::tokens).sum::<u64>();
    let marked = tokens(|content| matches!(content, Content::Guarded(_)));
    let all = tokens(|content| matches!(content, Content::Text(_)));
    let asked = if marked > 0 { marked } else { all };
    (asked * BYTES_PER_TOKEN, call.answer.tokens() * BYTES_PER_TOKEN)
}

/// Text units of one evaluation.
pub(crate) const fn units(characters: u64) -> u64 {
    characters.div_ceil(1_000)
}

/// `guardrailConfig` of a request.
pub(crate) fn config(guard: &Guard) -> Value {
    json!({"guardrailIdentifier": guard.rail.id(), "guardrailVersion": "1", "trace": "enabled"})
}

/// `trace` of an answer.
pub(crate) fn trace(guard: &Guard, call: &Call) -> Value {
    let (asked, answered) = characters(call);
    let total = call.prompt_tokens() * BYTES_PER_TOKEN;
    let of = |characters, total, answer| assessment(guard, (characters, total), call.number, answer);
    let id = guard.rail.id();
    let named = |value: Value| Value::Object(Map::from_iter([(id.to_owned(), value)]));
    json!({"guardrail": {
        "inputAssessment": named(of(asked, total, false)),
        "outputAssessments": named(json!([of(answered, answered, true)])),
    }})
}

fn assessment(guard: &Guard, (characters, total): (u64, u64), number: u64, answer: bool) -> Value {
    let units = units(characters);
    let of = |policy| if guard.policies.contains(&policy) { units } else { 0 };
    let finds = |policy| guard.policies.contains(&policy) && guard.rail.finds(policy, number, answer);
    let mut value = json!({"invocationMetrics": {
        "guardrailCoverage": {"textCharacters": {"guarded": characters, "total": total}},
        "guardrailProcessingLatency": 240 + units,
        "usage": {
            "automatedReasoningPolicies": 0,
            "automatedReasoningPolicyUnits": 0,
            "contentPolicyImageUnits": 0,
            "contentPolicyUnits": of(Harm),
            "contextualGroundingPolicyUnits": 0,
            "sensitiveInformationPolicyFreeUnits": of(Regexes),
            "sensitiveInformationPolicyUnits": of(Entities),
            "topicPolicyUnits": of(Topic),
            "wordPolicyUnits": 0,
        },
    }});
    if finds(Harm) {
        let found = json!({"action": "NONE", "confidence": "LOW", "detected": true, "filterStrength": "LOW", "type": "INSULTS"});
        value["contentPolicy"] = json!({"filters": [found]});
    }
    if finds(Topic) {
        let found = json!({"action": "NONE", "detected": true, "name": "legal advice", "type": "DENY"});
        value["topicPolicy"] = json!({"topics": [found]});
    }
    let kind = guard.rail.entities.first().copied().unwrap_or("NAME");
    if finds(Entities) {
        let found = json!({"action": "NONE", "detected": true, "match": "someone@example.com", "type": kind});
        value["sensitiveInformationPolicy"] = json!({"piiEntities": [found], "regexes": []});
    }
    if finds(Regexes) {
        let (name, regex) = PATTERNS[0];
        let found =
            json!({"action": "NONE", "detected": true, "match": "someone@example.com", "name": name, "regex": regex});
        value["sensitiveInformationPolicy"] = json!({"piiEntities": [], "regexes": [found]});
    }
    value
}

/// What `get-guardrail` says, account by account: path of the file, and content. Everything is only told of, nothing
/// blocked: answers and prompts stay as they are.
pub(crate) fn inventory(estate: &Estate) -> Vec<(String, Value)> {
    let on = |part: Part| matches!(part, Part::Has(habit) if estate.options.habits.has(habit));
    let of = |account: &str| {
        let its = RAILS.iter().filter(|rail| rail.account == account);
        let described = its.map(|rail| describe(rail, rail.policies(on(rail.part)))).collect();
        (format!("inventory/{account}/{REGION}/get-guardrail.json"), described)
    };
    [PAYER, MEMBER, OTHER].map(of).to_vec()
}

fn describe(rail: &Rail, policies: &[Policy]) -> Value {
    let sides = json!({"inputAction": "NONE", "inputEnabled": true, "outputAction": "NONE", "outputEnabled": true});
    let with = |mut value: Value| {
        if let (Some(value), Some(sides)) = (value.as_object_mut(), sides.as_object()) {
            value.extend(sides.clone());
        }
        value
    };
    let mut value = json!({
        "blockedInputMessaging": "This cannot be answered.",
        "blockedOutputsMessaging": "This cannot be answered.",
        "createdAt": "2026-09-15T09:00:00+00:00",
        "guardrailArn": rail.arn(),
        "guardrailId": rail.id(),
        "name": rail.name,
        "status": "READY",
        "updatedAt": "2026-09-15T09:00:00+00:00",
        "version": "1",
    });
    if policies.contains(&Harm) {
        let filters = ["HATE", "INSULTS", "VIOLENCE"]
            .map(|kind| with(json!({"inputStrength": "LOW", "outputStrength": "LOW", "type": kind})));
        value["contentPolicy"] = json!({"filters": filters});
    }
    if policies.contains(&Topic) {
        let topic = json!({"definition": "Advice on what the law says.", "name": "legal advice", "type": "DENY"});
        value["topicPolicy"] = json!({"topics": [with(topic)]});
    }
    let entities = || rail.entities.iter().map(|kind| with(json!({"action": "ANONYMIZE", "type": kind})));
    let regexes = || {
        let named = |(name, pattern)| with(json!({"action": "ANONYMIZE", "name": name, "pattern": pattern}));
        PATTERNS.into_iter().map(named)
    };
    if policies.contains(&Entities) {
        value["sensitiveInformationPolicy"] = json!({"piiEntities": entities().collect::<Vec<_>>(), "regexes": []});
    }
    if policies.contains(&Regexes) {
        value["sensitiveInformationPolicy"] = json!({"piiEntities": [], "regexes": regexes().collect::<Vec<_>>()});
    }
    value
}
