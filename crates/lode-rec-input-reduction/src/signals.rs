//! What the prompts of one owner hold that could go, measured on its calls. Of what they do not hold, only that is said.

use lode_engine::Signals;
use lode_sim::{Outliers, ToolTraffic, Traffic, ratio};

/// Turns that `history.beyond_four_turns.*` leaves out: the signal's name says it.
const FOUR_TURNS: usize = 4;
/// Tools that are named with their tokens.
const EACH: usize = 12;
/// Characters of a tool's name that are shown: names come from logs and may be of any length.
pub(crate) const NAME_CHARS: usize = 40;
/// Examples that `examples.beyond_five.*` leaves out.
const FIVE_EXAMPLES: u32 = 5;

/// Everything that the calls show.
pub(crate) fn measured(signals: Signals, traffic: &Traffic, logged: f64) -> Signals {
    let signals = signals
        .count("calls.count", "calls", i128::from(traffic.calls))
        .count("calls.days", "days with calls", count(traffic.by_day.len()))
        .number("bodies.share", "share of calls", ratio(traffic.with_body, traffic.calls))
        .number("calls.logged_share", "share of the tokens billed that may be these calls'", logged)
        .number(
            "instructions.share",
            "share of prompt tokens that all calls begin with",
            ratio(traffic.static_tokens.saturating_mul(traffic.with_body), traffic.prompt_tokens),
        );
    let signals = history(duplicates(tools(signals, traffic), traffic), traffic);
    let signals = repeats(examples(white_space(signals, traffic), traffic), traffic);
    let signals = long_answers(long_prompts(signals, &traffic.prompt_outliers), traffic);
    if traffic.examples.is_empty() {
        return signals;
    }
    signals.text("requests.examples", "request ids", traffic.examples.join(", "))
}

fn tools(signals: Signals, traffic: &Traffic) -> Signals {
    let offered = traffic.tools.values().filter(|tool| tool.offered > 0).count();
    let unused: Vec<&ToolTraffic> = traffic.tools.values().filter(|tool| is_unused(tool)).collect();
    let signals = signals.flag("tools.any_never_called", !unused.is_empty());
    if unused.is_empty() {
        return signals;
    }
    let tokens = unused.iter().map(|tool| tool.tokens).sum();
    signals
        .count("tools.calls", "calls that offer tools", i128::from(traffic.with_tools))
        .count("tools.offered", "tools", count(offered))
        .count("tools.never_called", "tools", count(unused.len()))
        .count("tools.never_called.tokens", "prompt tokens", i128::from(tokens))
        .text("tools.never_called.each", "prompt tokens of the window", each(traffic))
        .number("tools.never_called.share", "share of prompt tokens", ratio(tokens, traffic.prompt_tokens))
}

/// `refund_order 1204000, list_orders 98000`: what each tool takes that nothing called, the heaviest first.
fn each(traffic: &Traffic) -> String {
    let mut unused: Vec<_> = traffic.tools.iter().filter(|(_, tool)| is_unused(tool)).collect();
    unused.sort_by_key(|(name, tool)| (std::cmp::Reverse(tool.tokens), *name));
    let one = |(name, tool): &(&std::sync::Arc<str>, &ToolTraffic)| {
        let name: String = name.chars().take(NAME_CHARS).collect();
        format!("{name} {}", tool.tokens)
    };
    let more = unused.len().saturating_sub(EACH);
    let named: Vec<String> = unused.iter().take(EACH).map(one).collect();
    let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("{}{rest}", named.join(", "))
}

fn duplicates(signals: Signals, traffic: &Traffic) -> Signals {
    let signals = signals.flag("duplicates.seen", traffic.with_duplicates > 0);
    if traffic.with_duplicates == 0 {
        return signals;
    }
    let tokens = traffic.duplicate_tokens;
    signals
        .number("prompts.chained.share", "share of calls", ratio(traffic.chained, traffic.calls))
        .count("duplicates.calls", "calls", i128::from(traffic.with_duplicates))
        .count("duplicates.tokens", "prompt tokens", i128::from(tokens))
        .number("duplicates.share", "share of prompt tokens", ratio(tokens, traffic.prompt_tokens))
}

