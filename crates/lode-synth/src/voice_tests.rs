//! Every text is written by its voice: nothing is blank, no mark is left, and seeds and twins speak differently.

use std::collections::{BTreeMap, BTreeSet};

use crate::apps::ALL;
use crate::call::{Content, Piece};
use crate::tests::SMALL;
use crate::{Options, estate, text, voices};

fn written(content: &Content) -> String {
    match content {
        Content::Tool(tool) => text::tool(tool, true).to_string(),
        Content::ToolUse(name, piece, _) => text::tool_input(name, piece).to_string(),
        other => text::words(other),
    }
}

/// The static text of an app that it sends with every call, else its first text.
fn first_words(seed: u64) -> BTreeMap<&'static str, String> {
    let month = estate(&Options { seed, ..SMALL });
    let mut words = BTreeMap::new();
    for call in &month.calls {
        if let Some(block) = call.blocks().into_iter().find(|block| !matches!(block.content, Content::Tool(_))) {
            words.entry(ALL[call.app].role).or_insert_with(|| written(&block.content));
        }
    }
    words
}

#[test]
fn no_text_is_blank_or_has_marks_left() {
    for seed in 1..=6 {
        let month = estate(&Options { seed, scale: 1, ..SMALL });
        let mut seen: BTreeMap<usize, u32> = BTreeMap::new();
        for call in &month.calls {
            let looked = seen.entry(call.app).or_default();
            *looked += 1;
            let blocks = call.blocks();
            if *looked > 12 || blocks.is_empty() {
                continue;
            }
            for content in blocks.into_iter().map(|block| &block.content).chain([&call.answer]) {
                let text = written(content);
                let role = ALL[call.app].role;
                assert!(!text.trim().is_empty(), "{role}: {content:?} is blank");
                assert!(!text.contains("<%") && !text.contains("%>"), "{role}: {text}");
                let spaces = text.len() - text.trim_end_matches(' ').len();
                // Code may be cut in its indentation.
                assert!(spaces <= 20, "{role}: {content:?} ends in {spaces} spaces");
            }
        }
    }
}

#[test]
fn an_unseen_seed_has_unseen_texts() {
    let (one, two) = (first_words(1), first_words(2));
    for (role, words) in &one {
        assert_ne!(Some(words), two.get(role), "{role}");
    }
    // Another seed is not only another number: most instructions begin with other words.
    let begins = |words: &String| words.chars().take(40).collect::<String>();
    let differ = one.iter().filter(|(role, words)| two.get(*role).map(begins) != Some(begins(words))).count();
    assert!(differ * 2 > one.len(), "{differ} of {}", one.len());
}

#[test]
fn wordings_vary_over_seeds_for_every_app() {
    for app in ALL.iter().filter(|app| !app.voices.is_empty()) {
        let topic = ["instructions", "handbook", "user"]
            .into_iter()
            .find(|topic| voices::natural(&Piece { role: app.role, topic, number: 0, tokens: 0, seed: 1 }) > 1);
        let topic = topic.expect("something is said");
        let heads: BTreeSet<String> = (0..40)
            .map(|seed| voices::whole(&Piece { role: app.role, topic, number: 0, tokens: 0, seed }))
            .map(|head| head.chars().take(24).collect())
            .collect();
        assert!(heads.len() >= 2, "{}: {heads:?}", app.role);
    }
}

#[test]
fn a_cut_text_is_the_beginning_of_the_whole() {
    let piece = Piece { role: "code-help", topic: "paste", number: 20, tokens: 900, seed: 3 };
    let (whole, cut) = (text::of(&piece), text::of(&Piece { tokens: 300, ..piece }));
    assert_eq!((whole.len(), cut.len()), (3_600, 1_200));
    assert!(whole.starts_with(&cut));
}

#[test]
fn letters_of_several_bytes_are_never_cut() {
    for bytes in 40..80 {
        for seed in 1..9 {
            let piece = Piece { role: "doc-translate", topic: "user", number: 5, tokens: 0, seed };
            // Text of the language is a String: a cut inside a letter could not be one.
            assert_eq!(voices::write(&piece, bytes).len(), bytes);
        }
    }
}
