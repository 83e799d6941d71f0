//! How apps and their users speak: the texts of `texts/*.txt`, one file a voice, and what is made of them. It must not
//! know what a text costs, or what anybody may read out of it.
//!
//! A voice is a list of sections. `@text NAME` opens a wording; the same name again is another one, and the month decides
//! which an app has. `@any NAME` is the same, but every text decides. `@bank NAME` opens a bank of items: one a line, or,
//! where a line holds `~` alone, what lies between such lines. In all of them:
//! - `<%NAME%>` is a wording or an item, by chance of the text; `<%=NAME%>` by chance of the month, the same in every
//!   text of the app;
//! - `<%id%>` is a number that no other text has; `<%n 2 40%>` a number of this range;
//! - `<%fill NAME%>` is as many items as the text has room for, with spaces between them; `<%lines NAME%>` with line
//!   breaks. What follows it stands at the very end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::LazyLock;

use crate::apps::ALL;
use crate::call::Piece;

/// Marks inside marks, at most.
const DEPTH: u32 = 4;
/// Every id of an app is below this.
const IDS: u64 = 10_000_000;
/// The role of the pieces that describe tools: every app describes a tool in the same words.
pub(crate) const TOOLS: &str = "tools";

macro_rules! voices {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../texts/", $name, ".txt")))),*]
    };
}

static TEXTS: [(&str, &str); VOICES] = voices!(
    "chapters",
    "chat-en",
    "chat-es",
    "codehelp",
    "contracts",
    "cv",
    "desk",
    "dossiers",
    "facts",
    "faq-en",
    "faq-es",
    "invoice-de",
    "invoice-en",
    "kb",
    "mail",
    "manuals",
    "notes-en",
    "notes-fr",
    "oncall",
    "ops",
    "pages",
    "policy-de",
    "policy-en",
    "polish-en",
    "polish-fr",
    "reports",
    "review",
    "shift",
    "sql",
    "stories",
    "summaries-de",
    "summaries-en",
    "tools",
    "translate-de",
    "translate-ja",
    "triage-de",
    "triage-en",
    "triage-json",
    "types",
);
const VOICES: usize = 39;

/// What can be said: wordings and items by name.
type Voice = BTreeMap<&'static str, Said>;

/// Wordings or items of one name.
#[derive(Default)]
struct Said {
    /// Whether the month decides, and not the text.
    fixed: bool,
    items: Vec<&'static str>,
}

static ALL_VOICES: LazyLock<BTreeMap<&str, Voice>> =
    LazyLock::new(|| TEXTS.iter().map(|(name, text)| (*name, parsed(text))).collect());

/// Place, from 1, and voices of the app of a role.
static SPEAKERS: LazyLock<BTreeMap<&str, (u64, &[&str])>> = LazyLock::new(|| {
    let apps = ALL.iter().zip(1..).map(|(app, place)| (app.role, (place, app.voices)));
    apps.chain([(TOOLS, (0, &["tools"] as &[&str]))]).collect()
});

fn parsed(text: &'static str) -> Voice {
    let mut sections: Vec<(&str, &str, usize, usize)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let after = at + line.len();
        let opened = line.split_once(' ').filter(|(mark, _)| ["@text", "@any", "@bank"].contains(mark));
        match (opened, sections.last_mut()) {
            (Some((mark, name)), _) => sections.push((mark, name.trim(), after, after)),
            (None, Some(section)) => section.3 = after,
            (None, None) => {}
        }
        at = after;
    }
    let mut voice = Voice::new();
    for (mark, name, from, to) in sections {
        let said = voice.entry(name).or_default();
        said.fixed = mark == "@text";
        let body = text.get(from..to).unwrap_or_default().trim_matches('\n');
        if mark != "@bank" {
            said.items.push(body);
        } else if body.contains("\n~\n") {
            said.items.extend(body.split("\n~\n"));
        } else {
            said.items.extend(body.lines());
        }
    }
    voice
}

