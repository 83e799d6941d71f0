//! Requests of a scenario: one row may stand for many calls at a steady pace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Weekday;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use lode_model::{
    AccountId, Ask, Caller, Chain, Guarded, GuardedSide, GuardrailPolicy, MemoryTrace, Mode, ModelId, OutputForm,
    Region, Request, Routing, Segment, SegmentKind, TokenCounts, Traits, Ttl,
};
use serde::Deserialize;

use crate::estate_file::{account, region, routing};

/// A call, or a run of equal calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRow {
    /// When the first call was made.
    time: Timestamp,
    /// `{"times": 100, "every_seconds": 60}`: so many calls, this far apart. Once when absent.
    #[serde(default)]
    repeat: Repeat,
    #[serde(default = "account")]
    account: String,
    #[serde(default = "region")]
    region: String,
    /// Model id; or `application-inference-profile/…` or `provisioned-model/…`, for the estate to resolve.
    model: String,
    #[serde(default = "routing")]
    routing: Routing,
    /// Role, without `role/`. A call of an application inference profile without one has the profile as its caller.
    role: Option<String>,
    /// Any other caller, as it is named, such as `team=search`.
    caller: Option<String>,
    #[serde(default)]
    streaming: bool,
    mode: Option<Mode>,
    /// Whether the answer is bound to a schema, or to JSON: only beside segments.
    #[serde(default)]
    schema_bound: bool,
    #[serde(default)]
    input: u64,
    #[serde(default)]
    output: u64,
    #[serde(default)]
    cache_read: u64,
    #[serde(default)]
    cache_write_5m: u64,
    #[serde(default)]
    cache_write_30m: u64,
    #[serde(default)]
    cache_write_1h: u64,
    /// Error code of a failed call.
    error: Option<Arc<str>>,
    #[serde(default = "output_form")]
    output_form: OutputForm,
    output_limit: Option<u64>,
    stop_reason: Option<Arc<str>>,
    latency_ms: Option<u64>,
    /// Names of the tools that the answer calls.
    #[serde(default)]
    tools_called: Vec<Arc<str>>,
    /// A name for the tool calls that the answer makes, and for those whose results end the prompt: equal names belong
    /// together. `#` and `@` as in the segments.
    opens: Option<String>,
    continues: Option<String>,
    /// What a guardrail evaluated.
    guarded: Option<GuardedRow>,
    /// `["tool:lookup:400", "system:policy:8000|5m", "user:#:200"]`: kind, name of the content, bytes, and a cache marker
    /// after it. A name with `#` is another content in every call, one with `@` on every day.
    #[serde(default)]
    segments: Vec<String>,
}

/// What a guardrail evaluated of a call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardedRow {
    /// Its id.
    guardrail: Option<Arc<str>>,
    #[serde(default)]
    input: GuardedSideRow,
    #[serde(default)]
    output: GuardedSideRow,
    #[serde(default)]
    intervened: bool,
    #[serde(default)]
    selective: bool,
}

/// One side: `{"characters": 2500, "units": {"contentPolicy": 3}, "found": ["contentPolicy"]}`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardedSideRow {
    characters: Option<u64>,
    #[serde(default)]
    units: BTreeMap<GuardrailPolicy, u64>,
    #[serde(default)]
    found: BTreeSet<GuardrailPolicy>,
}

impl From<&GuardedRow> for Guarded {
    fn from(row: &GuardedRow) -> Self {
        let side = |side: &GuardedSideRow| GuardedSide {
            units: side.units.clone(),
            characters: side.characters,
            found: side.found.clone(),
        };
        Self {
            guardrail: row.guardrail.clone(),
            input: side(&row.input),
            output: side(&row.output),
            intervened: row.intervened,
            selective: row.selective,
        }
    }
}

/// How often a row stands for a call.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    #[serde(default = "once")]
    times: u32,
    #[serde(default)]
    every_seconds: u32,
    /// On so many consecutive days, at the same hours.
    #[serde(default = "once")]
    days: u32,
    /// Not on Saturdays and Sundays (UTC, by the first call of the day).
    #[serde(default)]
    weekdays_only: bool,
}

impl Default for Repeat {
    fn default() -> Self {
        Self { times: 1, every_seconds: 0, days: 1, weekdays_only: false }
    }
}

fn once() -> u32 {
    1
}
fn output_form() -> OutputForm {
    OutputForm::Unknown
}

/// All calls of some rows.
#[must_use]
pub fn trace(rows: &[RequestRow]) -> MemoryTrace {
    MemoryTrace::new(rows.iter().enumerate().flat_map(|(row, request)| request.expand(row)))
}