fn history(signals: Signals, traffic: &Traffic) -> Signals {
    let calls: u64 = traffic.calls_by_turns.iter().skip(FOUR_TURNS + 1).sum();
    let signals = signals
        .flag("history.is_examples", traffic.static_message_tokens > 0)
        .flag("history.beyond_four_turns.seen", calls > 0);
    if calls == 0 {
        return signals;
    }
    let tokens = traffic.tokens_beyond_turns(FOUR_TURNS);
    signals
        .count("history.most_turns", "turns in a prompt", count(traffic.calls_by_turns.len().saturating_sub(1)))
        .count("history.beyond_four_turns.calls", "calls", i128::from(calls))
        .count("history.beyond_four_turns.tokens", "prompt tokens", i128::from(tokens))
        .number("history.beyond_four_turns.share", "share of prompt tokens", ratio(tokens, traffic.prompt_tokens))
}

pub(crate) const fn is_unused(tool: &ToolTraffic) -> bool {
    tool.offered > 0 && tool.called == 0
}

fn white_space(signals: Signals, traffic: &Traffic) -> Signals {
    let signals = signals.flag("json.white_space.seen", traffic.with_white_space > 0);
    if traffic.with_white_space == 0 {
        return signals;
    }
    let share = ratio(traffic.white_space_tokens, traffic.prompt_tokens);
    // Where its weight is told, the share of tokens is: what it weighs of all that the prompt does.
    let weight = traffic.white_space_weight.unwrap_or(1.0);
    let share = share * weight / (1.0 - share + share * weight);
    let signals = signals.count("json.white_space.calls", "calls", i128::from(traffic.with_white_space)).number(
        "json.white_space.share",
        "share of prompt tokens; of bytes, where its weight is not told",
        share,
    );
    match traffic.white_space_weight {
        Some(weight) => signals.number("json.white_space.weight", "of another byte, told by the calls", weight),
        None => signals,
    }
}

fn examples(signals: Signals, traffic: &Traffic) -> Signals {
    let tokens = traffic.example_tokens_beyond(FIVE_EXAMPLES);
    let signals = signals.flag("examples.beyond_five.seen", tokens > 0);
    let Some(most) = traffic.example_tokens.keys().next_back().filter(|_| tokens > 0) else { return signals };
    signals
        .count("examples.most", "worked examples in a block", i128::from(*most))
        .count("examples.calls", "calls", i128::from(traffic.with_examples))
        .count("examples.beyond_five.tokens", "prompt tokens", i128::from(tokens))
        .number("examples.beyond_five.share", "share of prompt tokens", ratio(tokens, traffic.prompt_tokens))
}

fn repeats(signals: Signals, traffic: &Traffic) -> Signals {
    let repeats = &traffic.repeats_in_a_day;
    let signals = signals.flag("repeats.in_a_day.seen", repeats.calls > 0);
    if repeats.calls == 0 {
        return signals;
    }
    signals
        .count("repeats.in_a_day.calls", "calls", i128::from(repeats.calls))
        .number("repeats.in_a_day.share", "share of calls", ratio(repeats.calls, traffic.calls))
        .count("repeats.in_a_day.prompt_tokens", "prompt tokens", i128::from(repeats.prompt_tokens))
        .count("repeats.in_a_day.output_tokens", "answer tokens", i128::from(repeats.output_tokens))
}

fn long_prompts(signals: Signals, prompts: &Outliers) -> Signals {
    let signals = signals.flag("prompts.outliers.seen", prompts.outliers > 0);
    if prompts.outliers == 0 {
        return signals;
    }
    signals
        .count("prompts.outliers.calls", "calls of more than 8 times the median", i128::from(prompts.outliers))
        .number("prompts.outliers.share_of_calls", "share of calls", ratio(prompts.outliers, prompts.calls))
        .number("prompts.outliers.share", "share of prompt tokens", ratio(prompts.outlier_tokens, prompts.tokens))
        .count("prompts.longest_ordinary", "tokens", i128::from(prompts.longest_ordinary))
}

fn long_answers(signals: Signals, traffic: &Traffic) -> Signals {
    let answers = &traffic.answer_outliers;
    let signals = signals.flag("answers.outliers.seen", answers.outliers > 0);
    let told = traffic.habits.answers.told();
    let signals = if told > 0 {
        signals.number("answers.cut.share", "share of answers", ratio(traffic.habits.answers.cut(), told))
    } else {
        signals
    };
    if answers.outliers == 0 {
        return signals;
    }
    signals
        .count("answers.outliers.calls", "calls of more than 8 times the median", i128::from(answers.outliers))
        .number("answers.outliers.share_of_calls", "share of calls", ratio(answers.outliers, answers.calls))
        .number("answers.outliers.share", "share of answer tokens", ratio(answers.outlier_tokens, answers.tokens))
        .count("answers.longest_ordinary", "tokens", i128::from(answers.longest_ordinary))
}

pub(crate) fn count(things: usize) -> i128 {
    i128::try_from(things).unwrap_or(i128::MAX)
}