/// A well-mixed number (splitmix64's finaliser, Steele, Lea and Flood 2014).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn named(text: &str) -> u64 {
    text.bytes().fold(7, |hash, byte| mixed(hash ^ u64::from(byte)))
}

/// Items of a bank in a row, with their numbers filled in, and where each begins. Texts are filled from somewhere in it
/// on, so that they read differently and a month packs well all the same.
struct Book {
    text: String,
    starts: Vec<usize>,
}

/// Bytes of a book, about. Twice of it fits the 32 KB in which a packer finds what it has seen.
const BOOK: usize = 4_000;

/// Books by role, bank and what stands between items.
type Books = BTreeMap<(&'static str, &'static str, char), Rc<Book>>;

thread_local! {
    /// The books of one seed.
    static BOOKS: RefCell<(u64, Books)> = RefCell::default();
}

/// One text being written.
struct Writer {
    voice: &'static Voice,
    /// Chance of the month for this app.
    month: u64,
    /// Chance of this text, moved on at every use.
    chance: u64,
    id: u64,
}

/// What a text is made of: before, what fills it (its bank and what stands between items), after.
struct Parts {
    head: String,
    fill: Option<(&'static str, char)>,
    tail: String,
}

/// The text of a piece in the voice of its app, of exactly so many bytes: filled up where its wording says so, else
/// with spaces, or cut.
pub(crate) fn write(piece: &Piece, bytes: usize) -> String {
    let Some((mut writer, Parts { head: mut text, fill, tail })) = begun(piece) else { return " ".repeat(bytes) };
    if let Some((bank, between)) = fill {
        let room = bytes.saturating_sub(tail.len());
        writer.fill(piece, (bank, between), &mut text, room);
        cut(&mut text, room);
    }
    text.push_str(&tail);
    cut(&mut text, bytes);
    text
}

/// Tokens of the text of a piece that is neither filled nor cut.
pub(crate) fn natural(piece: &Piece) -> u32 {
    u32::try_from(whole(piece).len().div_ceil(4).max(1)).unwrap_or(u32::MAX)
}

/// The text of a piece that is neither filled nor cut.
pub(crate) fn whole(piece: &Piece) -> String {
    begun(piece).map_or_else(String::new, |(_, parts)| parts.head + &parts.tail)
}

/// Spaces a level of the JSON that the app of a piece prints: 2 or 4, by chance of the month.
pub(crate) fn indent(piece: &Piece) -> u8 {
    if mixed(piece.seed ^ named(piece.role)).is_multiple_of(2) { 2 } else { 4 }
}

/// To so many bytes: cut between characters, filled with spaces.
fn cut(text: &mut String, bytes: usize) {
    text.truncate(text.floor_char_boundary(bytes));
    text.extend(std::iter::repeat_n(' ', bytes.saturating_sub(text.len())));
}

fn begun(piece: &Piece) -> Option<(Writer, Parts)> {
    let (place, voices) = *SPEAKERS.get(piece.role)?;
    let month = mixed(piece.seed).wrapping_add(place);
    let voice = ALL_VOICES.get(voices.get(one_of(month, voices.len()))?)?;
    // Wordings that only the month decides are neighbours in apps that are: a twin never speaks as its app does.
    let wording = month / voices.len() as u64;
    let chance = mixed(month ^ named(piece.topic) ^ mixed(piece.number));
    let mut writer = Writer { voice, month: wording, chance, id: place * IDS + piece.number };
    let Said { fixed, items } = voice.get(piece.topic)?;
    let at = if *fixed { one_of(wording, items.len()) } else { writer.next(items.len()) };
    let wording = items.get(at)?;
    Some(match split_fill(wording) {
        Some((head, bank, between, tail)) => {
            let head = writer.whole(head);
            let tail = writer.whole(tail);
            (writer, Parts { head, fill: Some((bank, between)), tail })
        }
        None => {
            let head = writer.whole(wording);
            (writer, Parts { head, fill: None, tail: String::new() })
        }
    })
}

fn one_of(number: u64, of: usize) -> usize {
    usize::try_from(number % (of as u64).max(1)).unwrap_or_default()
}

/// Before, bank, what stands between items, after.
fn split_fill(wording: &'static str) -> Option<(&'static str, &'static str, char, &'static str)> {
    let (mark, between) =
        [("<%fill ", ' '), ("<%lines ", '\n')].into_iter().find(|(mark, _)| wording.contains(mark))?;
    let (head, rest) = wording.split_once(mark)?;
    let (bank, tail) = rest.split_once("%>")?;
    Some((head, bank, between, tail))
}

impl Writer {
    fn items(&self, name: &str) -> &'static [&'static str] {
        self.voice.get(name).map_or(&[], |said| &said.items)
    }

