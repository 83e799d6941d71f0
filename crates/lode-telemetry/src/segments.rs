//! Building the segments of a prompt: identity, size and cache markers of its parts, never their text.

#![expect(clippy::disallowed_types, reason = "looked up for every text, never walked")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use lode_model::{Segment, SegmentKind, Traits, Ttl};
use lode_scan::{Kind, Text, Value};

use crate::count::ttl;
use crate::hash::{BETWEEN, hash, id, plain};
use crate::json::{MARKERS, is_marker, list, push_compact, push_whole, text_of};
use crate::marks::{Found, TextMarks};
use crate::passages::{Part, split};
use crate::traits::{traits, white_space};

/// Names that repeat in every request, kept once.
#[derive(Default)]
pub(crate) struct Names(BTreeSet<Arc<str>>);

impl Names {
    pub(crate) fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = match name.get(..LONGEST_NAME) {
            _ if name.len() <= LONGEST_NAME => name.into(),
            start => format!("{}…{:032x}", start.unwrap_or_default(), plain(name.as_bytes())).into(),
        };
        if self.0.len() >= NAMES {
            self.0.clear();
        }
        self.0.insert(Arc::clone(&new));
        new
    }
}

/// Bytes of a name, at most: AWS allows 64. What is longer is no name; its beginning and a hash tell it from others.
const LONGEST_NAME: usize = 256;
/// How many names are kept before all are forgotten: a bound on memory.
const NAMES: usize = 16 * 1024;

/// A hasher for keys that are hashes already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// How many segments of texts are remembered before all are forgotten: a bound on memory.
const REMEMBERED: usize = 96 * 1024;

/// Bytes of a text whose memory is kept for the next one.
const LONGEST_TEXT: usize = 1024 * 1024;
/// Segments of a list whose memory is kept for the next one.
const LONGEST_LIST: usize = 4096;

/// What a text came to: nearly always one segment.
enum Known {
    One(Arc<Segment>),
    Several(Box<[Arc<Segment>]>),
}

/// What is kept from one prompt to the next: most prompts repeat most of an earlier one.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) names: Names,
    /// The segments of a text or a tool definition, by the hash of its bytes as they stand in the log. The first half
    /// of the hash finds it, the second makes sure.
    known: HashMap<u64, (u64, Known), BuildHasherDefault<AsIs>>,
    /// How many segments they have.
    remembered: usize,
    /// Room for the segments of the next prompt.
    list: Vec<Arc<Segment>>,
    text: String,
    content: Vec<u8>,
    unescaped: Vec<u8>,
    /// Of the text at hand.
    pub(crate) found: Found,
}

impl Memory {
    fn recall(&self, key: u128) -> Option<&Known> {
        let (find, sure) = halves(key);
        self.known.get(&find).filter(|(known, _)| *known == sure).map(|(_, segments)| segments)
    }

    /// Takes the list of a prompt back: the next one has use for its memory.
    pub(crate) fn take_back(&mut self, mut list: Vec<Arc<Segment>>) {
        self.text.clear();
        self.text.shrink_to(LONGEST_TEXT);
        for buffer in [&mut self.content, &mut self.unescaped] {
            buffer.clear();
            buffer.shrink_to(LONGEST_TEXT);
        }
        list.clear();
        if list.capacity() <= LONGEST_LIST {
            self.list = list;
        }
    }

    fn remember(&mut self, key: u128, segments: &[Arc<Segment>]) {
        if self.remembered >= REMEMBERED {
            self.known.clear();
            self.remembered = 0;
        }
        self.remembered += segments.len() + 1;
        let (find, sure) = halves(key);
        let segments = match segments {
            [one] => Known::One(Arc::clone(one)),
            several => Known::Several(several.into()),
        };
        self.known.insert(find, (sure, segments));
    }
}

