//! Prices against the facts they were taken from, by hand.

use lode_model::{AccountId, BillingSource, Class, ContextBand, Mode, Money, PriceKey, Routing, Term, Ttl, Unit};
use lode_prices::{Catalogue, ModelKind, Unpriced};

fn key(model: &str, class: Class) -> PriceKey {
    PriceKey {
        account: AccountId::from("111111111111"),
        region: "us-east-1".into(),
        model: model.into(),
        routing: Routing::Regional,
        mode: Mode::Standard,
        band: ContextBand::Standard,
        class,
        source: BillingSource::AmazonBedrock,
        custom: false,
    }
}

fn usd(text: &str) -> Money {
    Money::parse(text).expect("a price")
}

/// The price of a million tokens, or of an hour: of a million steps.
fn million(key: &PriceKey) -> Money {
    Catalogue::builtin().list_price(key).unwrap_or_else(|why| panic!("{key:?}: {why}")).rate.per(1_000_000)
}

fn derived(key: &PriceKey) -> Vec<&'static str> {
    Catalogue::builtin().list_price(key).expect("priced").derived
}

fn refused(key: &PriceKey) -> Unpriced {
    Catalogue::builtin().list_price(key).expect_err("no price")
}

const SONNET: &str = "anthropic.claude-sonnet-4-6";
const HAIKU_55: &str = "anthropic.claude-haiku-5-5";
const NOVA_PRO: &str = "amazon.nova-pro-v1:0";
const NOVA_2_LITE: &str = "amazon.nova-2-lite-v1:0";
const GPT_61: &str = "openai.gpt-6.1-sol";

#[test]
fn regional_and_global() {
    // Pricing facts of 2026-11-23, section 3; usage-type rows of Sonnet 4.6, billing facts, section 10.
    assert_eq!(million(&key(SONNET, Class::Input)), usd("3.3"));
    assert_eq!(million(&key(SONNET, Class::Output)), usd("16.5"));
    assert_eq!(million(&key(SONNET, Class::CacheRead)), usd("0.33"));
    assert_eq!(million(&key(SONNET, Class::CacheWrite(Ttl::FiveMinutes))), usd("4.125"));
    assert_eq!(million(&key(SONNET, Class::CacheWrite(Ttl::OneHour))), usd("6.6"));
    let global = PriceKey { routing: Routing::Global, ..key(SONNET, Class::Input) };
    assert_eq!(million(&global), usd("3"));
    assert_eq!(million(&PriceKey { region: "eu-west-1".into(), ..global.clone() }), usd("3"));
    let opus = PriceKey { routing: Routing::Global, ..key("anthropic.claude-opus-5-5", Class::Output) };
    assert_eq!(million(&opus), usd("20"));
    assert_eq!(million(&key("amazon.nova-micro-v1:0", Class::Input)), usd("0.035"));
    let nova = PriceKey { routing: Routing::Global, ..key(NOVA_PRO, Class::Input) };
    assert!(matches!(refused(&nova), Unpriced::NotOffered { .. }));
    assert!(matches!(refused(&PriceKey { region: "us-gov-west-1".into(), ..global }), Unpriced::NoRegionPrice { .. }));
}

