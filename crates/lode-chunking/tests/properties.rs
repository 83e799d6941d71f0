//! What holds of every strategy on any text.

use lode_chunking::{Configuration, Span, Tokens, cut};
use proptest::prelude::*;

/// Words, lines, paragraphs, marks, words without end, and characters of several bytes and tokens.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => "[a-z]{1,9} ",
        2 => "[A-Za-z]{10,60}",
        2 => Just(". ".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("\n\n".to_owned()),
        1 => Just("  ".to_owned()),
        1 => "[àéß。！中文\u{a8b2}\u{1f600}\u{3000}]{1,5}",
    ];
    proptest::collection::vec(part, 0..120).prop_map(|parts| parts.concat())
}

fn configurations() -> impl Strategy<Value = Configuration> {
    prop_oneof![
        (1_u32..60, 0_u32..100)
            .prop_map(|(max_tokens, overlap_percent)| Configuration::Fixed { max_tokens, overlap_percent }),
        (4_u32..60, 0_u32..100)
            .prop_map(|(max_tokens, overlap_percent)| Configuration::Recursive { max_tokens, overlap_percent }),
        (2_u32..60, 0_u32..60, 0_u32..60).prop_map(|(parent, child, overlap)| {
            let child = 1 + child % parent;
            Configuration::Hierarchical { parent, child, overlap: overlap % child }
        }),
        Just(Configuration::Default),
        Just(Configuration::None),
    ]
}

/// Whether each token is in a chunk.
fn covered(chunks: &[Span], tokens: u32) -> Vec<bool> {
    (0..tokens).map(|token| chunks.iter().any(|chunk| (chunk.start..chunk.end).contains(&token))).collect()
}

proptest! {
    #[test]
    fn chunks_cover_the_document_and_none_is_above_its_size(text in texts(), configuration in configurations()) {
        let tokens = Tokens::of(&text).expect("short");
        let found = cut(&configuration, &text, &tokens);
        for chunks in [&found.embedded[..], found.results()] {
            // Recursive chunks drop white space at their ends, and nothing else.
            let trims = matches!(configuration, Configuration::Recursive { .. });
            for (token, covered) in (0..).zip(covered(chunks, tokens.count())) {
                let bytes = tokens.start(token) as usize..tokens.start(token + 1) as usize;
                prop_assert!(covered || trims && text.get(bytes).is_some_and(|text| text.trim().is_empty()), "{token}");
            }
            prop_assert!(chunks.iter().all(|chunk| !chunk.is_empty() && chunk.end <= tokens.count()));
        }
        if let Some(most) = configuration.max_tokens() {
            // A character of several tokens is never cut by the recursive strategy: here sizes are above them.
            prop_assert!(found.embedded.iter().all(|chunk| chunk.len() <= u64::from(most)), "{:?}", found.embedded);
        }
        if let Configuration::Hierarchical { parent, .. } = configuration {
            prop_assert!(found.results().iter().all(|chunk| chunk.len() <= u64::from(parent)));
            let inside = |child: &Span| found.results().iter().any(|parent| parent.common(*child) == *child);
            prop_assert!(found.embedded.iter().all(inside));
        }
    }

    #[test]
    fn fixed_chunks_come_in_order_and_none_lies_in_another(text in texts(), size in 1_u32..60, percent in 0_u32..100) {
        let tokens = Tokens::of(&text).expect("short");
        let chunks = cut(&Configuration::Fixed { max_tokens: size, overlap_percent: percent }, &text, &tokens).embedded;
        prop_assert!(chunks.windows(2).all(|pair| pair[0].start < pair[1].start && pair[0].end < pair[1].end));
        prop_assert_eq!(chunks.last().map_or(0, |chunk| chunk.end), tokens.count());
    }

    #[test]
    fn without_overlap_no_token_is_embedded_twice(text in texts(), size in 4_u32..60) {
        let tokens = Tokens::of(&text).expect("short");
        for configuration in [
            Configuration::Fixed { max_tokens: size, overlap_percent: 0 },
            Configuration::Recursive { max_tokens: size, overlap_percent: 0 },
            Configuration::Default,
        ] {
            let chunks = cut(&configuration, &text, &tokens).embedded;
            prop_assert!(chunks.windows(2).all(|pair| pair[0].end <= pair[1].start), "{configuration}");
        }
    }
}
