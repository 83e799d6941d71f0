//! What a group of calls asks for: rules with named clauses, first match first.
//!
//! The calls of a group begin alike and have one pricing mode. What one call looks like flickers (an answer happens
//! to be short, a document mentions translation), so a group is judged by shares of its calls. Thresholds are Lode's
//! own (2026-11): no source of published ones is known. Tools, pictures and passages are seen in each prompt and need
//! no rule; `cohorts` looks at them first.
//!
//! Pure: shapes in, a form and its reasons out. It knows no prices, no bill and no text.

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_model::{Ask, OutputForm, Request, SegmentKind, TaskForm};
use lode_sim::{Told, ToldClause};

/// Answers of up to so many tokens are short: a word, a number, a yes or no.
const SHORT: u64 = 20;
/// An answer of an earlier turn that stands in nine of ten calls is an example, not a turn…
const EXAMPLE_SHARE: f64 = 0.9;
/// … where there are at least so many calls.
const EXAMPLE_CALLS: usize = 10;

/// What a group's calls are measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    /// Share of the answers that are short.
    Short,
    /// Share of the answers of this form.
    Form(OutputForm),
    /// Tokens an answer, on average.
    Mean,
    /// Tokens a prompt, on average.
    Prompt,
    /// Tokens of the answers against those of what users and retrieval sent for them.
    OfGiven,
    /// Share of the calls whose instructions ask for this.
    Asks(Ask),
    /// Share of the calls with earlier turns of a conversation.
    Turns,
    /// Share of the calls of which neither prompt nor answer was logged.
    Unseen,
}

impl Signal {
    fn name(self) -> String {
        match self {
            Self::Short => "answers.short_share".to_owned(),
            Self::Form(form) => format!("answers.{}_share", form.as_str().replace('-', "_")),
            Self::Mean => "answers.mean_tokens".to_owned(),
            Self::Prompt => "prompts.mean_tokens".to_owned(),
            Self::OfGiven => "answers.of_given".to_owned(),
            Self::Asks(ask) => format!("instructions.{}_share", ask.as_str()),
            Self::Turns => "prompts.earlier_turns_share".to_owned(),
            Self::Unseen => "calls.unseen_share".to_owned(),
        }
    }
}

/// One condition of a rule.
#[derive(Clone, Copy, Debug)]
struct Clause {
    signal: Signal,
    at_least: bool,
    threshold: f64,
    why: &'static str,
}

const fn at_least(signal: Signal, threshold: f64, why: &'static str) -> Clause {
    Clause { signal, at_least: true, threshold, why }
}

const fn at_most(signal: Signal, threshold: f64, why: &'static str) -> Clause {
    Clause { signal, at_least: false, threshold, why }
}

/// A form and what makes it.
struct Rule {
    id: &'static str,
    form: TaskForm,
    clauses: &'static [Clause],
}

const MOST_ASK: f64 = 0.6;

