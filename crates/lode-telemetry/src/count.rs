//! Token counts: of the record, of the usage that a body carries, and how the two become one.
//!
//! Names: AWS API models of bedrock-runtime (boto/botocore, 2026-08-07), provider pages of the User Guide (copy of
//! 2026-10) and delivered records. Record level counts exclude what was read from or written to the cache.

use lode_model::{TokenCounts, Ttl};
use lode_scan::{Kind, Value};

/// More tokens than any call has; beyond it, a count is a fault.
const MOST: u64 = 1_000_000_000_000;

/// Counts as far as they are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) input: Option<u64>,
    pub(crate) output: Option<u64>,
    pub(crate) cache_read: Option<u64>,
    pub(crate) cache_write: Option<u64>,
    /// Parts of `cache_write` by time to live: five minutes, thirty, one hour.
    split: [u64; 3],
    /// OpenAI's prompt count, which includes the cached tokens, and those.
    inclusive: Option<(u64, u64)>,
}

/// A count; `None` when it is not there or null, an error when it is no whole number of a possible size.
fn number(value: Option<Value<'_>>) -> Result<Option<u64>, ()> {
    let Some(value) = value else { return Ok(None) };
    let digits = match value.kind() {
        Kind::Null => return Ok(None),
        Kind::Number | Kind::Text => value.raw(),
        _ => return Err(()),
    };
    let read = digits.parse().ok().or_else(|| whole(value.number()?.parse().ok()?));
    read.filter(|count| *count <= MOST).map(Some).ok_or(())
}

/// A whole number that was written with a decimal point.
fn whole(number: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and in range")]
    (number.fract() == 0.0 && (0.0..=1e12).contains(&number)).then_some(number as u64)
}

/// A count of a body: one that cannot be read counts as not told. Of several names the first that tells one.
pub(crate) fn told<const N: usize>(object: Value<'_>, names: [&str; N]) -> Option<u64> {
    object.pick(names).into_iter().find_map(|value| number(value).ok().flatten())
}

fn keep(slot: &mut Option<u64>, value: Option<u64>) {
    *slot = value.or(*slot);
}

