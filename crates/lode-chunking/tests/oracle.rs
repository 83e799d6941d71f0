//! Boundaries and scores held against an independent implementation in Python, and the recursive strategy, with characters for
//! tokens, against LangChain. Needs Python 3 with langchain-text-splitters:
//!
//! ```text
//! python3 -m venv /tmp/lc && /tmp/lc/bin/pip install langchain-text-splitters
//! LODE_PYTHON=/tmp/lc/bin/python cargo test -p lode-chunking --test oracle -- --ignored --nocapture
//! ```
//!
//! With tiktoken installed beside it and `LODE_CL100K` naming the file `cl100k_base.tiktoken` (or its `.gz`, which the crate
//! bpe-openai carries), token boundaries are compared too.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use lode_chunking::{Configuration, Questions, Retrieved, Span, Study, Tokens, cut};
use serde_json::{Value, json};

const DOCUMENTS: usize = 40;
const NUMBERS: [u32; 3] = [1, 3, 5];

/// Seeded numbers (SplitMix64: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014).
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).expect("below a usize")
    }
}

fn letter(drawn: &mut Drawn) -> char {
    char::from(b"abcdefghijklmnopqrstuvwxyz"[drawn.below(26)])
}

/// Words of made-up letters with marks, lines, paragraphs, and now and then something that is no plain word.
fn text(drawn: &mut Drawn) -> String {
    let mut text = String::new();
    for _ in 0..drawn.below(900) {
        match drawn.below(60) {
            0..=44 => (0..=drawn.below(9)).for_each(|_| text.push(letter(drawn))),
            45..=47 => (0..30 + drawn.below(400)).for_each(|_| text.push(letter(drawn))),
            48..=51 => text.push_str(&drawn.below(100_000).to_string()),
            52 => text.push_str("\n\n"),
            53 => text.push('\n'),
            54 => text.push_str("   \t"),
            55 => text.push_str("中文。「終わり！」 ꢲ"),
            56 => text.push_str("naïve façade\u{a0}\u{3000}😀"),
            57 => text.push_str("(Yes!) \"No?\" …"),
            58 => text.push_str("\r\n"),
            _ => text.push_str("\n \n\n"),
        }
        match drawn.below(12) {
            0 => text.push_str(". "),
            1 => {}
            _ => text.push(' '),
        }
    }
    text
}

fn configurations() -> Vec<Configuration> {
    let mut all = vec![Configuration::Default, Configuration::None];
    for max_tokens in [7, 40, 128] {
        for overlap_percent in [0, 10, 33] {
            all.push(Configuration::Fixed { max_tokens, overlap_percent });
            all.push(Configuration::Recursive { max_tokens, overlap_percent });
        }
    }
    all.push(Configuration::Hierarchical { parent: 150, child: 30, overlap: 6 });
    all.push(Configuration::Hierarchical { parent: 40, child: 40, overlap: 0 });
    all
}

fn pairs(spans: &[Span]) -> Value {
    spans.iter().map(|span| json!([span.start, span.end])).collect()
}

/// The text of a chunk, whole characters only.
fn words(text: &str, tokens: &Tokens, span: Span) -> String {
    let [mut start, mut end] = [tokens.start(span.start), tokens.start(span.end)].map(|byte| byte as usize);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[start..end.max(start)].to_owned()
}

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

/// Questions with one to three passages, as places in characters.
fn questions(drawn: &mut Drawn, texts: &[String]) -> Vec<Value> {
    let mut all = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let characters = text.chars().count();
        for number in 0..3 {
            if characters < 200 {
                continue;
            }
            let passage = |drawn: &mut Drawn| {
                let start = drawn.below(characters - 150);
                json!({"start": start, "end": start + 1 + drawn.below(149)})
            };
            let passages: Vec<Value> = (0..=drawn.below(3)).map(|_| passage(drawn)).collect();
            let question = format!("{place}-{number}?");
            all.push(json!({"question": question, "document": format!("d{place}.txt"), "passages": passages}));
        }
    }
    all
}

