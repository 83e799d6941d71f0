//! Requests of a scenario: one row may stand for many calls at a steady pace.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use lode_model::{
    AccountId, Caller, Mode, ModelId, Region, Request, Routing, Segment, SegmentKind, TokenCounts, Trace, TraceError,
    Ttl,
};
use serde::Deserialize;

/// A call, or a run of equal calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRow {
    /// When the first call was made.
    time: Timestamp,
    /// `{"times": 100, "every_seconds": 60}`: so many calls, this far apart. Once when absent.
    repeat: Option<Repeat>,
    /// Model id.
    model: String,
    /// Role.
    role: Option<String>,
    #[serde(default)]
    streaming: bool,
    mode: Option<Mode>,
    #[serde(default)]
    input: u64,
    #[serde(default)]
    output: u64,
    #[serde(default)]
    cache_read: u64,
    #[serde(default)]
    cache_write_5m: u64,
    #[serde(default)]
    cache_write_1h: u64,
    /// `["tool:lookup:400", "system:policy:8000|5m", "user:#:200"]`: kind, name of the content, bytes, and a
    /// cache marker after it. A name with `#` is another content in every call.
    #[serde(default)]
    segments: Vec<String>,
}

/// How often a row stands for a call.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    times: u32,
    every_seconds: u32,
}

impl RequestRow {
    /// The calls the row stands for; `row` makes their ids.
    #[must_use]
    pub fn expand(&self, row: usize) -> Vec<Request> {
        let repeat = self.repeat.unwrap_or(Repeat { times: 1, every_seconds: 0 });
        (0..repeat.times)
            .map(|call| Request {
                id: format!("request-{row}-{call}").into(),
                time: self.time + SignedDuration::from_secs(i64::from(call) * i64::from(repeat.every_seconds)),
                account: AccountId::from("111111111111"),
                region: Region::from("us-east-1"),
                model: ModelId::from(self.model.as_str()),
                routing: Routing::Regional,
                caller: self
                    .role
                    .as_ref()
                    .map_or_else(|| Caller::from(Caller::UNATTRIBUTED), |r| Caller::from(format!("role/{r}").as_str())),
                mode: self.mode,
                streaming: self.streaming,
                tokens: TokenCounts {
                    input: self.input,
                    output: self.output,
                    cache_read: self.cache_read,
                    cache_write_5m: self.cache_write_5m,
                    cache_write_1h: self.cache_write_1h,
                },
                error: None,
                segments: self.segments.iter().map(|text| segment(text, call)).collect(),
            })
            .collect()
    }
}

fn segment(text: &str, call: u32) -> Segment {
    let (body, marker) = text.split_once('|').map_or((text, None), |(body, ttl)| {
        (body, Some(Ttl::from_word(ttl).unwrap_or_else(|| panic!("{ttl} is no time to live"))))
    });
    let parts: Vec<&str> = body.split(':').collect();
    let [kind, name, bytes] = parts[..] else { panic!("a segment is kind:name:bytes, not {text}") };
    let kind = match kind {
        "tool" => SegmentKind::Tool,
        "system" => SegmentKind::System,
        "user" => SegmentKind::User,
        "assistant" => SegmentKind::Assistant,
        "result" => SegmentKind::ToolResult,
        other => panic!("{other} is no kind of segment"),
    };
    Segment {
        kind,
        hash: identity(&name.replace('#', &call.to_string())),
        bytes: bytes.parse().unwrap_or_else(|_| panic!("{bytes} is no number of bytes")),
        tool: matches!(kind, SegmentKind::Tool | SegmentKind::ToolResult).then(|| Arc::from(name)),
        marker,
    }
}

/// FNV-1a over 128 bits: names of a scenario, never hostile.
fn identity(name: &str) -> u128 {
    name.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash: u128, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

/// Requests in memory, as the simulator will stream them.
#[derive(Clone, Debug, Default)]
pub struct MemoryTrace(BTreeMap<(AccountId, Region, ModelId), Vec<Request>>);

impl MemoryTrace {
    /// All calls of some rows.
    #[must_use]
    pub fn of(rows: &[RequestRow]) -> Self {
        let mut groups: BTreeMap<_, Vec<Request>> = BTreeMap::new();
        for request in rows.iter().enumerate().flat_map(|(row, request)| request.expand(row)) {
            let group = (request.account.clone(), request.region.clone(), request.model.clone());
            groups.entry(group).or_default().push(request);
        }
        for requests in groups.values_mut() {
            requests.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        }
        Self(groups)
    }
}

impl Trace for MemoryTrace {
    fn groups(&self) -> Vec<(AccountId, Region, ModelId)> {
        self.0.keys().cloned().collect()
    }

    fn requests(&self, group: &(AccountId, Region, ModelId), each: &mut dyn FnMut(&Request)) -> Result<(), TraceError> {
        self.0.get(group).into_iter().flatten().for_each(each);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stands_for_many_calls() {
        let rows: Vec<RequestRow> = serde_json::from_str(
            r#"[{"time": "2026-10-01T08:00:00Z", "repeat": {"times": 3, "every_seconds": 60}, "model": "m",
                 "role": "app", "input": 100, "output": 10,
                 "segments": ["tool:lookup:400", "system:policy:8000|5m", "user:question-#:200"]},
                {"time": "2026-10-01T08:00:30Z", "model": "m"}]"#,
        )
        .expect("valid rows");
        let trace = MemoryTrace::of(&rows);
        let groups = trace.groups();
        assert_eq!(groups.len(), 1);
        let mut calls = Vec::new();
        trace.requests(&groups[0], &mut |request| calls.push(request.clone())).expect("in memory");
        let ids: Vec<&str> = calls.iter().map(|call| &*call.id).collect();
        assert_eq!(ids, ["request-0-0", "request-1-0", "request-0-1", "request-0-2"], "in time order");
        assert_eq!(calls.iter().map(|call| call.tokens.input).sum::<u64>(), 300);
        let (first, second) = (&calls[0].segments, &calls[2].segments);
        assert_eq!(first[1].hash, second[1].hash, "the policy is the same in every call");
        assert_ne!(first[2].hash, second[2].hash, "the question is not");
        assert_eq!(first[1].marker, Some(Ttl::FiveMinutes));
        assert_eq!(first[0].tool.as_deref(), Some("lookup"));
    }
}
