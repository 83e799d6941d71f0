//! What the words of an instruction ask for: to classify, to summarise, to translate, …
//!
//! Words have weights, and count more where instructions stand: at the beginning of a system prompt, at the beginning
//! and the end of what the user sends. What is not to be done (`do not translate`) does not
//! count. The thing with most
//! weight is what the text asks for, of two with the same weight the one named first; nothing where no weight is enough. Words are those that developers write in English, German, French, Spanish, Portuguese,
//! Japanese and Chinese prompts, and the plainest of Italian, Dutch and Russian ones; the list is Lode's own (2026-11). What a user sends that reads as code asks for code. A text that mentions a word may not ask for the
//! thing: what a group of calls asks for is decided from all of them.

use std::sync::LazyLock;

use lode_model::{Ask, SegmentKind};
use lode_scan::WordStarts;
use memchr::memchr;

use crate::code::is_code;
use crate::marks::Found;

/// Least weight that counts.
const LEAST: u32 = 3;
/// By how much words weigh more where the task is named, and where instructions stand.
const OPENING: u32 = 6;
const FIRST: u32 = 4;
const IN_FRONT: u32 = 2;
/// Bytes at the beginning of any text where the task is named: its first words, and its first sentence.
const OPENING_BYTES: usize = 60;
const FIRST_BYTES: usize = 140;
/// Bytes at the beginning of a system prompt where instructions stand.
const FRONT_OF_SYSTEM: usize = 320;
/// Bytes at both ends of what a user sends.
const ENDS_OF_USER: usize = 240;
/// Bytes of what a user sends by which it is judged to be code.
const CODE: usize = 1536;
/// Bytes of a text that is a question if it holds one; longer ones must end as one.
const QUESTION: usize = 400;
/// Bytes of a text that are looked at, from its beginning and from its end.
const OF_SYSTEM: usize = 3000;
const OF_USER: usize = 800;
const FROM_END: usize = 800;

