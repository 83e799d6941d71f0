//! Looking values up on a tape.

use crate::Text;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true`.
    True,
    /// `false`.
    False,
    /// A number, in whatever notation.
    Number,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// Where a value stands. Keys have nodes of their own, before their values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The node after this value and all that is in it.
    pub(crate) next: u32,
    pub(crate) kind: Kind,
    pub(crate) escaped: bool,
}

/// A value of a document.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    text: &'a str,
    nodes: &'a [Node],
    at: u32,
}

impl std::fmt::Debug for Value<'_> {
    /// Kind and place, never the text: logs are other people's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let node = self.node();
        write!(f, "{:?} at bytes {}..{}", node.kind, node.start, node.end)
    }
}

impl<'a> Value<'a> {
    #[inline]
    pub(crate) const fn new(text: &'a str, nodes: &'a [Node], at: u32) -> Self {
        Self { text, nodes, at }
    }

    #[inline]
    fn node(&self) -> Node {
        self.nodes[self.at as usize]
    }

    /// What it is.
    #[inline]
    #[must_use]
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Whether it is `null`.
    #[inline]
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Whether it is an object.
    #[inline]
    #[must_use]
    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// The value as it stands in the document; of a string, what is between the quotes.
    #[inline]
    #[must_use]
    pub fn raw(self) -> &'a str {
        let node = self.node();
        self.text.get(node.start as usize..node.end as usize).unwrap_or_default()
    }

    /// Its first byte in the text that was read.
    #[inline]
    #[must_use]
    pub fn start(self) -> usize {
        self.node().start as usize
    }

    /// Its text, when it is a string.
    #[inline]
    #[must_use]
    pub fn text(self) -> Option<Text<'a>> {
        let node = self.node();
        (node.kind == Kind::Text).then(|| Text::new(self.raw(), node.escaped))
    }

    /// Its digits, when it is a number.
    #[inline]
    #[must_use]
    pub fn number(self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then(|| self.raw())
    }

    /// The value of a key, when it is an object that has it; the last one where the key stands twice.
    #[inline]
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        self.entries().filter(|(name, _)| name.is(key)).last().map(|(_, value)| value)
    }

    /// The values of some keys, found in one walk: as [`Value::get`] finds each.
    #[inline]
    #[must_use]
    pub fn pick<const N: usize>(self, keys: [&str; N]) -> [Option<Self>; N] {
        self.pick_noting(keys).0
    }

    /// The same, and the place of a key that stands twice, if one does.
    #[inline]
    #[must_use]
    pub fn pick_noting<const N: usize>(self, keys: [&str; N]) -> ([Option<Self>; N], Option<usize>) {
        let (mut found, mut twice) = ([None; N], None);
        for (name, value) in self.entries() {
            let Some(place) = keys.iter().position(|key| name.is(key)) else { continue };
            if let Some(slot) = found.get_mut(place) {
                twice = twice.or(slot.map(|_: Self| place));
                *slot = Some(value);
            }
        }
        (found, twice)
    }

    /// Keys and values in the order they stand; none of what is no object.
    #[inline]
    #[must_use]
    pub fn entries(self) -> Entries<'a> {
        Entries(self.children(Kind::Object))
    }

    /// The items of an array; none of what is no array.
    #[inline]
    #[must_use]
    pub fn items(self) -> Items<'a> {
        Items(self.children(Kind::Array))
    }

    #[inline]
    fn children(self, kind: Kind) -> Children<'a> {
        let node = self.node();
        let end = if node.kind == kind { node.next } else { self.at + 1 };
        Children { text: self.text, nodes: self.nodes, at: self.at + 1, end }
    }
}

#[derive(Clone, Copy)]
struct Children<'a> {
    text: &'a str,
    nodes: &'a [Node],
    at: u32,
    end: u32,
}

impl<'a> Children<'a> {
    #[inline]
    fn step(&mut self) -> Option<Value<'a>> {
        if self.at >= self.end {
            return None;
        }
        let value = Value::new(self.text, self.nodes, self.at);
        self.at = value.node().next;
        Some(value)
    }
}

/// Keys and values of an object.
#[derive(Clone)]
pub struct Entries<'a>(Children<'a>);

impl<'a> Iterator for Entries<'a> {
    type Item = (Text<'a>, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let key = self.0.step()?;
        let value = self.0.step()?;
        Some((Text::new(key.raw(), key.node().escaped), value))
    }
}

/// Items of an array.
#[derive(Clone)]
pub struct Items<'a>(Children<'a>);

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.step()
    }
}