const RULES: &[Rule] = &[
    Rule {
        id: "nothing-logged",
        form: TaskForm::Unknown,
        clauses: &[at_least(Signal::Unseen, 0.5, "Counts alone do not tell what a call asks for.")],
    },
    Rule {
        id: "tools-called",
        form: TaskForm::Agentic,
        clauses: &[at_least(
            Signal::Form(OutputForm::ToolUse),
            0.5,
            "Answers call tools; the prompts were not logged.",
        )],
    },
    Rule {
        id: "vectors",
        form: TaskForm::Embedding,
        clauses: &[at_least(Signal::Form(OutputForm::Embedding), 0.5, "Answers are vectors.")],
    },
    Rule {
        id: "short-question",
        form: TaskForm::Question,
        clauses: &[
            at_least(Signal::Asks(Ask::Answer), MOST_ASK, "The instructions ask for an answer to a question."),
            at_least(Signal::Short, 0.9, "The answers are short, as labels are."),
            at_most(Signal::Prompt, 300.0, "So are the prompts: there is nothing else to be labelled."),
        ],
    },
    Rule {
        id: "short-answers",
        form: TaskForm::Label,
        clauses: &[
            at_least(Signal::Short, 0.9, "A label is a word, a number, a yes or no: at most 20 tokens."),
            at_most(Signal::Asks(Ask::Rewrite), 0.5, "A short text put into other words is short as well."),
            at_most(Signal::Asks(Ask::Code), 0.5, "So is a line of code."),
        ],
    },
    Rule {
        id: "short-json",
        form: TaskForm::Label,
        clauses: &[
            at_least(Signal::Short, 0.9, "A label is a word, a number, a yes or no: at most 20 tokens."),
            at_least(Signal::Form(OutputForm::Json), 0.9, "It stands in a JSON value."),
        ],
    },
    Rule {
        id: "label-in-json",
        form: TaskForm::Label,
        clauses: &[
            at_least(Signal::Form(OutputForm::Json), 0.9, "The label stands in a JSON value."),
            at_most(Signal::Mean, 40.0, "With hardly anything beside it."),
            at_least(Signal::Asks(Ask::Label), 0.5, "The instructions ask to choose."),
        ],
    },
    Rule {
        id: "code-answered",
        form: TaskForm::Code,
        clauses: &[at_least(Signal::Form(OutputForm::Code), 0.5, "Most answers are code.")],
    },
    Rule {
        id: "code-asked",
        form: TaskForm::Code,
        clauses: &[at_least(Signal::Asks(Ask::Code), MOST_ASK, "The instructions are about code.")],
    },
    Rule {
        id: "json-answers",
        form: TaskForm::Extraction,
        clauses: &[
            at_least(Signal::Form(OutputForm::Json), 0.8, "Answers are one JSON value, or bound to a schema."),
            at_most(Signal::Asks(Ask::Rewrite), 0.5, "A translation in JSON is a translation."),
            at_most(Signal::Asks(Ask::Summarise), 0.5, "A summary in JSON is a summary."),
            at_most(Signal::Asks(Ask::Write), 0.5, "A text in JSON is a text."),
        ],
    },
    Rule {
        id: "conversation",
        form: TaskForm::Chat,
        // The first call of each conversation shows no earlier turns.
        clauses: &[at_least(Signal::Turns, 1.0 / 3.0, "Prompts hold earlier turns that differ from call to call.")],
    },
    Rule {
        id: "rewriting-asked",
        form: TaskForm::Rewriting,
        clauses: &[
            at_least(Signal::Asks(Ask::Rewrite), MOST_ASK, "The instructions ask for other words or another language."),
            at_least(Signal::OfGiven, 0.25, "The answer is about as long as what was given."),
            at_most(Signal::OfGiven, 4.0, "The answer is about as long as what was given."),
        ],
    },
    Rule {
        id: "summary-asked",
        form: TaskForm::Summarisation,
        clauses: &[
            at_least(Signal::Asks(Ask::Summarise), MOST_ASK, "The instructions ask for a shorter form."),
            at_most(Signal::OfGiven, 0.6, "The answer is shorter than what was given."),
        ],
    },
    Rule {
        id: "text-asked",
        form: TaskForm::Generation,
        clauses: &[
            at_least(Signal::Asks(Ask::Write), MOST_ASK, "The instructions ask for a text to be written."),
            at_least(Signal::Mean, 200.0, "The answers are long."),
        ],
    },
    Rule {
        id: "short-text-asked",
        form: TaskForm::Summarisation,
        clauses: &[
            at_least(Signal::Asks(Ask::Write), MOST_ASK, "The instructions ask for a text to be written."),
            at_most(Signal::OfGiven, 0.35, "It is far shorter than what it is written from."),
        ],
    },
    Rule {
        id: "question-over-text",
        form: TaskForm::Retrieval,
        clauses: &[
            at_least(Signal::Asks(Ask::Answer), MOST_ASK, "The instructions ask for an answer to a question."),
            at_most(Signal::Mean, 1_000.0, "The answers are no essays."),
            at_least(Signal::Prompt, 2_000.0, "The prompt holds the text that the answer is in."),
        ],
    },
    Rule {
        id: "question-asked",
        form: TaskForm::Question,
        clauses: &[
            at_least(Signal::Asks(Ask::Answer), MOST_ASK, "The instructions ask for an answer to a question."),
            at_most(Signal::Mean, 1_000.0, "The answers are no essays."),
        ],
    },
    Rule {
        id: "fields-asked",
        form: TaskForm::Extraction,
        clauses: &[
            at_least(Signal::Asks(Ask::Extract), MOST_ASK, "The instructions ask for fields of a text."),
            at_most(Signal::OfGiven, 0.6, "The answer is shorter than what was given."),
        ],
    },
    Rule {
        id: "label-asked",
        form: TaskForm::Label,
        clauses: &[
            at_least(Signal::Asks(Ask::Label), MOST_ASK, "The instructions ask to choose."),
            at_most(Signal::Mean, 60.0, "The answer has little beside the label."),
        ],
    },
    Rule {
        id: "long-answers",
        form: TaskForm::Generation,
        clauses: &[
            at_least(Signal::Mean, 1_000.0, "The answers are long."),
            at_least(Signal::OfGiven, 1.0, "They are longer than what was given."),
        ],
    },
];