impl Counts {
    /// The counts of a record, beside its bodies: input, cache read, cache write, output.
    ///
    /// # Errors
    /// The place of a count that is there and is no count.
    pub(crate) fn of_record(counts: [Option<Value<'_>>; 4]) -> Result<Self, usize> {
        let mut read = [None; 4];
        for (place, (slot, count)) in read.iter_mut().zip(counts).enumerate() {
            *slot = number(count).map_err(|()| place)?;
        }
        let [input, cache_read, cache_write, output] = read;
        Ok(Self { input, output, cache_read, cache_write, ..Self::default() })
    }

    /// Takes what a usage object says; what it does not say stays. Events of a stream give running totals, so the
    /// last word holds.
    pub(crate) fn see(&mut self, usage: Value<'_>) {
        let (mut prompt, mut cached) = (None, None);
        for (key, value) in usage.entries() {
            match key.get().as_ref() {
                "prompt_tokens" => prompt = number(Some(value)).ok().flatten(),
                "prompt_tokens_details" | "input_tokens_details" => cached = told(value, ["cached_tokens"]).or(cached),
                "cacheDetails" => self.see_details(value),
                "cache_creation" => {
                    let part = |name| told(value, [name]).unwrap_or_default();
                    self.split = [part("ephemeral_5m_input_tokens"), 0, part("ephemeral_1h_input_tokens")];
                }
                name => self.see_count(name, value),
            }
        }
        match (prompt.or(self.input), cached) {
            (Some(prompt), Some(cached)) if cached <= prompt => {
                self.inclusive = Some((prompt, cached));
                self.input = Some(prompt - cached);
            }
            _ => keep(&mut self.input, prompt),
        }
    }

    /// Takes a count by its name, where it has one that is known.
    pub(crate) fn see_count(&mut self, name: &str, value: Value<'_>) {
        let slot = match name {
            "inputTokens" | "inputTokenCount" | "input_tokens" | "inputTextTokenCount" | "prompt_token_count" => {
                &mut self.input
            }
            "outputTokens"
            | "outputTokenCount"
            | "output_tokens"
            | "totalOutputTextTokenCount"
            | "generation_token_count"
            | "completion_tokens" => &mut self.output,
            "cacheReadInputTokens" | "cacheReadInputTokenCount" | "cache_read_input_tokens" => &mut self.cache_read,
            "cacheWriteInputTokens" | "cacheWriteInputTokenCount" | "cache_creation_input_tokens" => {
                &mut self.cache_write
            }
            _ => return,
        };
        keep(slot, number(Some(value)).ok().flatten());
    }

    fn see_details(&mut self, details: Value<'_>) {
        if details.kind() != Kind::Array {
            return;
        }
        self.split = [0; 3];
        for detail in details.items() {
            let [tokens, live] = detail.pick(["inputTokens", "ttl"]);
            let tokens = number(tokens).ok().flatten().unwrap_or_default();
            self.split[slot(live.and_then(ttl).unwrap_or(Ttl::FiveMinutes))] += tokens;
        }
    }

    /// These counts, and where they are silent, those of the body.
    pub(crate) fn or_body(mut self, body: &Self) -> Self {
        // An OpenAI body's cached tokens are part of its prompt: they may stand beside the record's input only if
        // the record leaves them out.
        let beside =
            body.inclusive.is_none_or(|(prompt, cached)| self.input.is_none_or(|input| input + cached == prompt));
        self.input = self.input.or(body.input);
        self.output = self.output.or(body.output);
        if body.inclusive.is_some_and(|_| beside) && self.cache_read.is_none() {
            self.cache_read = body.inclusive.map(|(_, cached)| cached);
        }
        self.cache_read = self.cache_read.or(body.cache_read);
        self.cache_write = self.cache_write.or(body.cache_write);
        self.split = body.split;
        self
    }

    /// Whether nothing says how large the prompt was.
    pub(crate) fn are_unknown(&self) -> bool {
        let split: u64 = self.split.iter().sum();
        self.input.is_none() && self.cache_read.is_none() && self.cache_write.is_none() && split == 0
    }

    /// The counts by class. Writes whose time to live is not told get `otherwise`.
    pub(crate) fn tokens(&self, otherwise: Ttl) -> TokenCounts {
        let told: u64 = self.split.iter().sum();
        let written = self.cache_write.unwrap_or(told);
        let mut split = self.split;
        if told > written {
            // The record's count is billed; the split may only divide it. The longest time to live is paid first.
            let mut left = written;
            for part in split.iter_mut().rev() {
                *part = left.min(*part);
                left -= *part;
            }
        } else {
            split[slot(otherwise)] += written - told;
        }
        TokenCounts {
            input: self.input.unwrap_or_default(),
            output: self.output.unwrap_or_default(),
            cache_read: self.cache_read.unwrap_or_default(),
            cache_write_5m: split[0],
            cache_write_30m: split[1],
            cache_write_1h: split[2],
        }
    }
}

const fn slot(ttl: Ttl) -> usize {
    match ttl {
        Ttl::FiveMinutes => 0,
        Ttl::ThirtyMinutes => 1,
        Ttl::OneHour => 2,
    }
}

/// A time to live in AWS' words: `5m`, `1h`.
pub(crate) fn ttl(value: Value<'_>) -> Option<Ttl> {
    Ttl::from_word(value.text()?.get().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lode_scan::Tape;
    use serde_json::{Value as Json, json};

    fn body(usage: &Json) -> Counts {
        let mut counts = Counts::default();
        counts.see(Tape::new().read_all(&usage.to_string()).expect("JSON"));
        counts
    }

    #[test]
    fn the_split_divides_what_the_record_counts() {
        let record = Counts { input: Some(3), cache_write: Some(100), ..Counts::default() };
        let split = |five: u64, hour: u64| {
            let usage =
                json!({"cacheDetails": [{"ttl": "1h", "inputTokens": hour}, {"ttl": "5m", "inputTokens": five}]});
            let tokens = record.or_body(&body(&usage)).tokens(Ttl::FiveMinutes);
            (tokens.cache_write_5m, tokens.cache_write_1h)
        };
        assert_eq!(split(40, 60), (40, 60));
        assert_eq!(split(0, 60), (40, 60), "the rest is at the default");
        assert_eq!(split(70, 60), (40, 60), "more than was written cannot be divided");
        assert_eq!(record.tokens(Ttl::OneHour).cache_write_1h, 100);
    }

    #[test]
    fn openai_prompts_include_what_was_cached() {
        let usage =
            json!({"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 60}});
        let tokens = |record: Counts| record.or_body(&body(&usage)).tokens(Ttl::FiveMinutes);
        let alone = tokens(Counts::default());
        assert_eq!((alone.input, alone.cache_read, alone.output), (40, 60, 7));
        let beside = tokens(Counts { input: Some(40), ..Counts::default() });
        assert_eq!((beside.input, beside.cache_read), (40, 60));
        let inside = tokens(Counts { input: Some(100), ..Counts::default() });
        assert_eq!((inside.input, inside.cache_read), (100, 0));
    }

    fn of_record(count: &Json) -> Result<Counts, usize> {
        let text = count.to_string();
        let mut tape = Tape::new();
        Counts::of_record([Some(tape.read_all(&text).expect("JSON")), None, None, None])
    }

    #[test]
    fn what_is_no_count_is_named() {
        for bad in [json!(-1), json!(1.5), json!("many"), json!([]), json!(1e30), json!(u64::MAX)] {
            assert_eq!(of_record(&bad), Err(0), "{bad}");
        }
        for good in [json!(7), json!(7.0), json!("7")] {
            assert_eq!(of_record(&good).map(|counts| counts.input), Ok(Some(7)), "{good}");
        }
    }
}
