//! The calls that a recommendation is about, in a few lines that can be checked against the logs.

use lode_engine::Recommendation;
use lode_model::{OutputForm, Owner};
use lode_sim::{Chains, Estate, Habits, Lengths, OwnerCalls, Repeats, ratio};

use crate::text::{count, whole};
use crate::tie_out;
use crate::{Look, Report};

/// Forms of answers named.
const MOST_NAMED: usize = 4;

/// The block of a recommendation; empty where its calls are not known.
pub(crate) fn calls(report: &Report<'_>, r: &Recommendation, look: Look) -> String {
    let habits = meant(report.estate, r);
    if habits.calls() == 0 {
        return String::new();
    }
    let mut out = format!("{}\n", look.heading("The calls, as logged"));
    for line in lines(&habits) {
        out.push_str(&look.hang(&line, "  "));
    }
    out.push('\n');
    out
}

/// The habits of all owners that a recommendation means: every kind of the caller's calls, or those it names.
fn meant(estate: &Estate, r: &Recommendation) -> Habits {
    let mut all = Habits::default();
    for own in owners(estate, r) {
        if let Some(habits) = Habits::logged(estate, &own.owner) {
            all.merge(&habits);
        }
    }
    all
}

/// The owners that a recommendation means whose calls are known: every kind of the caller's calls, or those it names.
pub(crate) fn owners<'a>(estate: &'a Estate, r: &Recommendation) -> Vec<&'a OwnerCalls> {
    let mut own = match &r.subject {
        Owner::Workload(workload) => estate.demand.of_caller(workload),
        subject => {
            estate.demand.of(subject).and_then(|(cluster, place)| cluster.owners.get(place)).into_iter().collect()
        }
    };
    own.retain(|own| means(r, &own.owner));
    own
}

/// Whether a recommendation means an owner: of a caller's calls those of every kind, or of the kinds that it names.
#[must_use]
pub fn means(r: &Recommendation, owner: &Owner) -> bool {
    match (&r.subject, owner) {
        (Owner::Workload(subject), Owner::Workload(own)) => {
            subject.is_of_caller(own) && r.only.as_ref().is_none_or(|only| only.cohorts.contains(&own.cohort))
        }
        (subject, owner) => subject == owner,
    }
}

fn lines(habits: &Habits) -> Vec<String> {
    let calls = habits.calls();
    let mut lines = vec![count(calls, "call that succeeded", "calls that succeeded")];
    for (what, lengths, unit) in [
        ("prompt", &habits.prompt, "tokens"),
        ("answer", &habits.output, "tokens"),
        ("passages of a prompt", &habits.retrieved, "tokens"),
        ("time to answer", &habits.latency_ms, "ms"),
    ] {
        lines.extend(length(what, lengths, unit));
    }
    lines.extend(answers(habits));
    if habits.repeats.comparable > 0 || habits.chains.calls > 0 || habits.chains.unmatched > 0 {
        lines.push(chains(&habits.chains, calls));
    }
    if habits.repeats.comparable > 0 {
        lines.push(repeats(&habits.repeats));
    }
    lines
}

/// `prompt: median 1,024 to 1,151 tokens, 95th percentile 7,680 to 8,191, longest 9,000`: between which lengths the
/// histogram knows them to be.
fn length(what: &str, lengths: &Lengths, unit: &str) -> Option<String> {
    let range = |percent| {
        let range = lengths.percentile(percent)?;
        let (low, high) = (whole(i128::from(*range.start())), whole(i128::from(*range.end())));
        Some(if low == high { low } else { format!("{low} to {high}") })
    };
    let longest = whole(i128::from(lengths.longest()?));
    if lengths.shortest() == lengths.longest() {
        return Some(format!("{what}: {longest} {unit} each"));
    }
    Some(format!("{what}: median {} {unit}, 95th percentile {}, longest {longest}", range(50)?, range(95)?))
}

/// `answers: 90.0 % text, 10.0 % json; cut at their limit 2.0 % of 5,210 whose end is known`.
fn answers(habits: &Habits) -> Option<String> {
    let answers = &habits.answers;
    let mut forms: Vec<(u64, &str)> = answers.by_form.iter().map(|(form, calls)| (*calls, form.as_str())).collect();
    // The most frequent first; equal ones in the order of their kinds.
    forms.sort_by_key(|(calls, _)| std::cmp::Reverse(*calls));
    let known = forms.iter().any(|(_, form)| *form != OutputForm::Unknown.as_str());
    forms.truncate(MOST_NAMED);
    let forms: Vec<String> =
        forms.iter().map(|(calls, form)| format!("{} {form}", of(*calls, habits.calls()))).collect();
    let told = answers.told();
    let cut = (told > 0).then(|| {
        format!("cut at their limit {} of {} whose end is known", of(answers.cut(), told), whole(i128::from(told)))
    });
    let parts: Vec<String> = known.then(|| forms.join(", ")).into_iter().chain(cut).collect();
    (!parts.is_empty()).then(|| format!("answers: {}", parts.join("; ")))
}

fn chains(chains: &Chains, calls: u64) -> String {
    let unmatched = match chains.unmatched {
        0 => String::new(),
        n => format!("; {} an answer that is not among these calls", count(n, "call follows", "calls follow")),
    };
    let Some((prompts, new)) = chains.inflation().filter(|_| chains.chains > 0) else {
        return format!("in chains: none{unmatched}");
    };
    let joined: Vec<String> = [
        (chains.by_ids, "joined by ids of tool calls"),
        (chains.by_prefixes, "by how prompts begin"),
        (chains.by_both, "by both"),
    ]
    .into_iter()
    .filter(|(chains, _)| *chains > 0)
    .map(|(chains, how)| format!("{} {how}", whole(i128::from(chains))))
    .collect();
    let tokens = |tokens: u64| whole(i128::from(tokens));
    format!(
        "in chains: {} of the calls, {} ({}), at most {}; their prompts come to {} tokens, of which {} were in the \
         prompt before: {} times the {} that are new{unmatched}",
        of(chains.calls, calls),
        count(chains.chains, "chain", "chains"),
        joined.join(", "),
        count(chains.steps.longest().unwrap_or_default(), "step", "steps"),
        tokens(prompts),
        tokens(chains.resent_tokens),
        tenths(prompts, new),
        tokens(new),
    )
}

fn repeats(repeats: &Repeats) -> String {
    let calls = &repeats.calls;
    let comparable = count(repeats.comparable, "prompt that can be compared", "prompts that can be compared");
    if calls.ever == 0 {
        return format!("the same prompt again: none of {comparable}");
    }
    let whole = |calls: u64| whole(i128::from(calls));
    format!(
        "the same prompt again: {} of {comparable} ({} within five minutes, {} within an hour, {} within a day): {} \
         prompt and {} answer tokens",
        of(calls.ever, repeats.comparable),
        whole(calls.five_minutes),
        whole(calls.hour),
        whole(calls.day),
        whole(repeats.prompt_tokens.ever),
        whole(repeats.output_tokens.ever),
    )
}

/// A share in per cent.
fn of(part: u64, whole: u64) -> String {
    tie_out::part(ratio(part, whole))
}

/// A ratio to one decimal, half up.
fn tenths(top: u64, bottom: u64) -> String {
    let (top, bottom) = (i128::from(top), i128::from(bottom.max(1)));
    let tenths = (top * 20 + bottom) / (bottom * 2);
    format!("{}.{}", whole(tenths / 10), tenths % 10)
}