#[test]
fn regions_differ_for_native_models_and_govcloud() {
    let abroad = |model, region: &str, class| PriceKey { region: region.into(), ..key(model, class) };
    for (region, price) in
        [("us-east-2", "0.8"), ("eu-central-1", "1.05"), ("eu-west-3", "1.18"), ("eu-south-1", "1.28")]
    {
        assert_eq!(million(&abroad(NOVA_PRO, region, Class::Input)), usd(price), "{region}");
    }
    assert!(derived(&abroad(NOVA_PRO, "eu-central-1", Class::Input)).is_empty());
    // Cache reads keep their quarter of the input price: 1.05 / 4.
    let read = abroad(NOVA_PRO, "eu-central-1", Class::CacheRead);
    assert_eq!(million(&read), usd("0.2625"));
    assert_eq!(derived(&read).len(), 1);
    // Batch output: 1.6 x 4.2 / 3.2.
    assert_eq!(million(&PriceKey { mode: Mode::Batch, ..abroad(NOVA_PRO, "eu-central-1", Class::Output) }), usd("2.1"));
    // A ratio that is no whole number of pico-dollars stays a fraction: 0.33 / 0.0825 is 4, so 0.429 / 4.
    assert_eq!(million(&abroad(NOVA_2_LITE, "eu-central-1", Class::CacheRead)), usd("0.10725"));
    assert!(matches!(refused(&abroad(NOVA_PRO, "ap-southeast-3", Class::Input)), Unpriced::NoRegionPrice { .. }));
    assert!(matches!(refused(&abroad(NOVA_PRO, "unknown", Class::Input)), Unpriced::NoRegionPrice { .. }));
    // Claude: one price in every commercial region, its own in GovCloud.
    assert_eq!(million(&abroad(SONNET, "ap-northeast-1", Class::Input)), usd("3.3"));
    assert!(matches!(refused(&abroad(SONNET, "us-gov-west-1", Class::Input)), Unpriced::NoRegionPrice { .. }));
    assert!(matches!(refused(&abroad(SONNET, "unknown", Class::Input)), Unpriced::NoRegionPrice { .. }));
    assert_eq!(million(&abroad(HAIKU_55, "us-gov-west-1", Class::Output)), usd("0.6"));
    assert_eq!(million(&abroad(HAIKU_55, "us-gov-west-1", Class::CacheRead)), usd("0.012"));
    // Palmyra Vision is sold through Marketplace, and yet priced by region.
    let palmyra = "writer.palmyra-vision-7b";
    assert_eq!(million(&abroad(palmyra, "eu-west-2", Class::Input)), usd("0.23"));
    assert!(matches!(refused(&abroad(palmyra, "ca-central-1", Class::Input)), Unpriced::NoRegionPrice { .. }));
    // Titan V2 at five and ten times its US price: doubtful in the facts.
    let titan = "amazon.titan-embed-text-v2:0";
    assert_eq!(million(&abroad(titan, "eu-west-1", Class::Input)), usd("0.026004"));
    assert!(matches!(refused(&abroad(titan, "eu-central-1", Class::Input)), Unpriced::Doubtful { .. }));
}

#[test]
fn modes() {
    let mode = |model, mode, class| PriceKey { mode, ..key(model, class) };
    assert_eq!(million(&mode(SONNET, Mode::Batch, Class::Output)), usd("8.25"));
    assert!(derived(&mode(SONNET, Mode::Batch, Class::Output)).is_empty());
    assert_eq!(million(&mode("amazon.titan-embed-text-v2:0", Mode::Batch, Class::Input)), usd("0.01"));
    assert_eq!(derived(&mode("amazon.titan-embed-text-v2:0", Mode::Batch, Class::Input)), ["0.5 × standard (batch)"]);
    let cached = refused(&mode(SONNET, Mode::Batch, Class::CacheRead));
    assert_eq!(cached.to_string(), "anthropic.claude-sonnet-4-6 does not offer prompt caching in batch inference");
    let none = refused(&mode(HAIKU_55, Mode::Batch, Class::Input));
    assert_eq!(none.to_string(), "anthropic.claude-haiku-5-5 does not offer batch inference");

    assert_eq!(million(&mode(NOVA_PRO, Mode::Flex, Class::Input)), usd("0.4"));
    assert_eq!(million(&mode(NOVA_PRO, Mode::Priority, Class::Output)), usd("5.6"));
    assert_eq!(million(&mode(NOVA_PRO, Mode::Priority, Class::CacheRead)), usd("0.35"));
    assert_eq!(million(&mode(NOVA_PRO, Mode::LatencyOptimized, Class::Output)), usd("4"));
    // Flex at the global price of Nova 2 Lite is not published; the tier is.
    let flex = PriceKey { routing: Routing::Global, ..mode(NOVA_2_LITE, Mode::Flex, Class::Input) };
    assert_eq!(million(&flex), usd("0.15"));
    assert_eq!(derived(&flex), ["0.5 × standard (flex)"]);
    for tier in [Mode::Flex, Mode::Priority, Mode::LatencyOptimized] {
        assert!(matches!(refused(&mode(SONNET, tier, Class::Input)), Unpriced::NotOffered { .. }), "{tier}");
    }
    for capacity in [Mode::Provisioned, Mode::Reserved] {
        assert!(matches!(refused(&mode(SONNET, capacity, Class::Input)), Unpriced::NotOffered { .. }));
    }
}