impl RequestRow {
    /// The calls the row stands for; `row` makes their ids.
    #[must_use]
    pub fn expand(&self, row: usize) -> Vec<Request> {
        let Repeat { times, every_seconds, days, weekdays_only } = self.repeat;
        (0..days)
            .map(|day| (day, self.time + SignedDuration::from_hours(24 * i64::from(day))))
            .filter(|(_, start)| !weekdays_only || !is_weekend(*start))
            .flat_map(|(day, start)| (0..times).map(move |nth| (day, start, nth)))
            .map(|(day, start, nth)| {
                let after = SignedDuration::from_secs(i64::from(nth) * i64::from(every_seconds));
                self.call(row, day, day * times + nth, start + after)
            })
            .collect()
    }

    fn call(&self, row: usize, day: u32, call: u32, time: Timestamp) -> Request {
        Request {
            id: format!("request-{row}-{call}").into(),
            time,
            account: AccountId::from(self.account.as_str()),
            region: Region::from(self.region.as_str()),
            model: ModelId::from(self.model.as_str()),
            routing: self.routing,
            caller: self.caller(),
            mode: self.mode,
            streaming: self.streaming,
            tokens: TokenCounts {
                input: self.input,
                output: self.output,
                cache_read: self.cache_read,
                cache_write_5m: self.cache_write_5m,
                cache_write_30m: self.cache_write_30m,
                cache_write_1h: self.cache_write_1h,
            },
            error: self.error.clone(),
            output_form: self.output_form,
            output_limit: self.output_limit,
            stop_reason: self.stop_reason.clone(),
            latency_ms: self.latency_ms,
            tools_called: self.tools_called.clone(),
            chain: Chain {
                opens: self.opens.as_deref().map(|name| link(name, call, day)),
                continues: self.continues.as_deref().map(|name| link(name, call, day)),
            },
            has_body: !self.segments.is_empty(),
            schema_bound: self.schema_bound,
            guarded: self.guarded.as_ref().map(|row| Arc::new(row.into())),
            segments: self.segments.iter().map(|text| Arc::new(segment(text, call, day))).collect(),
        }
    }

    fn caller(&self) -> Caller {
        let profile = self.model.starts_with("application-inference-profile/").then_some(&self.model);
        match (&self.role, self.caller.as_ref().or(profile)) {
            (Some(role), _) => Caller::from(format!("role/{role}").as_str()),
            (None, Some(name)) => Caller::from(name.as_str()),
            (None, None) => Caller::from(Caller::UNATTRIBUTED),
        }
    }
}