/// Five results for each question under each configuration: chunks of its document, or of the next.
fn retrieved(drawn: &mut Drawn, texts: &[String], tokens: &[Tokens], questions: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    for configuration in configurations() {
        let cuts: Vec<_> = texts.iter().zip(tokens).map(|(text, tokens)| cut(&configuration, text, tokens)).collect();
        for question in questions {
            let name = question["document"].as_str().expect("a name");
            let home: usize = name[1..name.len() - 4].parse().expect("a number");
            let mut results = Vec::new();
            while results.len() < 5 {
                let place = if drawn.below(4) == 0 { (home + 1) % texts.len() } else { home };
                let (text, tokens) = (&texts[place], &tokens[place]);
                let chunks = cuts[place].results();
                if chunks.is_empty() {
                    continue;
                }
                let found = words(text, tokens, chunks[drawn.below(chunks.len())]).replace(' ', "\n ");
                if found.trim().is_empty() {
                    continue;
                }
                let uri = format!("s3://bucket/d{place}.txt");
                results.push(json!({"content": {"text": found}, "location": {"s3Location": {"uri": uri}}}));
            }
            let label = configuration.to_string();
            all.push(json!({"configuration": label, "question": question["question"], "retrievalResults": results}));
        }
    }
    all
}

/// Everything that the script computes again.
fn everything() -> Value {
    let mut drawn = Drawn(20_261_129);
    let texts: Vec<String> = (0..DOCUMENTS).map(|_| text(&mut drawn)).collect();
    let tokens: Vec<Tokens> = texts.iter().map(|text| Tokens::of(text).expect("short")).collect();
    let mut cuts = Vec::new();
    let mut characters = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        for configuration in configurations() {
            let found = cut(&configuration, text, &tokens[place]);
            cuts.push(json!({
                "configuration": configuration.to_string(),
                "document": place,
                "embedded": pairs(&found.embedded),
                "results": pairs(found.results()),
            }));
        }
        for (max_tokens, overlap_percent) in [(1, 0), (9, 0), (50, 20), (200, 50), (400, 99)] {
            let letters = Tokens::characters(text).expect("short");
            let found = cut(&Configuration::Recursive { max_tokens, overlap_percent }, text, &letters);
            characters.push(json!({
                "document": place, "size": max_tokens, "percent": overlap_percent, "chunks": pairs(&found.embedded)
            }));
        }
    }
    let questions = questions(&mut drawn, &texts);
    let retrieved = retrieved(&mut drawn, &texts, &tokens, &questions);
    let names: Vec<String> = (0..DOCUMENTS).map(|place| format!("d{place}.txt")).collect();
    let study = Study::new(
        configurations(),
        NUMBERS,
        &names,
        Questions::of(&lines(&questions)),
        Retrieved::of(&lines(&retrieved)),
    );
    let findings = texts.iter().enumerate().map(|(place, text)| study.document(place, text).expect("short")).collect();
    let answer = study.finish(findings, 0.05);
    assert_eq!((answer.questions, answer.rejected_questions.len()), (questions.len(), 0));
    let measured = answer.measured.as_ref().expect("results");
    assert_eq!((measured.questions, measured.left_out.len()), (questions.len(), 0), "{:?}", measured.left_out);
    let recommendation = answer.recommendation.as_ref().expect("results");
    json!({
        "documents": texts.iter().zip(&tokens).map(|(text, tokens)| json!({"text": text, "starts": tokens.starts()})).collect::<Value>(),
        "cuts": cuts,
        "characters": characters,
        "questions": questions,
        "omega": answer.figures.iter().map(|figures| json!({
            "configuration": figures.configuration.to_string(),
            "mean": figures.omega.expect("questions").mean,
            "sd": figures.omega.expect("questions").sd,
        })).collect::<Value>(),
        "retrieved": retrieved,
        "measured": measured.points.iter().map(|point| json!({
            "configuration": point.configuration.to_string(),
            "results": point.results,
            "context": point.context_tokens(),
            "recall": [point.recall.mean, point.recall.sd],
            "precision": [point.precision.mean, point.precision.sd],
            "iou": [point.iou.mean, point.iou.sd],
        })).collect::<Value>(),
        "max_recall_loss": 0.05,
        "recommendation": [recommendation.configuration.to_string(), recommendation.results],
    })
}

#[test]
#[ignore = "needs LODE_PYTHON, a Python with langchain-text-splitters"]
fn python_and_langchain_find_the_same() {
    #[expect(clippy::disallowed_methods, reason = "a test that is asked for by hand")]
    let python = std::env::var("LODE_PYTHON").expect("LODE_PYTHON");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/check.py");
    let mut run =
        Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python");
    run.stdin.take().expect("piped").write_all(everything().to_string().as_bytes()).expect("written");
    let done = run.wait_with_output().expect("Python");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
    for what in ["boundaries:", "langchain:", "omega:", "measured:", "recommendation:"] {
        assert!(said.lines().any(|line| line.starts_with(what)), "{what} is not in: {said}");
    }
    writeln!(std::io::stdout(), "{said}").expect("printed");
}
