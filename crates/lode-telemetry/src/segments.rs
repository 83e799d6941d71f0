//! Building the segments of a prompt: identity, size and cache markers of its parts, never their text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{Segment, SegmentKind, Ttl};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value};

use crate::count::ttl;
use crate::hash::hash;
use crate::passages::split;

/// Names that repeat in every request, kept once.
#[derive(Default)]
pub(crate) struct Names(BTreeSet<Arc<str>>);

impl Names {
    pub(crate) fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = name.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

/// An object without the keys that carry its cache marker.
struct Unmarked<'a>(&'a Map<String, Value>);

/// Keys that carry a cache marker: Anthropic's, and that of Nova and Converse.
pub(crate) const MARKERS: [&str; 2] = ["cache_control", "cachePoint"];

impl Serialize for Unmarked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.0 {
            if !MARKERS.contains(&key.as_str()) {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

/// Compact JSON, without the value's own cache marker.
pub(crate) fn compact(value: &Value) -> String {
    match value {
        Value::Object(map) => serde_json::to_string(&Unmarked(map)).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// The time to live of a marker that is this value; five minutes where it names none that is known.
fn marker(value: &Value) -> Option<Ttl> {
    value.is_object().then(|| value.get("ttl").and_then(ttl).unwrap_or(Ttl::FiveMinutes))
}

/// The marker inside an object.
pub(crate) fn marker_in(block: &Value) -> Option<Ttl> {
    MARKERS.iter().find_map(|key| marker(block.get(*key)?))
}

/// Segments in the making.
pub(crate) struct Segments<'a> {
    list: Vec<Segment>,
    names: &'a mut Names,
    /// Tools by the id of their call, to name results.
    calls: BTreeMap<String, Arc<str>>,
    /// Times to live of all markers.
    ttls: BTreeSet<Ttl>,
}

impl<'a> Segments<'a> {
    pub(crate) fn new(names: &'a mut Names) -> Self {
        Self { list: Vec::new(), names, calls: BTreeMap::new(), ttls: BTreeSet::new() }
    }

    /// The segments, and the time to live that all markers agree on.
    pub(crate) fn finish(self) -> (Vec<Segment>, Option<Ttl>) {
        let agreed = if self.ttls.len() == 1 { self.ttls.first().copied() } else { None };
        (self.list, agreed)
    }

    fn push(&mut self, kind: SegmentKind, parts: &[&str], bytes: usize, tool: Option<Arc<str>>) {
        let hash = hash(kind, parts);
        self.list.push(Segment { kind, hash, bytes: bytes as u64, tool, marker: None });
    }

    /// A text. One of a user turn is split into passages that retrieval put there and the rest.
    pub(crate) fn text(&mut self, kind: SegmentKind, text: &str) {
        if text.is_empty() {
            return;
        }
        if kind != SegmentKind::User {
            return self.push(kind, &[text], text.len(), None);
        }
        for part in split(text) {
            if part.retrieved {
                self.passage(&[part.text], part.text.len());
            } else {
                self.push(kind, &[part.text], part.text.len(), None);
            }
        }
    }

    /// A retrieved passage. White space around it counts, but is no part of its identity: it differs between the
    /// last passage of a list and the others.
    pub(crate) fn passage(&mut self, texts: &[&str], bytes: usize) {
        let parts: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
        self.push(SegmentKind::Retrieved, &parts, bytes, None);
    }

    /// A block of a kind this version does not know: its compact JSON.
    pub(crate) fn unknown(&mut self, kind: SegmentKind, block: &Value) {
        let json = compact(block);
        self.push(kind, &[&json], json.len(), None);
    }

    /// A tool definition.
    pub(crate) fn tool(&mut self, definition: &Value, name: Option<&str>) {
        let json = compact(definition);
        let name = name.map(|name| self.names.get(name));
        self.push(SegmentKind::Tool, &[&json], json.len(), name);
    }

    /// A call of a tool in an assistant turn; `input` is JSON or, where the provider has it so, JSON as text.
    pub(crate) fn call(&mut self, id: Option<&str>, name: &str, input: Option<&Value>) {
        let json = match input {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let tool = self.names.get(name);
        if let Some(id) = id {
            self.calls.insert(id.to_owned(), Arc::clone(&tool));
        }
        self.push(SegmentKind::Assistant, &[name, &json], name.len() + json.len(), Some(tool));
    }

    /// The result of the call of this id: its texts, JSON parts as compact JSON. Media in it become segments of
    /// their own after it.
    pub(crate) fn result(&mut self, id: Option<&str>, content: Option<&Value>) {
        let mut texts: Vec<String> = Vec::new();
        let mut media = Vec::new();
        match content {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => texts.push(text.clone()),
            Some(Value::Array(blocks)) => {
                for block in blocks {
                    if is_media(block) {
                        media.push(block);
                    } else if let Some(text) = block.as_str().or_else(|| block.get("text")?.as_str()) {
                        texts.push(text.to_owned());
                    } else if !is_only_marker(block) {
                        texts.push(block.get("json").map_or_else(|| compact(block), Value::to_string));
                    }
                }
            }
            Some(other) => texts.push(compact(other)),
        }
        let parts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let tool = id.and_then(|id| self.calls.get(id)).cloned();
        self.push(SegmentKind::ToolResult, &parts, parts.iter().map(|part| part.len()).sum(), tool);
        for block in media {
            self.media(block);
        }
        for ttl in content.and_then(Value::as_array).into_iter().flatten().filter_map(marker_in) {
            self.mark(ttl);
        }
    }

    /// An image, video, audio or document. Its bytes are those of text carried in the block itself and otherwise 0:
    /// logs hold where a medium went, not how large it is. That place differs from call to call, so a medium is
    /// never the same in two requests.
    pub(crate) fn media(&mut self, block: &Value) {
        let json = compact(block);
        let source = block.get("document").unwrap_or(block).get("source");
        let inline = source.map_or(0, |source| {
            let is_text = source.get("type").and_then(Value::as_str) == Some("text");
            let text = source.get("text").or_else(|| source.get("data").filter(|_| is_text)).and_then(Value::as_str);
            let blocks = source.get("content").and_then(Value::as_array);
            let texts = blocks.into_iter().flatten().filter_map(|block| block.get("text")?.as_str());
            texts.chain(text).map(str::len).sum()
        });
        self.push(SegmentKind::Media, &[&json], inline, None);
    }

    /// A cache marker after what is there so far. One before any segment marks nothing.
    pub(crate) fn mark(&mut self, ttl: Ttl) {
        if let Some(last) = self.list.last_mut() {
            last.marker = last.marker.max(Some(ttl));
            self.ttls.insert(ttl);
        }
    }

    /// The marker of automatic caching: at the last block, unless that has one.
    pub(crate) fn mark_end(&mut self, ttl: Ttl) {
        if self.list.last().is_some_and(|last| last.marker.is_none()) {
            self.mark(ttl);
        }
    }
}

/// Whether a block is nothing but a cache marker.
pub(crate) fn is_only_marker(block: &Value) -> bool {
    block.as_object().is_some_and(|map| !map.is_empty() && map.keys().all(|key| MARKERS.contains(&key.as_str())))
}

/// Whether a block is an image, video, audio or document.
pub(crate) fn is_media(block: &Value) -> bool {
    const MEDIA: [&str; 9] =
        ["image", "document", "video", "audio", "image_url", "input_image", "input_audio", "input_file", "file"];
    match block.get("type").and_then(Value::as_str) {
        Some(kind) => MEDIA.contains(&kind),
        None => MEDIA[..4].iter().any(|kind| block.get(kind).is_some()),
    }
}