fn is_weekend(time: Timestamp) -> bool {
    matches!(Offset::UTC.to_datetime(time).date().weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn segment(text: &str, call: u32, day: u32) -> Segment {
    let (text, traits) =
        text.split_once('~').map_or((text, Traits::NONE), |(text, traits)| (text, self::traits(traits)));
    let (body, marker) = text.split_once('|').map_or((text, None), |(body, ttl)| {
        (body, Some(Ttl::from_word(ttl).unwrap_or_else(|| panic!("{ttl} is no time to live"))))
    });
    let parts: Vec<&str> = body.split(':').collect();
    let [kind, name, bytes] = parts[..] else { panic!("a segment is kind:name:bytes, not {text}") };
    let (kind, names_tool) = match kind {
        "tool" => (SegmentKind::Tool, true),
        "system" => (SegmentKind::System, false),
        "user" => (SegmentKind::User, false),
        "assistant" => (SegmentKind::Assistant, false),
        "call" => (SegmentKind::Assistant, true),
        "result" => (SegmentKind::ToolResult, true),
        "passage" => (SegmentKind::Retrieved, false),
        "media" => (SegmentKind::Media, false),
        other => panic!("{other} is no kind of segment"),
    };
    Segment {
        kind,
        hash: identity(&named(name, call, day)),
        bytes: bytes.parse().unwrap_or_else(|_| panic!("{bytes} is no number of bytes")),
        // What changes from call to call is what the tool was asked, not which tool it was.
        tool: names_tool.then(|| Arc::from(name.trim_end_matches(['#', '@']).trim_end_matches('-'))),
        marker,
        traits,
    }
}

/// What stands behind the tilde of a segment: what it asks for, `white=` bytes, `examples=` how many `/` bytes.
fn traits(text: &str) -> Traits {
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{text} is no number"));
    let mut traits = Traits::NONE;
    for trait_ in text.split(',') {
        match trait_.split_once('=') {
            None => {
                traits.asks = Some(Ask::from_word(trait_).unwrap_or_else(|| panic!("{trait_} is nothing to ask for")))
            }
            Some(("white", bytes)) => traits.white_space = number(bytes),
            Some(("examples", examples)) => {
                let (count, bytes) = examples.split_once('/').unwrap_or_else(|| panic!("{examples} has no bytes"));
                (traits.examples, traits.example_bytes) = (number(count), number(bytes));
            }
            Some((other, _)) => panic!("{other} is no trait"),
        }
    }
    traits
}

/// What a name stands for in one call of one day.
fn named(name: &str, call: u32, day: u32) -> String {
    name.replace('#', &call.to_string()).replace('@', &format!("day {day}"))
}

fn link(name: &str, call: u32, day: u32) -> u64 {
    // The upper half of FNV-1a: the lower bits of short names differ little.
    u64::try_from(identity(&named(name, call, day)) >> 64).unwrap_or_default()
}

/// FNV-1a over 128 bits: names of a scenario, never hostile.
fn identity(name: &str) -> u128 {
    name.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash: u128, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

#[cfg(test)]
mod tests {
    use lode_model::Trace;

    use super::*;

    fn calls(rows: &str) -> Vec<Request> {
        let rows: Vec<RequestRow> = serde_json::from_str(rows).expect("valid rows");
        let trace = trace(&rows);
        let groups = trace.groups();
        assert_eq!(groups.len(), 1);
        let mut calls = Vec::new();
        trace.requests(&groups[0], &mut |request| calls.push(request.clone())).expect("in memory");
        calls
    }

    #[test]
    fn a_row_stands_for_many_calls() {
        let calls = calls(
            r#"[{"time": "2026-10-01T08:00:00Z", "repeat": {"times": 3, "every_seconds": 60}, "model": "m",
                 "role": "app", "input": 100, "output": 10,
                 "segments": ["tool:lookup:400", "system:policy:8000|5m", "user:question-#:200"]},
                {"time": "2026-10-01T08:00:30Z", "model": "m"}]"#,
        );
        let ids: Vec<&str> = calls.iter().map(|call| &*call.id).collect();
        assert_eq!(ids, ["request-0-0", "request-1-0", "request-0-1", "request-0-2"], "in time order");
        assert_eq!(calls.iter().map(|call| call.tokens.input).sum::<u64>(), 300);
        let (first, second) = (&calls[0].segments, &calls[2].segments);
        assert_eq!(first[1].hash, second[1].hash, "the policy is the same in every call");
        assert_ne!(first[2].hash, second[2].hash, "the question is not");
        assert_eq!(first[1].marker, Some(Ttl::FiveMinutes));
        assert_eq!(first[0].tool.as_deref(), Some("lookup"));
    }

    #[test]
    fn a_run_is_repeated_on_working_days() {
        // 1 October 2026 is a Thursday: Thursday, Friday, Monday.
        let calls = calls(
            r#"[{"time": "2026-10-01T23:59:59Z", "repeat": {"times": 2, "every_seconds": 2, "days": 5, "weekdays_only": true},
                 "model": "m", "segments": ["system:news-@:10", "result:lookup-#:10"]}]"#,
        );
        let times: Vec<String> = calls.iter().map(|call| call.time.to_string()).collect();
        let expected = ["01T23:59:59", "02T00:00:01", "02T23:59:59", "03T00:00:01", "05T23:59:59", "06T00:00:01"];
        assert_eq!(times, expected.map(|time| format!("2026-10-{time}Z")));
        let news: Vec<u128> = calls.iter().map(|call| call.segments[0].hash).collect();
        assert!(news[0] == news[1] && news[1] != news[2] && news[2] == news[3], "the news of a day is the same");
        assert_eq!(calls[3].segments[1].tool.as_deref(), Some("lookup"));
        assert_ne!(calls[2].segments[1].hash, calls[3].segments[1].hash);
    }

    #[test]
    fn a_call_is_bound_to_a_schema_where_it_says_so() {
        let calls = calls(
            r#"[{"time": "2026-10-01T08:00:00Z", "model": "m", "segments": ["user:a:10"], "schema_bound": true},
                {"time": "2026-10-01T08:00:05Z", "model": "m", "segments": ["user:a:10"]}]"#,
        );
        assert_eq!(calls.iter().map(|call| call.schema_bound).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn equal_names_link_calls() {
        let calls = calls(
            r#"[{"time": "2026-10-01T08:00:00Z", "repeat": {"times": 2, "every_seconds": 60}, "model": "m", "opens": "search-#"},
                {"time": "2026-10-01T08:00:05Z", "repeat": {"times": 2, "every_seconds": 60}, "model": "m", "continues": "search-#"}]"#,
        );
        let opens: Vec<Option<u64>> = calls.iter().map(|call| call.chain.opens).collect();
        let continues: Vec<Option<u64>> = calls.iter().map(|call| call.chain.continues).collect();
        assert_eq!((opens[1], continues[0]), (None, None));
        assert_eq!((opens[0], opens[2]), (continues[1], continues[3]));
        assert_ne!(opens[0], opens[2]);
    }

    #[test]
    fn a_word_nobody_knows_is_refused() {
        let row = r#"{"time": "2026-10-01T08:00:00Z", "model": "m", "tokens": 3}"#;
        assert!(serde_json::from_str::<RequestRow>(row).is_err());
        let repeat = r#"{"time": "2026-10-01T08:00:00Z", "model": "m", "repeat": {"day": 3}}"#;
        assert!(serde_json::from_str::<RequestRow>(repeat).is_err());
    }
}