/// What tells a value of a tool from all others, as it stands in the log.
fn sub_key(kind: SegmentKind, value: Value<'_>, tool: Option<&str>) -> u128 {
    let form = u128::from(value.text().is_some()) | u128::from(tool.is_some()) << 1;
    hash(kind, value.raw().as_bytes()) ^ plain(tool.unwrap_or_default().as_bytes()).rotate_left(1) ^ (4 + form)
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves")]
const fn halves(key: u128) -> (u64, u64) {
    (key as u64, (key >> 64) as u64)
}

/// The time to live of a marker that is this value; five minutes where it names none that is known.
pub(crate) fn marker(value: Value<'_>) -> Option<Ttl> {
    value.is_object().then(|| value.get("ttl").and_then(ttl).unwrap_or(Ttl::FiveMinutes))
}

/// The marker inside an object.
pub(crate) fn marker_in(block: Value<'_>) -> Option<Ttl> {
    block.pick(MARKERS).into_iter().flatten().find_map(marker)
}

/// Segments in the making.
pub(crate) struct Segments<'m> {
    list: Vec<Arc<Segment>>,
    memory: &'m mut Memory,
    /// Tools by the hash of the id of their call, to name results.
    calls: BTreeMap<u64, Arc<str>>,
    /// Times to live of all markers.
    ttls: BTreeSet<Ttl>,
    /// Smallest hash of the ids of the calls whose results stand after the last assistant turn.
    results: Option<u64>,
    /// Whether a part is marked for a guardrail.
    is_marked: bool,
}

/// What a prompt comes to.
pub(crate) struct Made {
    pub(crate) segments: Vec<Arc<Segment>>,
    /// The time to live that all markers agree on.
    pub(crate) ttl: Option<Ttl>,
    /// What links the prompt to the answer before it.
    pub(crate) continues: Option<u64>,
    /// Whether parts are marked for a guardrail, so that it evaluates only these.
    pub(crate) is_marked: bool,
}

impl<'m> Segments<'m> {
    pub(crate) fn new(memory: &'m mut Memory) -> Self {
        Self {
            list: std::mem::take(&mut memory.list),
            memory,
            calls: BTreeMap::new(),
            ttls: BTreeSet::new(),
            results: None,
            is_marked: false,
        }
    }

    pub(crate) fn finish(self) -> Made {
        let ttl = if self.ttls.len() == 1 { self.ttls.first().copied() } else { None };
        Made { segments: self.list, ttl, continues: self.results, is_marked: self.is_marked }
    }

    fn push(&mut self, kind: SegmentKind, content: &[u8], bytes: usize, tool: Option<Arc<str>>) {
        self.push_with(kind, content, bytes, tool, Traits::NONE);
    }

    fn push_with(&mut self, kind: SegmentKind, content: &[u8], bytes: usize, tool: Option<Arc<str>>, traits: Traits) {
        if kind == SegmentKind::Assistant {
            self.results = None;
        }
        let hash = hash(kind, content);
        self.list.push(Arc::new(Segment { kind, hash, bytes: bytes as u64, tool, marker: None, traits }));
    }

    /// Appends what is remembered of a key; whether there is something.
    fn again(&mut self, key: u128) -> bool {
        match self.memory.recall(key) {
            Some(Known::One(segment)) => self.list.push(Arc::clone(segment)),
            Some(Known::Several(segments)) => self.list.extend_from_slice(segments),
            None => return false,
        }
        true
    }

    /// Remembers the last segment by a key.
    fn remember_last(&mut self, key: u128) {
        if let Some(new) = self.list.last() {
            self.memory.remember(key, std::slice::from_ref(new));
        }
    }

    /// A text. One of a user turn is split into passages that retrieval put there and the rest.
    pub(crate) fn text(&mut self, kind: SegmentKind, text: Text<'_>) {
        if text.is_empty() {
            return;
        }
        // Escapes in the log make the bytes, and so the key; equal bytes of one kind mean equal segments.
        let key = hash(kind, text.raw().as_bytes());
        if self.again(key) {
            if kind == SegmentKind::Assistant {
                self.results = None;
            }
            return;
        }
        let first = self.list.len();
        if text.is_escaped() {
            let mut buffer = std::mem::take(&mut self.memory.unescaped);
            buffer.clear();
            text.push_bytes_to(&mut buffer);
            self.new_text(kind, std::str::from_utf8(&buffer).unwrap_or_default());
            self.memory.unescaped = buffer;
        } else {
            self.new_text(kind, text.raw());
        }
        if let Some(new) = self.list.get(first..) {
            self.memory.remember(key, new);
        }
    }

    fn new_text(&mut self, kind: SegmentKind, text: &str) {
        let mut found = std::mem::take(&mut self.memory.found);
        found.look(text.as_bytes());
        let parts = if kind == SegmentKind::User { split(text, &found) } else { vec![Part::all(text)] };
        for part in &parts {
            if part.retrieved {
                self.passage(&[part.text], part.text.len());
                continue;
            }
            if parts.len() > 1 {
                found.look(part.text.as_bytes());
            }
            self.push_with(kind, part.text.as_bytes(), part.text.len(), None, traits(kind, part.text, &mut found));
        }
        self.memory.found = found;
    }