/// The rules as a page for people: id, form, clauses with why.
#[must_use]
pub fn task_rules() -> Vec<(String, TaskForm, Vec<String>)> {
    let clause = |clause: &Clause| {
        let comparator = if clause.at_least { ">=" } else { "<=" };
        format!("{} {comparator} {}: {}", clause.signal.name(), rounded(clause.threshold), clause.why)
    };
    RULES.iter().map(|rule| (rule.id.to_owned(), rule.form, rule.clauses.iter().map(clause).collect())).collect()
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// What the plain calls of a group look like, added up.
#[derive(Debug, Default)]
pub(crate) struct Shape<'a> {
    calls: Vec<&'a Request>,
}

impl<'a> Shape<'a> {
    pub(crate) fn push(&mut self, call: &'a Request) {
        self.calls.push(call);
    }

    /// The form of the calls, and the rule that says so with what was measured; plain text where no rule does. `None`
    /// without calls.
    pub(crate) fn form(&self) -> Option<(TaskForm, Option<Arc<Told>>)> {
        if self.calls.is_empty() {
            return None;
        }
        let measured = Measured::of(&self.calls);
        let holds = |clause: &Clause| {
            measured.value(clause.signal).is_some_and(|value| {
                if clause.at_least { value >= clause.threshold } else { value <= clause.threshold }
            })
        };
        let Some(rule) = RULES.iter().find(|rule| rule.clauses.iter().all(holds)) else {
            return Some((TaskForm::Text, None));
        };
        let clause = |clause: &Clause| ToldClause {
            signal: clause.signal.name().into(),
            value: rounded(measured.value(clause.signal).unwrap_or_default()),
            at_least: clause.at_least,
            threshold: rounded(clause.threshold),
            why: clause.why,
        };
        let told = Told { rule: rule.id, clauses: rule.clauses.iter().map(clause).collect() };
        Some((rule.form, Some(Arc::new(told))))
    }
}

/// Counts over the calls of a group.
#[derive(Debug, Default)]
struct Measured {
    calls: u64,
    short: u64,
    unseen: u64,
    with_body: u64,
    with_turns: u64,
    by_form: BTreeMap<OutputForm, u64>,
    by_ask: BTreeMap<Ask, u64>,
    output: u64,
    prompt: u64,
    /// Answers of calls with a body, and tokens of what was given for them.
    output_with_body: u64,
    given: u64,
}

