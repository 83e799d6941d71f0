//! The catalogue's own consistency.

use std::collections::BTreeSet;

use jiff::civil::date;
use lode_model::{Ratio, Term, Ttl};
use lode_prices::{
    Billing, Catalogue, ModelInfo, ModelStatus, MoveKind, Risk, Tier, TokenizerChange, TokenizerGroup, Watch,
};

fn model(id: &str) -> &'static ModelInfo {
    Catalogue::builtin().model(&id.into()).expect("known")
}

#[test]
fn the_date_and_the_sources() {
    let catalogue = Catalogue::builtin();
    assert_eq!(catalogue.as_of(), date(2026, 11, 23));
    let letters: BTreeSet<&str> = catalogue.sources().iter().map(|source| &*source.id).collect();
    assert_eq!(letters.len(), catalogue.sources().len(), "letters are unique");
    for unclear in ["W", "LA", "GS"] {
        assert!(!letters.contains(unclear), "scores without a clear licence are not shipped");
    }
    let scores = catalogue.sources().iter().find(|source| &*source.id == "LS").expect("cited");
    assert_eq!(scores.licence.as_deref(), Some("CC-BY-4.0"));
    let mut cited: Vec<&str> = Vec::new();
    for model in catalogue.models() {
        cited.extend(model.lifecycle.sources.iter().map(|letter| &**letter));
        cited.extend(model.cache.iter().flat_map(|cache| cache.sources.iter().map(|letter| &**letter)));
        cited.extend(model.provisioned.iter().flat_map(|sold| sold.sources.iter().map(|letter| &**letter)));
    }
    cited.extend(catalogue.service_prices().flat_map(|price| price.sources.iter().map(|letter| &**letter)));
    cited.extend(catalogue.moves().iter().flat_map(|step| step.scores.iter().map(|score| &*score.source)));
    for letter in cited {
        assert!(letters.contains(letter), "{letter} is no source");
    }
}

#[test]
fn both_ends_of_every_move_are_models() {
    let catalogue = Catalogue::builtin();
    for step in catalogue.moves() {
        assert!(catalogue.model(&step.from).is_some(), "{}", step.from);
        assert!(catalogue.model(&step.to).is_some(), "{}", step.to);
        assert_ne!(step.from, step.to);
        assert!(step.scores.iter().all(|score| matches!(&*score.source, "LS" | "V")));
    }
    let counted: usize = catalogue.models().iter().map(|model| catalogue.moves_from(&model.id).len()).sum();
    assert_eq!(counted, catalogue.moves().len(), "every move is found from its model");
}

#[test]
fn the_moves_of_sonnet_46() {
    let moves = Catalogue::builtin().moves_from(&"anthropic.claude-sonnet-4-6".into());
    let targets: Vec<&str> = moves.iter().map(|step| step.to.as_str()).collect();
    assert_eq!(
        targets,
        ["anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic.claude-haiku-5-5", "anthropic.claude-sonnet-5-5"]
    );
    assert_eq!((moves[0].kind, moves[0].risk), (MoveKind::TierDown, Risk::Medium));
    assert_eq!(moves[0].watch, [Watch::Context { from: 1_000_000, to: 200_000 }]);
    assert_eq!(moves[0].ratio_input, Some(Ratio::from_ppm(333_000)));
    assert_eq!(moves[1].watch, [Watch::NoBatch, Watch::TokenizerGrows, Watch::PriceJumpsAbove(100_000)]);
    assert_eq!(moves[1].watch[2].to_string(), "price jumps above 100000 prompt tokens");
    assert!(Catalogue::builtin().moves_from(&"no.such-model".into()).is_empty());
}

#[test]
fn what_is_known_of_a_model() {
    let sonnet = model("anthropic.claude-sonnet-4-6");
    assert_eq!((sonnet.billing, sonnet.tier), (Billing::Marketplace, Tier::Mid));
    assert!(sonnet.offers_global() && sonnet.reserved);
    assert_eq!((sonnet.batch, sonnet.flex), (Some(true), Some(false)));
    assert_eq!((sonnet.context, sonnet.max_output), (Some(1_000_000), Some(64_000)));
    assert_eq!(sonnet.reserved_minimum(), Some([100_000, 10_000]));
    let cache = sonnet.cache.as_ref().expect("caches");
    assert_eq!((cache.min_tokens, cache.max_checkpoints, cache.verified), (1_024, 4, true));
    assert_eq!(cache.ttls, [Ttl::FiveMinutes, Ttl::OneHour]);
    assert!(sonnet.provisioned.is_none());

    let opus = model("anthropic.claude-opus-4-1-20250805-v1:0");
    assert_eq!(opus.lifecycle.eol, Some(date(2027, 1, 8)));
    assert!(!opus.lifecycle.has_ended(date(2027, 1, 7)) && opus.lifecycle.has_ended(date(2027, 1, 8)));
    let haiku = model("anthropic.claude-haiku-5-5");
    assert_eq!(haiku.lifecycle.status, ModelStatus::Active);
    assert_eq!(haiku.lifecycle.eol_no_sooner_than, Some(date(2027, 10, 7)));
    assert!(model("anthropic.claude-v2:1").lifecycle.has_ended(date(2026, 11, 23)), "gone, date not recorded");

    let llama = model("meta.llama3-2-90b-instruct-v1:0").provisioned.as_ref().expect("sold");
    assert_eq!(llama.rates["us-west-2"][&Term::NoCommitment], lode_model::Money::from_micro(30_000_000));
    assert!(model("amazon.nova-pro-v1:0").provisioned.as_ref().expect("sold").rates.is_empty(), "price not found");
    assert!(Tier::Lightweight < Tier::Mid && Tier::Mid < Tier::Frontier);
}

#[test]
fn how_many_tokens_the_same_text_makes() {
    let (old, new) = (model("anthropic.claude-sonnet-4-6"), model("anthropic.claude-sonnet-5-5"));
    assert_eq!(new.tokenizer, Some(TokenizerGroup::Claude47));
    assert!(new.tokenizer_assumed && !old.tokenizer_assumed);
    assert_eq!(old.tokenizer_change(new), TokenizerChange::Between(Ratio::ONE, Ratio::from_ppm(1_350_000)));
    assert_eq!(old.tokenizer_change(model("anthropic.claude-haiku-4-5-20251001-v1:0")), TokenizerChange::Same);
    assert_eq!(old.tokenizer_change(model("amazon.nova-pro-v1:0")), TokenizerChange::Unknown);
}