    /// A text that the record does not have as it is, such as a part of another.
    pub(crate) fn texts<'t>(&mut self, kind: SegmentKind, texts: impl Iterator<Item = Text<'t>>) {
        texts.for_each(|text| self.text(kind, text));
    }

    /// A retrieved passage. White space around its parts counts, but is no part of its identity: it differs between
    /// the last passage of a list and the others.
    pub(crate) fn passage<T: AsRef<str>>(&mut self, parts: &[T], bytes: usize) {
        let mut content = std::mem::take(&mut self.memory.content);
        join(&mut content, parts.iter().map(|part| part.as_ref().trim()));
        self.push(SegmentKind::Retrieved, &content, bytes, None);
        self.memory.content = content;
    }

    /// A block of a kind this version does not know: its compact JSON.
    pub(crate) fn unknown(&mut self, kind: SegmentKind, block: Value<'_>) {
        self.with_buffer(|segments, json| {
            push_compact(block, json);
            segments.push(kind, json.as_bytes(), json.len(), None);
        });
    }

    /// A tool definition that was sent before, as it stands in the log: most prompts repeat the tools of another.
    pub(crate) fn known_tool(&mut self, tool: Value<'_>) -> bool {
        self.again(plain(tool.raw().as_bytes()))
    }

    /// Remembers what was last added as that tool.
    pub(crate) fn remember_tool(&mut self, tool: Value<'_>) {
        self.remember_last(plain(tool.raw().as_bytes()));
    }

    /// A tool definition.
    pub(crate) fn tool(&mut self, definition: Value<'_>, name: Option<Text<'_>>) {
        let name = name.map(|name| self.memory.names.get(&name.get()));
        self.with_buffer(|segments, json| {
            push_compact(definition, json);
            segments.push(SegmentKind::Tool, json.as_bytes(), json.len(), name);
        });
    }

    /// A call of a tool in an assistant turn; `input` is JSON or, where the provider has it so, JSON as text.
    pub(crate) fn call(&mut self, call: Option<Text<'_>>, name: Option<Text<'_>>, input: Option<Value<'_>>) {
        let name = name.map(Text::get).unwrap_or_default();
        let tool = self.memory.names.get(&name);
        if let Some(call) = call {
            self.calls.insert(id(&call.get()), Arc::clone(&tool));
        }
        let key = input.map(|input| sub_key(SegmentKind::Assistant, input, Some(&name)));
        if key.is_some_and(|key| self.again(key)) {
            self.results = None;
            return;
        }
        self.with_buffer(|segments, json| {
            match input.map(|input| (input, input.text())) {
                None => {}
                Some((_, Some(text))) => text.push_to(json),
                Some((other, None)) => push_whole(other, json),
            }
            let mut content = std::mem::take(&mut segments.memory.content);
            join(&mut content, [name.as_ref(), json.as_str()].into_iter());
            segments.push(SegmentKind::Assistant, &content, name.len() + json.len(), Some(tool));
            segments.memory.content = content;
        });
        key.into_iter().for_each(|key| self.remember_last(key));
    }

    /// The result of the call of this id: its texts, JSON parts as compact JSON. Media in it become segments of
    /// their own after it.
    pub(crate) fn result(&mut self, call: Option<Text<'_>>, result: Option<Value<'_>>) {
        let call = call.map(|call| id(&call.get()));
        let tool = call.and_then(|call| self.calls.get(&call)).cloned();
        self.results = [self.results, call].into_iter().flatten().min();
        let key = result.map(|result| sub_key(SegmentKind::ToolResult, result, tool.as_deref()));
        if key.is_some_and(|key| self.again(key)) {
            return;
        }
        let mut media = Vec::new();
        let mut content = std::mem::take(&mut self.memory.content);
        content.clear();
        let mut parts = 0;
        let mut json = std::mem::take(&mut self.memory.text);
        let mut add = |part: ResultPart<'_>| {
            if parts > 0 {
                content.push(BETWEEN);
            }
            parts += 1;
            json.clear();
            match part {
                ResultPart::Text(text) => text.push_bytes_to(&mut content),
                ResultPart::Json(value) => push_whole(value, &mut json),
                ResultPart::Block(value) => push_compact(value, &mut json),
            }
            content.extend_from_slice(json.as_bytes());
        };
        match result.map(|result| (result, result.kind())) {
            None | Some((_, Kind::Null)) => {}
            Some((result, Kind::Array)) => {
                for block in result.items() {
                    if is_media(block) {
                        media.push(block);
                    } else if let Some(text) = block.text().or_else(|| text_of(block, "text")) {
                        add(ResultPart::Text(text));
                    } else if !is_only_marker(block) {
                        add(block.get("json").map_or(ResultPart::Block(block), ResultPart::Json));
                    }
                }
            }
            Some((result, _)) => add(result.text().map_or(ResultPart::Block(result), ResultPart::Text)),
        }
        self.memory.text = json;
        let bytes = content.len() + 1 - usize::max(parts, 1);
        let white_space = white_space_of(&content, &mut self.memory.found.marks);
        let traits = Traits { white_space, ..Traits::NONE };
        self.push_with(SegmentKind::ToolResult, &content, bytes, tool, traits);
        self.memory.content = content;
        let mut is_text = media.is_empty();
        for block in media {
            self.media(block);
        }
        for ttl in list(result).filter_map(marker_in) {
            is_text = false;
            self.mark(ttl);
        }
        key.filter(|_| is_text).into_iter().for_each(|key| self.remember_last(key));
    }

    /// An image, video, audio or document. Its bytes are those of text carried in the block itself and otherwise 0:
    /// logs hold where a medium went, not how large it is. That place differs from call to call, so a medium is
    /// never the same in two requests.
    pub(crate) fn media(&mut self, block: Value<'_>) {
        let source = block.get("document").unwrap_or(block).get("source");
        let inline = source.map_or(0, |source| {
            let is_text = text_of(source, "type").is_some_and(|kind| kind.is("text"));
            let text = source.get("text").or_else(|| source.get("data").filter(|_| is_text)).and_then(Value::text);
            let texts = list(source.get("content")).filter_map(|block| text_of(block, "text"));
            texts.chain(text).map(|text| text.get().len()).sum()
        });
        self.with_buffer(|segments, json| {
            push_compact(block, json);
            segments.push(SegmentKind::Media, json.as_bytes(), inline, None);
        });
    }

    /// A cache marker after what is there so far. One before any segment marks nothing.
    pub(crate) fn mark(&mut self, ttl: Ttl) {
        if let Some(last) = self.list.last_mut() {
            let last = Arc::make_mut(last);
            last.marker = last.marker.max(Some(ttl));
            self.ttls.insert(ttl);
        }
    }

    /// A part that the caller wants a guardrail to evaluate.
    pub(crate) const fn mark_guarded(&mut self) {
        self.is_marked = true;
    }

    /// The marker of automatic caching: at the last block, unless that has one.
    pub(crate) fn mark_end(&mut self, ttl: Ttl) {
        if self.list.last().is_some_and(|last| last.marker.is_none()) {
            self.mark(ttl);
        }
    }

    /// Lends an empty buffer.
    fn with_buffer(&mut self, work: impl FnOnce(&mut Self, &mut String)) {
        let mut buffer = std::mem::take(&mut self.memory.text);
        buffer.clear();
        work(self, &mut buffer);
        self.memory.text = buffer;
    }
}