impl Measured {
    fn of(calls: &[&Request]) -> Self {
        let examples = examples(calls);
        let mut measured = Self::default();
        for call in calls {
            let output = call.tokens.output;
            measured.calls += 1;
            // An answer that was cut says nothing of how long it would have been.
            let cut = call.stop_reason.as_deref() == Some("max_tokens");
            measured.short += u64::from(output <= SHORT && !cut);
            measured.output = measured.output.saturating_add(output);
            measured.prompt = measured.prompt.saturating_add(call.tokens.prompt());
            *measured.by_form.entry(call.output_form).or_default() += 1;
            if call.segments.is_empty() {
                measured.unseen += u64::from(call.output_form == OutputForm::Unknown);
                continue;
            }
            measured.with_body += 1;
            measured.output_with_body = measured.output_with_body.saturating_add(output);
            measured.given = measured.given.saturating_add(given(call));
            let is_turn = |hash| examples.binary_search(&hash).is_err();
            let mut answers = call.segments.iter().filter(|segment| segment.kind == SegmentKind::Assistant);
            measured.with_turns += u64::from(answers.any(|segment| is_turn(segment.hash)));
            if let Some(ask) = ask(call) {
                *measured.by_ask.entry(ask).or_default() += 1;
            }
        }
        measured
    }

    fn value(&self, signal: Signal) -> Option<f64> {
        match signal {
            Signal::Short => share(self.short, self.calls),
            Signal::Form(form) => share(self.by_form.get(&form).copied().unwrap_or_default(), self.calls),
            Signal::Mean => share(self.output, self.calls),
            Signal::Prompt => share(self.prompt, self.calls),
            Signal::Unseen => share(self.unseen, self.calls),
            Signal::OfGiven => share(self.output_with_body, self.given),
            Signal::Turns => share(self.with_turns, self.with_body).or(Some(0.0)),
            // A prompt that was not logged asks for nothing that could speak against a form.
            Signal::Asks(ask) => {
                share(self.by_ask.get(&ask).copied().unwrap_or_default(), self.with_body).or(Some(0.0))
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

/// What a call's instructions ask for: its system prompt says, else the last block of the user that does. Where what the
/// user sends is about code, so is what is written, rewritten or answered.
fn ask(call: &Request) -> Option<Ask> {
    let of = |kind| call.segments.iter().filter(move |segment| segment.kind == kind);
    let system = of(SegmentKind::System).find_map(|segment| segment.traits.asks);
    let user = of(SegmentKind::User).rev().find_map(|segment| segment.traits.asks);
    match (system, user) {
        // An answer to a question about code, a better form of it: code.
        (Some(Ask::Rewrite | Ask::Write | Ask::Answer), Some(Ask::Code)) => user,
        _ => system.or(user),
    }
}

/// Tokens of what users and retrieval sent after the last answer, by their share of the bytes.
fn given(call: &Request) -> u64 {
    let all: u128 = call.segments.iter().map(|segment| u128::from(segment.bytes)).sum();
    let newest = call.segments.iter().rev().take_while(|segment| segment.kind != SegmentKind::Assistant);
    let newest = newest.filter(|segment| matches!(segment.kind, SegmentKind::User | SegmentKind::Retrieved));
    let bytes: u128 = newest.map(|segment| u128::from(segment.bytes)).sum();
    let tokens = (u128::from(call.tokens.prompt()) * bytes).checked_div(all).unwrap_or_default();
    u64::try_from(tokens).unwrap_or(u64::MAX)
}

/// Hashes, in order, of answers that stand in nearly all prompts: worked examples in the form of a conversation.
fn examples(calls: &[&Request]) -> Vec<u128> {
    if calls.len() < EXAMPLE_CALLS {
        return Vec::new();
    }
    let mut counts: BTreeMap<u128, usize> = BTreeMap::new();
    for call in calls {
        let mut own: Vec<u128> =
            call.segments.iter().filter(|s| s.kind == SegmentKind::Assistant).map(|s| s.hash).collect();
        own.sort_unstable();
        own.dedup();
        own.into_iter().for_each(|hash| *counts.entry(hash).or_default() += 1);
    }
    #[expect(clippy::cast_precision_loss, reason = "a share is compared, not billed")]
    let in_most = |count: usize| count as f64 >= calls.len() as f64 * EXAMPLE_SHARE;
    counts.into_iter().filter(|(_, count)| in_most(*count)).map(|(hash, _)| hash).collect()
}