    fn next(&mut self, of: usize) -> usize {
        self.chance = mixed(self.chance);
        one_of(self.chance, of)
    }

    /// Copies the book of a bank into `text`, from an item that chance picks, until there are `room` bytes or more.
    fn fill(&mut self, piece: &Piece, (bank, between): (&'static str, char), text: &mut String, room: usize) {
        let book = BOOKS.with_borrow_mut(|(seed, books)| {
            if *seed != piece.seed {
                *seed = piece.seed;
                books.clear();
            }
            let book = books.entry((piece.role, bank, between));
            Rc::clone(book.or_insert_with(|| Rc::new(self.book(bank, between))))
        });
        let start = self.next(book.starts.len());
        let mut from = book.starts.get(start).copied().unwrap_or_default();
        while text.len() < room && !book.text.is_empty() {
            text.push_str(book.text.get(from..).unwrap_or_default());
            from = 0;
        }
    }

    /// The book of a bank: all items in an order of chance, then again in another.
    fn book(&self, bank: &str, between: char) -> Book {
        let items = self.items(bank);
        let mut writer =
            Writer { voice: self.voice, month: self.month, chance: mixed(self.month ^ named(bank)), id: 0 };
        let mut book = Book { text: String::new(), starts: Vec::new() };
        let mut round: Vec<&str> = Vec::new();
        while book.text.len() < BOOK && !items.is_empty() {
            if round.is_empty() {
                round.extend(items);
            }
            let item = round.swap_remove(writer.next(round.len()));
            book.starts.push(book.text.len());
            writer.expand(item, &mut book.text, DEPTH);
            book.text.push(between);
        }
        book
    }

    fn whole(&mut self, wording: &str) -> String {
        let mut text = String::new();
        self.expand(wording, &mut text, DEPTH);
        text
    }

    fn expand(&mut self, wording: &str, text: &mut String, depth: u32) {
        let mut rest = wording;
        while let Some((before, after)) = rest.split_once("<%") {
            text.push_str(before);
            let Some((mark, after)) = after.split_once("%>") else { break };
            self.mark(mark, text, depth);
            rest = after;
        }
        text.push_str(rest);
    }

    fn mark(&mut self, mark: &str, text: &mut String, depth: u32) {
        if mark == "id" {
            text.push_str(&self.id.to_string());
        } else if let Some(range) = mark.strip_prefix("n ") {
            let (low, high) = range.split_once(' ').unwrap_or((range, range));
            let (low, high) = (low.parse::<usize>().unwrap_or(0), high.parse::<usize>().unwrap_or(0));
            let number = low + self.next(high.saturating_sub(low) + 1);
            text.push_str(&number.to_string());
        } else if let Some(depth) = depth.checked_sub(1) {
            let (name, fixed) = mark.strip_prefix('=').map_or((mark, false), |name| (name, true));
            let items = self.items(name);
            let at = if fixed { one_of(self.month, items.len()) } else { self.next(items.len()) };
            if let Some(item) = items.get(at) {
                self.expand(item, text, depth);
            }
        }
    }
}