#[test]
fn caching() {
    // Nova bills cache writes as input, reads at a quarter.
    let write = key(NOVA_PRO, Class::CacheWrite(Ttl::FiveMinutes));
    assert_eq!(million(&write), usd("0.8"));
    assert_eq!(derived(&write), ["plain input (Nova bills cache writes as input)"]);
    assert!(matches!(refused(&key(NOVA_PRO, Class::CacheWrite(Ttl::OneHour))), Unpriced::NotOffered { .. }));
    assert_eq!(million(&key(GPT_61, Class::CacheWrite(Ttl::ThirtyMinutes))), usd("2.75"));
    assert_eq!(million(&key(GPT_61, Class::CacheRead)), usd("0.11"));
    assert!(matches!(refused(&key(GPT_61, Class::CacheWrite(Ttl::FiveMinutes))), Unpriced::NotOffered { .. }));
    assert!(matches!(
        refused(&key("openai.gpt-5.5", Class::CacheWrite(Ttl::ThirtyMinutes))),
        Unpriced::NotOffered { .. }
    ));
    assert!(matches!(refused(&key("meta.llama3-3-70b-instruct-v1:0", Class::CacheRead)), Unpriced::NotOffered { .. }));
}

#[test]
fn long_context() {
    let catalogue = Catalogue::builtin();
    let long = |model, class| PriceKey { band: ContextBand::Long, ..key(model, class) };
    assert_eq!(million(&long(HAIKU_55, Class::Output)), usd("2.75"));
    let global = PriceKey { routing: Routing::Global, ..long(GPT_61, Class::Output) };
    assert_eq!(million(&global), usd("15"));
    // Sonnet 4.5 beyond 200K, an hour's write: not published; twice the long-context input of 6.6.
    let hour = long("anthropic.claude-sonnet-4-5-20250929-v1:0", Class::CacheWrite(Ttl::OneHour));
    assert_eq!(million(&hour), usd("13.2"));
    assert_eq!(derived(&hour).len(), 1);
    assert!(matches!(refused(&long(SONNET, Class::Input)), Unpriced::NoLongContextPrice(_)));

    let haiku = catalogue.model(&HAIKU_55.into()).expect("known");
    assert_eq!(haiku.long_context_above(), Some(100_000));
    assert_eq!(haiku.band_for(100_000), ContextBand::Standard);
    assert_eq!(haiku.band_for(100_001), ContextBand::Long);
    assert_eq!(catalogue.model(&SONNET.into()).expect("known").band_for(900_000), ContextBand::Standard);
}

#[test]
fn capacity() {
    let at =
        |model, region: &str, class| PriceKey { region: region.into(), mode: Mode::Provisioned, ..key(model, class) };
    let llama = "meta.llama3-1-70b-instruct-v1:0";
    let unit = |term| Class::ModelUnitHour(term);
    assert_eq!(million(&at(llama, "us-west-2", unit(Term::NoCommitment))), usd("24"));
    assert_eq!(million(&at(llama, "us-west-2", unit(Term::OneMonth))), usd("21.18"));
    assert_eq!(million(&at(llama, "us-west-2", unit(Term::SixMonths))), usd("13.08"));
    assert!(matches!(refused(&at(llama, "us-east-1", unit(Term::OneMonth))), Unpriced::NoRegionPrice { .. }));
    assert_eq!(million(&at("anthropic.claude-v2:1", "eu-central-1", unit(Term::OneMonth))), usd("149.4"));
    assert_eq!(million(&at("anthropic.claude-v2:1", "us-east-1", unit(Term::SixMonths))), usd("35"));
    assert_eq!(million(&at(NOVA_2_LITE, "us-east-1", unit(Term::NoCommitment))), usd("60.5"));
    assert!(matches!(refused(&at(NOVA_PRO, "us-east-1", unit(Term::OneMonth))), Unpriced::NotFound { .. }));
    assert!(matches!(refused(&at(SONNET, "us-east-1", unit(Term::OneMonth))), Unpriced::NotOffered { .. }));
    // One hour is a million steps.
    let price = Catalogue::builtin().list_price(&at(llama, "us-west-2", unit(Term::NoCommitment))).expect("priced");
    assert_eq!(price.rate.per(Unit::MicroHour.steps() * 730), usd("17520"));

    let reserved = |routing, class| PriceKey { mode: Mode::Reserved, routing, ..key(SONNET, class) };
    assert_eq!(million(&reserved(Routing::Regional, Class::ReservedInputTpmHour(Term::OneMonth))), usd("0.198"));
    assert_eq!(million(&reserved(Routing::Global, Class::ReservedOutputTpmHour(Term::ThreeMonths))), usd("0.81"));
    // A month at full use costs what the same tokens cost on demand: 0.198 an hour / 60,000 tokens = 3.3 a million.
    let hour = reserved(Routing::Regional, Class::ReservedInputTpmHour(Term::OneMonth));
    let tokens = Catalogue::builtin().list_price(&key(SONNET, Class::Input)).expect("priced");
    assert_eq!(million(&hour), tokens.rate.per(60_000));
    let six = reserved(Routing::Regional, Class::ReservedInputTpmHour(Term::SixMonths));
    assert!(matches!(refused(&six), Unpriced::NotOffered { .. }));
    let nova = PriceKey { model: NOVA_PRO.into(), ..hour };
    assert_eq!(refused(&nova).to_string(), "amazon.nova-pro-v1:0 does not offer the Reserved tier");
}