/// Words of one ask that weigh the same, with `|` between them, by their beginnings: `classif` stands for classify and
/// classification.
type Words = (Ask, u32, &'static str);

const WORDS: &[Words] = &[
    (
        Ask::Label,
        3,
        "classifica|classificeer|классифи|Классифи|\
         valid values|allowed values|choose one|pick one|choose exactly one|eines der folgenden|\
         classif|categoriz|categoris|sentiment|exactly one of|yes or no|only the label|label only|one word|\
         single word|klassifizier|ja oder nein|étiquet|Étiquet|oui ou non|clasific|etiquet|sí o no|分類|分类",
    ),
    (
        Ask::Label,
        2,
        "predict|possible values|assign|\
         label|category|categories|one of the following|one of these|triage|true or false|moderat|intent|\
         rate the|score the|kategorie|einordn|zuordn|ordne|catégori|classe |categoría|カテゴリ|类别",
    ),
    (Ask::Label, 1, "spam|priority|urgen|route |queue"),
    (
        Ask::Extract,
        3,
        "estrai|haal de |извлек|Извлек|\
         extract|extrahier|extrai|extrae|抽出|提取",
    ),
    (Ask::Extract, 2, "pull out|parse|structured data|key-value|entities|line items|entnehm|auslesen|lies aus"),
    (Ask::Extract, 1, "json|schema|fields|felder|champs|campos"),
    (
        Ask::Summarise,
        3,
        "riassum|samenvat|vat de |краткое|Краткое|резюм|Резюм|\
         compte rendu|compte-rendu|kurzbericht|synopsis|abridge|\
         summar|tl;dr|tldr|condense|recap|zusammenfass|fasse |fassen sie|kurzfassung|résume |résumer|résumez|résumé de |résumé du |résumé des |resumen|resume el|\
         resume la|resume este|resume esta|resumir|resuma|resumo|要約|总结|摘要|概括",
    ),
    (
        Ask::Summarise,
        2,
        "gist|boil down|protokoll|acta |\
         key points|main points|shorten|kernpunkte|synthèse|synthétis|síntesis|sintetiz|まとめ",
    ),
    (Ask::Summarise, 1, "bullet point|digest|in brief|stichpunkt|takeaway"),
    (Ask::Answer, 3, "answer the question|answer questions|answers questions|question answering|q&a|beantwort"),
    (
        Ask::Answer,
        2,
        "answer the user|answer customer|answer employee|faq|répond|responde |contesta|質問|回答|答え|问题|ask me",
    ),
    (Ask::Answer, 1, "question|answer|explain|frage|antwort|pregunta|help desk|helpdesk"),
    (
        Ask::Rewrite,
        3,
        "traduci|vertaal|переведи|Переведи|перевод|\
         translat|rewrit|rephras|paraphras|proofread|reword|correct the grammar|copy edit|copyedit|übersetz|Übersetz|\
         umformulier|umschreib|ins deutsche|ins englische|tradui|traduction|reformul|réécri|traduc|traduz|\
         reescrib|翻訳|書き換え|言い換え|校正|翻译|改写|润色",
    ),
    (
        Ask::Rewrite,
        2,
        "grammar|spelling|polish the|localiz|localis|plain language|simplif|into english|into german|\
         into french|into spanish|into japanese|formulier|korrigier|rechtschreib|corrig|orthograph|ortograf|\
         en français|en anglais|al español|al inglés",
    ),
    (Ask::Rewrite, 1, "tone|style guide|fluent|native speaker"),
    (
        Ask::Code,
        3,
        "unit test|refactor|code review|review the code|software engineer|programmier|quellcode|\
         softwareentwickl|代码",
    ),
    (
        Ask::Code,
        2,
        "coding|python|typescript|javascript|sql|pull request|debug|programm|codebase|source code|\
         stack trace|regex|développeur|コード|プログラ",
    ),
    (Ask::Code, 1, "code|function|implement|bug|compil|developer|diff |rust |java "),
    (
        Ask::Write,
        3,
        "blog|essay|newsletter|press release|product description|copywriter|long-form|ghostwriter|verfass|\
         rédige|rédaction|redact|執筆|撰写|写一篇",
    ),
    (
        Ask::Write,
        2,
        "write a|write an|write the|draft|article|story|marketing|compose|proposal|chapter|schreib|entwurf|\
         artikel|écri|escrib|artículo|記事",
    ),
    (Ask::Write, 1, "words|paragraph|section|outline|brief|作成"),
];

/// The list, flat, and what finds its words.
struct Finder {
    words: Vec<(Ask, u32)>,
    /// The words by their [`start`], the longest first: number of the beginning, word, its place in `words`. Those that deny
    /// have none.
    by_start: Vec<(usize, &'static str, Option<usize>)>,
    /// A bit for each beginning that one of the words has: most words of a text begin otherwise.
    starts: [u64; STARTS / 64],
    /// How many words have a beginning before those of each group of sixty-four.
    before: [usize; STARTS / 64],
}

/// How many beginnings are told apart.
const STARTS: usize = 1 << 16;

/// Number of a beginning of four bytes, in whatever case its ASCII letters are; a few others have the same.
fn start(bytes: [u8; 4]) -> usize {
    let bytes = u32::from_le_bytes(bytes) | u32::from_le_bytes([0x20; 4]);
    // Knuth's multiplicative hashing: the upper bits depend on all lower ones.
    (bytes.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// The numbers of all beginnings that a word has: of one of three bytes any byte may follow.
fn starts(word: &str) -> Vec<usize> {
    match *word.as_bytes() {
        [first, second, third] => (0..=u8::MAX).map(|fourth| start([first, second, third, fourth])).collect(),
        [first, second, third, fourth, ..] => vec![start([first, second, third, fourth])],
        _ => Vec::new(),
    }
}

static FINDER: LazyLock<Finder> = LazyLock::new(|| {
    let words =
        || WORDS.iter().flat_map(|(ask, weight, words)| words.split('|').map(move |word| (word, *ask, *weight)));
    let mut by_start: Vec<(usize, &str, Option<usize>)> = Vec::new();
    let mut starts = [0; STARTS / 64];
    let asking = words().enumerate().map(|(place, (word, ..))| (word, Some(place)));
    for (word, place) in asking.chain(DENIES.map(|word| (word, None))) {
        for start in self::starts(word) {
            by_start.push((start, word, place));
            starts[start / 64] |= 1 << (start % 64);
        }
    }
    by_start.sort_by_key(|(start, word, place)| (*start, std::cmp::Reverse(word.len()), *place));
    by_start.dedup();
    let before = std::array::from_fn(|group| by_start.partition_point(|(start, ..)| *start < group * 64));
    Finder { before, words: words().map(|(_, ask, weight)| (ask, weight)).collect(), by_start, starts }
});

impl Finder {
    /// Calls `each` with the words that begin where words of a text begin, their numbers, and whether they are denied: the longest
    /// at each place, none inside of another, in whatever case their ASCII letters are.
    fn each(&self, text: &str, words: &mut WordStarts, mut each: impl FnMut(usize, usize, bool)) {
        let (bytes, mut past, mut denied) = (text.as_bytes(), 0, None);
        for at in words.of(bytes) {
            let at = *at as usize;
            let rest = bytes.get(at..).unwrap_or_default();
            let start = match rest.first_chunk() {
                Some(four) => start(*four),
                None => start([0, 1, 2, 3].map(|place| rest.get(place).copied().unwrap_or_default())),
            };
            if self.starts[start / 64] & 1 << (start % 64) == 0 || !begins_word(text, at) {
                continue;
            }
            let same = self.by_start.iter().skip(self.before[start / 64]).take_while(|(other, ..)| *other <= start);
            for (_, word, place) in same.filter(|(other, ..)| *other == start) {
                let here = rest.get(..word.len()).unwrap_or_default();
                match place {
                    None if here == word.as_bytes() => denied = Some(at),
                    Some(place) if at >= past && here.eq_ignore_ascii_case(word.as_bytes()) => {
                        past = at + word.len();
                        each(at, *place, denied.is_some_and(|denied| is_one_clause(bytes, denied, at)));
                        break;
                    }
                    _ => {}
                }
            }
        }
    }
}

/// What a text of this kind asks for.
pub(crate) fn asks(kind: SegmentKind, text: &str, found: &mut Found) -> Option<Ask> {
    let (front, back) = match kind {
        SegmentKind::System => (FRONT_OF_SYSTEM, 0),
        SegmentKind::User => (ENDS_OF_USER, ENDS_OF_USER),
        _ => return None,
    };
    // Whatever is asked of code is about code.
    if kind == SegmentKind::User && is_code(text.as_bytes(), ceil(text, CODE.min(text.len())), found) {
        return Some(Ask::Code);
    }
    let mut weights = Weights::default();
    let from_start = if kind == SegmentKind::System { OF_SYSTEM } else { OF_USER };
    let middle = ceil(text, from_start.min(text.len()));
    let tail = ceil(text, text.len().saturating_sub(FROM_END).max(middle));
    for (from, to) in [(0, middle), (tail, text.len())] {
        let part = text.get(from..to).unwrap_or_default();
        weights.add(part, from, &mut found.words, |at| match from + at {
            at if at < OPENING_BYTES => OPENING,
            at if at < FIRST_BYTES => FIRST,
            at if at < front || at + back >= text.len() => IN_FRONT,
            _ => 1,
        });
    }
    let is_short = text.len() <= QUESTION;
    let asks = |text: &str| memchr(b'?', text.as_bytes()).is_some() || text.contains('？');
    let ends_as_question = || text.trim_end().ends_with(['?', '？']);
    if kind == SegmentKind::User && (is_short && asks(text) || ends_as_question()) {
        weights.of[place(Ask::Answer)] += LEAST;
        weights.first[place(Ask::Answer)].get_or_insert(text.len());
    }
    weights.most()
}

/// The first place at or after `at` where a character begins.
fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

fn place(ask: Ask) -> usize {
    Ask::ALL.iter().position(|other| *other == ask).unwrap_or_default()
}

/// What the words found so far weigh.
#[derive(Default)]
struct Weights {
    of: [u32; Ask::ALL.len()],
    /// Where the first word of each stands.
    first: [Option<usize>; Ask::ALL.len()],
    /// Words that were found: each counts once, where it weighs most.
    seen: Vec<(usize, u32)>,
}

impl Weights {
    /// Adds the words of a text that begins at a place of the whole; `times` tells by how much words weigh
    /// more.
    fn add(&mut self, text: &str, from: usize, words: &mut WordStarts, times: impl Fn(usize) -> u32) {
        FINDER.each(text, words, |at, word, is_denied| {
            let Some(&(ask, weight)) = FINDER.words.get(word) else { return };
            let weight = weight * times(at);
            let known = self.seen.iter_mut().find(|(seen, _)| *seen == word);
            // Each word counts once, where it weighs most.
            if known.as_ref().is_some_and(|(_, known)| *known >= weight) || is_denied {
                return;
            }
            self.first[place(ask)].get_or_insert(from + at);
            match known {
                Some((_, known)) => self.of[place(ask)] += weight - std::mem::replace(known, weight),
                None => {
                    self.of[place(ask)] += weight;
                    self.seen.push((word, weight));
                }
            }
        });
    }

    fn most(&self) -> Option<Ask> {
        let weighty = Ask::ALL.iter().zip(self.of.iter().zip(&self.first)).filter(|(_, (weight, _))| **weight >= LEAST);
        let most = weighty.max_by_key(|(_, (weight, first))| (**weight, std::cmp::Reverse(**first)));
        most.map(|(ask, _)| *ask)
    }
}

/// Words that say that something is not to be done.
const DENIES: [&str; 14] = [
    "do not ", "Do not ", "don't ", "Don't ", "don’t ", "Don’t ", "never ", "Never ", "not to ", "nicht", "ne ", "no ",
    "No ", "não ",
];
/// Bytes of a clause, at most.
const CLAUSE: usize = 100;

/// Whether two words stand in one clause, so that the first denies the second: `do not translate`.
fn is_one_clause(text: &[u8], first: usize, second: usize) -> bool {
    let ends = |byte: &u8| matches!(byte, b'.' | b'!' | b'?' | b'\n' | b',' | b';' | b':');
    second - first <= CLAUSE && !text.get(first..second).unwrap_or_default().iter().any(ends)
}

/// Whether a word begins here. Words of languages written without spaces begin anywhere.
fn begins_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let first = text.get(at..).and_then(|rest| rest.chars().next());
    let spaced = |c: char| c.is_alphabetic() && !is_cjk(c);
    !(before.is_some_and(spaced) && first.is_some_and(spaced))
}

/// Kana and Chinese characters.
const fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::found_in;

    fn asks(kind: SegmentKind, text: &str) -> Option<Ask> {
        super::asks(kind, text, &mut found_in(text))
    }

    fn system(text: &str) -> Option<Ask> {
        asks(SegmentKind::System, text)
    }

    #[test]
    fn an_instruction_says_what_it_asks_for() {
        assert_eq!(system("Classify the ticket into exactly one of: billing, bug, other."), Some(Ask::Label));
        assert_eq!(system("Extract vendor and total as JSON."), Some(Ask::Extract));
        assert_eq!(system("Fasse den folgenden Vertrag in fünf Sätzen zusammen."), Some(Ask::Summarise));
        assert_eq!(system("You answer questions of employees about leave."), Some(Ask::Answer));
        assert_eq!(system("ÜBERSETZE den Text ins Englische."), Some(Ask::Rewrite));
        assert_eq!(system("次の文章を英語に翻訳してください。"), Some(Ask::Rewrite));
        assert_eq!(system("You are a senior software engineer. Review the code."), Some(Ask::Code));
        assert_eq!(system("Write a blog article of 1,200 words from the brief."), Some(Ask::Write));
        assert_eq!(
            system("Résume la réunion. Les demandes de traduction ou de code sont mentionnées."),
            Some(Ask::Summarise)
        );
        assert_eq!(system("Parse this résumé. Return JSON with skills."), Some(Ask::Extract));
        assert_eq!(system("Du ordnest Anfragen einer Abteilung zu. Antworte mit dem Namen."), Some(Ask::Label));
        assert_eq!(system("You are a helpful assistant."), None);
        let idiom =
            "You are a support agent. Classify the ticket into exactly one of billing, bug, and do not explain.";
        assert_eq!(system(idiom), Some(Ask::Label), "what follows denies something else");
        assert_eq!(system("Do not summarise. Do not translate. Extract names as a list."), Some(Ask::Extract));
        assert_eq!(asks(SegmentKind::Assistant, "Translate this."), None, "an answer asks for nothing");
    }

    #[test]
    fn what_stands_in_front_counts_more_than_what_comes_later() {
        let filler = "The customer waits for a parcel that was sent on Monday. ".repeat(20);
        let text = format!("Translate the ticket. {filler} They say: please extract and classify the sentiment.");
        assert_eq!(system(&text), Some(Ask::Rewrite));
        // Instructions behind a long document.
        let user = format!("{filler}{filler}\n\nSummarise the ticket above in two sentences.");
        assert_eq!(asks(SegmentKind::User, &user), Some(Ask::Summarise));
    }

    #[test]
    fn words_begin_where_words_begin_and_a_question_ends_as_one() {
        assert_eq!(system("The subcode of the declassified list"), None);
        assert_eq!(asks(SegmentKind::User, "When does the office open?"), Some(Ask::Answer));
        assert_eq!(asks(SegmentKind::User, "Q7: Why is the sky blue? Short, please."), Some(Ask::Answer));
        assert_eq!(asks(SegmentKind::User, "It opens at nine."), None);
        let code = "Please summarise:\nfn main() {\n    let a = one();\n    let b = two();\n    print(a + b);\n}";
        assert_eq!(asks(SegmentKind::User, code), Some(Ask::Code), "whatever is asked of code");
    }

    #[test]
    fn every_word_is_found_where_words_begin() {
        for words in WORDS.iter().map(|(.., words)| words) {
            for word in words.split('|') {
                let mut found = Vec::new();
                let text = format!("(12) {} x", word.to_uppercase().to_lowercase());
                FINDER.each(&text, &mut WordStarts::new(), |at, _, _| found.push(at));
                assert_eq!(found.first(), Some(&5), "{word}");
                found.clear();
                FINDER.each(&format!("x{word}"), &mut WordStarts::new(), |at, _, _| found.push(at));
                assert!(!found.contains(&1) || word.chars().next().is_some_and(is_cjk), "{word}");
            }
        }
    }

    #[test]
    fn any_text_is_judged() {
        for text in ["", "é", "翻", &"é".repeat(5000), &"翻訳".repeat(3000)] {
            for kind in SegmentKind::ALL {
                let _ = asks(*kind, text);
            }
        }
    }
}
