//! Whatever bill and logs hold: no dollar and no token is lost, and their order does not matter.

use std::collections::BTreeMap;

use crate::common::{AS_OF, file, owners};
use lode_model::{Inventory, Metrics, Money, PriceKey, Request, Trace, TraceError};
use lode_prices::Catalogue;
use lode_sim::Estate;
use proptest::prelude::*;

/// Requests in the order given, whatever the trait promises.
struct AsGiven(Vec<Request>);

impl Trace for AsGiven {
    fn groups(&self) -> Vec<(lode_model::AccountId, lode_model::Region, lode_model::ModelId)> {
        let mut groups = Vec::new();
        for request in &self.0 {
            let group = (request.account.clone(), request.region.clone(), request.model.clone());
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups
    }

    fn requests(
        &self,
        group: &(lode_model::AccountId, lode_model::Region, lode_model::ModelId),
        each: &mut dyn FnMut(&Request),
    ) -> Result<(), TraceError> {
        let of_group = |r: &&Request| (&r.account, &r.region, &r.model) == (&group.0, &group.1, &group.2);
        self.0.iter().filter(of_group).for_each(each);
        Ok(())
    }
}

const MODELS: [(&str, &str); 3] = [
    ("NovaPro", "amazon.nova-pro-v1:0"),
    ("NovaLite", "amazon.nova-lite-v1:0"),
    ("Claude4.6Sonnet", "anthropic.claude-sonnet-4-6"),
];
const SOURCES: [&str; 2] = ["AmazonBedrockService", "AWS Marketplace"];
const MODES: [&str; 3] = ["standard", "flex", "batch"];
const DAYS: [&str; 3] = ["every", "first", "whole"];
const CLASSES: [&str; 4] = ["input", "output", "cache-read", "cache-write-5m"];

type Amounts = BTreeMap<PriceKey, (i128, Money)>;

fn amounts(estate: &Estate) -> Amounts {
    let mut amounts = Amounts::new();
    for charge in &estate.charges {
        let sum = amounts.entry(charge.key.clone()).or_default();
        sum.0 += charge.quantity.map_or(0, |quantity| quantity.steps);
        sum.1 += charge.billed;
    }
    amounts
}

prop_compose! {
    fn charge()(
        model in 0..3_usize, source in 0..2_usize, mode in 0..3_usize, days in 0..3_usize, class in 0..4_usize,
        role in 0..3_u32, tokens in 0..4_000_u64, usd in 1..9_000_000_u64,
    ) -> String {
        format!(
            r#"{{"model": "{}", "source": "{}", "mode": "{}", "days": "{}", "class": "{}", "role": "r{role}",
                "tokens": {tokens}, "usd": "{usd}e-12"}}"#,
            MODELS[model].0, SOURCES[source], MODES[mode], DAYS[days], CLASSES[class],
        )
    }
}

prop_compose! {
    fn request()(
        model in 0..3_usize, role in 0..4_u32, day in 1..5_u32, times in 1..4_u32, input in 0..900_u64,
        output in 0..60_u64, read in 0..500_u64, system in 0..3_u32, flex in any::<bool>(),
    ) -> String {
        format!(
            r#"{{"time": "2026-10-0{day}T08:00:00Z", "repeat": {{"times": {times}, "every_seconds": 40000}},
                "model": "{}", "role": "r{role}", "mode": {}, "input": {input}, "output": {output}, "cache_read": {read},
                "output_form": "text", "segments": ["system:s{system}:100", "user:#:30"]}}"#,
            MODELS[model].1, if flex { r#""flex""# } else { "null" },
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn nothing_is_lost_and_order_does_not_matter(
        charges in proptest::collection::vec(charge(), 1..10),
        requests in proptest::collection::vec(request(), 1..10),
        turn in 0..10_usize,
    ) {
        let file = file(&charges.join(","), &requests.join(","), "");
        let options = file.options(AS_OF);
        let mut bill = file.bill();
        let build = |bill: &lode_model::Bill, trace: Option<&dyn Trace>| lode_estate::build(bill, trace, lode_estate::Listed { inventory: &Inventory::default(), metrics: &Metrics::default() }, Catalogue::builtin(), &options).expect("in memory");
        let apart = build(&bill, None);
        let joined = file.build_with(&bill, &options);
        prop_assert_eq!(amounts(&apart), amounts(&joined), "dollars and tokens of each key");
        let tie_out = joined.tie_out.clone().expect("logs");
        let sum = |of: fn(&lode_sim::TieRow) -> Money| tie_out.rows.iter().map(of).sum::<Money>();
        prop_assert_eq!(sum(|row| row.billed), tie_out.billed);
        prop_assert_eq!(tie_out.billed - sum(|row| row.unlogged), tie_out.logged);
        // However many lines a price has, they hold its tokens and its dollars, each once.
        let mut by_price = BTreeMap::new();
        for row in tie_out.rows.iter().filter(|row| row.billed_tokens > 0) {
            let price = (row.model.clone(), row.routing, row.mode, row.band, row.class.clone());
            let (tokens, usd, causes) = by_price.entry(price).or_insert((0, Money::ZERO, Vec::new()));
            *tokens += row.billed_tokens;
            *usd += row.billed;
            causes.push(row.cause);
        }
        // Charges whose quantity does not fit their dollars have none, and are not compared.
        let mut compared = BTreeMap::new();
        for charge in &apart.charges {
            let Some(quantity) = charge.quantity.filter(|quantity| quantity.steps > 0) else { continue };
            let key = &charge.key;
            let price = (key.model.clone(), key.routing, key.mode, key.band, key.class.clone());
            let sum = compared.entry(price).or_insert((0, Money::ZERO));
            *sum = (sum.0 + quantity.steps, sum.1 + charge.billed);
        }
        for (price, (tokens, usd, causes)) in by_price {
            prop_assert_eq!(compared.get(&price), Some(&(tokens, usd)), "{:?}", price);
            let each: std::collections::BTreeSet<_> = causes.iter().collect();
            prop_assert_eq!(each.len(), causes.len(), "a cause twice: {:?}", price);
        }
        for row in &tie_out.rows {
            prop_assert!(0 <= row.matched_tokens && row.matched_tokens <= row.billed_tokens.min(row.logged_tokens));
            prop_assert!(Money::ZERO <= row.unlogged && row.unlogged <= row.billed);
        }
        let known: usize = owners(&joined).iter().map(|owner| owner.calls.len()).sum();
        prop_assert!(u64::try_from(known).expect("few") + tie_out.calls_not_billed <= tie_out.calls);

        let mut calls: Vec<Request> = file.requests.iter().enumerate().flat_map(|(row, r)| r.expand(row)).collect();
        calls.reverse();
        let at = turn % calls.len();
        calls.rotate_left(at);
        let at = turn % bill.lines.len();
        bill.lines.rotate_left(at);
        bill.lines.reverse();
        let shuffled = build(&bill, Some(&AsGiven(calls)));
        prop_assert_eq!(&joined.charges, &shuffled.charges);
        prop_assert_eq!(&joined.tie_out, &shuffled.tie_out);
        let ids = |estate: &Estate| -> Vec<(lode_model::Owner, Vec<std::sync::Arc<str>>)> {
            owners(estate).iter().map(|o| (o.owner.clone(), o.calls.iter().map(|c| c.id.clone()).collect())).collect()
        };
        prop_assert_eq!(ids(&joined), ids(&shuffled));
    }
}