#[test]
fn services() {
    let catalogue = Catalogue::builtin();
    for class in [Class::SearchOcuHour, Class::IndexingOcuHour] {
        assert_eq!(million(&key("opensearch-serverless", class)), usd("0.24"));
    }
    let abroad = PriceKey { region: "ap-northeast-2".into(), ..key("opensearch-serverless", Class::SearchOcuHour) };
    assert!(matches!(refused(&abroad), Unpriced::NoRegionPrice { .. }));
    let store = catalogue.list_price(&key("opensearch-serverless", Class::StoreGbMonth)).expect("priced");
    assert_eq!(store.rate.per(1_000_000), usd("0.024"));
    assert!(!store.is_verified());

    let filter = catalogue.service_price("guardrails.content_filter").expect("known");
    assert_eq!((filter.price, &*filter.per), (usd("0.15"), "1,000 text units"));
    assert_eq!(catalogue.service_price("managed_knowledge_base.storage").expect("known").price, usd("5"));
    assert!(!catalogue.service_price("prompt_routing.requests").expect("known").verified);
    assert!(catalogue.service_price("aurora_serverless_v2.acu_hour").is_none(), "not recorded: not zero");
    let floor = catalogue.service_count("opensearch_serverless.classic_min_ocu_redundant").expect("known");
    assert_eq!(floor.count, 2);
}

#[test]
fn extended_access_and_custom_models() {
    let catalogue = Catalogue::builtin();
    let old = "anthropic.claude-3-5-sonnet-20240620-v1:0";
    let batch = PriceKey { mode: Mode::Batch, region: "eu-west-1".into(), ..key(old, Class::Output) };
    assert_eq!(catalogue.extended_access_price(&batch).expect("priced").rate.per(1_000_000), usd("15"));
    assert_eq!(million(&key(old, Class::Input)), usd("3"), "the list price is not switched");
    assert_eq!(catalogue.extended_access_price(&PriceKey { region: "ap-south-1".into(), ..batch }), None);
    assert_eq!(catalogue.extended_access_price(&key(SONNET, Class::Input)), None);
    let since = catalogue.model(&old.into()).expect("known").extended_access.as_ref().expect("known").from;
    assert_eq!(since.to_string(), "2025-12-01");

    let custom = |model, class| PriceKey { custom: true, ..key(model, class) };
    assert_eq!(million(&custom("amazon.nova-lite-v1:0", Class::Output)), usd("0.24"));
    assert_eq!(derived(&custom("amazon.nova-lite-v1:0", Class::Output)).len(), 1);
    assert_eq!(million(&custom("qwen.qwen3-32b-v1:0", Class::Output)), usd("0.78"));
    assert!(matches!(refused(&custom("meta.llama3-1-8b-instruct-v1:0", Class::Input)), Unpriced::NotFound { .. }));
    let canvas =
        PriceKey { mode: Mode::Provisioned, ..custom("amazon.nova-canvas-v1:0", Class::ModelUnitHour(Term::OneMonth)) };
    assert_eq!(million(&canvas), usd("55"));
    assert!(matches!(refused(&PriceKey { custom: false, ..canvas }), Unpriced::NotFound { .. }));
}