/// White space in the JSON of parts with [`BETWEEN`] between them.
fn white_space_of(content: &[u8], marks: &mut TextMarks) -> u32 {
    let parts = content.split(|byte| *byte == BETWEEN).filter_map(|part| std::str::from_utf8(part).ok());
    parts.fold(0, |sum, part| {
        marks.look(part.as_bytes());
        sum.saturating_add(white_space(part, marks))
    })
}

/// A part of a tool's result.
enum ResultPart<'a> {
    Text(Text<'a>),
    Json(Value<'a>),
    /// A block that is neither: without its cache marker.
    Block(Value<'a>),
}

/// Parts with [`BETWEEN`] between them.
fn join<'t>(content: &mut Vec<u8>, parts: impl Iterator<Item = &'t str>) {
    content.clear();
    for (place, part) in parts.enumerate() {
        if place > 0 {
            content.push(BETWEEN);
        }
        content.extend_from_slice(part.as_bytes());
    }
}

/// Whether a block is nothing but a cache marker.
pub(crate) fn is_only_marker(block: Value<'_>) -> bool {
    let mut keys = block.entries().map(|(key, _)| key);
    keys.next().is_some_and(is_marker) && keys.all(is_marker)
}

/// Whether a block is an image, video, audio or document.
pub(crate) fn is_media(block: Value<'_>) -> bool {
    const MEDIA: [&str; 9] =
        ["image", "document", "video", "audio", "image_url", "input_image", "input_audio", "input_file", "file"];
    match text_of(block, "type") {
        Some(kind) => MEDIA.iter().any(|name| kind.is(name)),
        None => block.entries().any(|(key, _)| MEDIA[..4].iter().any(|name| key.is(name))),
    }
}