#[test]
fn the_unknown_is_never_zero() {
    assert!(matches!(refused(&key("anthropic.claude-omega-9", Class::Input)), Unpriced::UnknownModel(_)));
    assert!(matches!(refused(&key(SONNET, Class::Other("images".into()))), Unpriced::UnknownClass(_)));
    assert!(matches!(refused(&key("amazon.nova-canvas-v1:0", Class::Input)), Unpriced::NoRegionPrice { .. }));
    assert_eq!(
        refused(&key("amazon.titan-embed-text-v2:0", Class::Output)).to_string(),
        "amazon.titan-embed-text-v2:0 does not offer output tokens"
    );
    let classes: Vec<Class> = ["input", "output", "cache-read", "cache-write-5m", "cache-write-30m", "cache-write-1h"]
        .into_iter()
        .map(Class::from_word)
        .collect();
    let letters: Vec<_> = Catalogue::builtin().sources().iter().map(|source| source.id.clone()).collect();
    let mut priced = 0;
    for model in Catalogue::builtin().models() {
        for class in &classes {
            for &mode in Mode::ALL {
                for &routing in Routing::ALL {
                    for &band in ContextBand::ALL {
                        for region in ["us-east-1", "us-west-2", "eu-central-1", "ap-south-1", "us-gov-west-1"] {
                            let asked = key(model.id.as_str(), class.clone());
                            let asked = PriceKey { mode, routing, band, region: region.into(), ..asked };
                            let Ok(price) = Catalogue::builtin().list_price(&asked) else { continue };
                            priced += 1;
                            assert!(price.rate.per(1_000_000) > Money::ZERO, "{asked:?}");
                            assert!(!price.sources.is_empty(), "{asked:?}");
                            assert!(price.sources.iter().all(|letter| letters.contains(letter)), "{asked:?}");
                        }
                    }
                }
            }
        }
    }
    assert!(priced > 3_000, "{priced}");
}

#[test]
fn models_that_have_a_us_price_have_it_for_input_and_output() {
    let catalogue = Catalogue::builtin();
    let (mut input, mut without) = (0, Vec::new());
    // Pegasus bills video by the second, and only its output by the token.
    for pegasus in ["twelvelabs.pegasus-1-2-v1:0", "twelvelabs.pegasus-1-5-v1:0"] {
        assert!(matches!(refused(&key(pegasus, Class::Input)), Unpriced::NotFound { .. }));
        assert_eq!(million(&key(pegasus, Class::Output)), usd("7.5"));
    }
    for model in catalogue.models() {
        match catalogue.list_price(&key(model.id.as_str(), Class::Input)) {
            Ok(_) => {
                input += 1;
                let output = catalogue.list_price(&key(model.id.as_str(), Class::Output));
                assert_eq!(output.is_ok(), model.kind != ModelKind::Embedding, "{}: {output:?}", model.id);
            }
            Err(_) if matches!(model.kind, ModelKind::Text | ModelKind::Speech) => without.push(model.id.as_str()),
            Err(_) => {}
        }
    }
    assert_eq!(input, 126);
    assert_eq!(
        without,
        [
            "amazon.titan-text-premier-v1:0",
            "anthropic.claude-instant-v1",
            "anthropic.claude-v2:1",
            "cohere.command-light-text-v14",
            "cohere.command-text-v14",
            "meta.llama3-1-405b-instruct-v1:0",
            "mistral.mistral-large-2407-v1:0",
        ],
        "text models of which the sources give no US token price"
    );
}

#[test]
fn the_ratios_of_moves_are_those_of_the_prices() {
    let catalogue = Catalogue::builtin();
    let mut checked = 0;
    for step in catalogue.moves() {
        let Some(routing) = step.scope else { continue };
        for (class, ratio) in [(Class::Input, step.ratio_input), (Class::Output, step.ratio_output)] {
            let price = |model: &str| {
                let asked = PriceKey { routing, ..key(model, class.clone()) };
                catalogue.list_price(&asked).ok().map(|price| price.rate.per(1_000_000).pico())
            };
            let (Some(from), Some(to), Some(ratio)) = (price(step.from.as_str()), price(step.to.as_str()), ratio)
            else {
                continue;
            };
            // Ratios are rounded to three digits.
            let off = to * 1_000_000 / from - i128::from(ratio.ppm());
            assert!(off.abs() <= 501, "{} to {} {class}: {off}", step.from, step.to);
            checked += 1;
        }
    }
    assert_eq!(checked, 165, "all but Mistral Large 24.07, which has no price");
}
