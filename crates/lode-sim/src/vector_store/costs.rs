//! What the same index would cost elsewhere, a month of 730 hours at list price, but for OCUs, which cost what was billed.
//! A GB is 2^30 bytes, a TB 2^40.

use lode_model::{BillingSource, Chunking, Class, ContextBand, Mode, Money, PriceKey, Rate, Routing};
use lode_prices::NewRates;

use super::{StoreCollection, VectorStore};
use crate::{Estate, Simulator};

const GB: i128 = 1 << 30;
const TB: i128 = 1 << 40;
/// Bytes of a dimension: a 32-bit float (AWS, S3 Vectors, copy of 2026-10).
const DIMENSION: u64 = 4;
/// Vectors of an index up to which a query's data costs the first and the second price (AWS price list, feed of 2026-09-28).
const FIRST_TIER: u64 = 100_000;
const SECOND_TIER: u64 = 10_000_000;
/// Tokens of a chunk where nothing is configured (AWS User Guide, kb-chunking, copy of 2026-10).
const DEFAULT_CHUNK: u64 = 300;

/// An index on S3 Vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct S3Vectors {
    /// Storage a month.
    pub storage: Money,
    /// Queries a month: requests, and the data they process.
    pub queries: Money,
    /// Writing all vectors once.
    pub writing: Money,
    /// Embedding all chunks again, where model, chunk size and price are known.
    pub embedding: Option<Money>,
}

impl S3Vectors {
    /// Storage and queries a month.
    #[must_use]
    pub fn monthly(&self) -> Money {
        self.storage + self.queries
    }
}

/// Tokens of a searched chunk; `None` of files that are not cut.
pub(super) fn chunk_tokens(chunking: &Chunking) -> Option<u64> {
    match chunking {
        Chunking::Default => Some(DEFAULT_CHUNK),
        Chunking::Fixed { max_tokens, .. } | Chunking::Semantic { max_tokens } => Some((*max_tokens).into()),
        Chunking::Hierarchical { child_tokens, .. } => Some((*child_tokens).into()),
        Chunking::None | Chunking::Other(_) => None,
    }
}

impl VectorStore {
    /// Its indexes on S3 Vectors, each collection one: `stored` bytes of key and metadata beside each vector, of which each
    /// query processes `read`. `None` where vectors, dimensions, queries or a price are not known.
    #[must_use]
    pub fn s3_vectors(&self, estate: &Estate, stored: u64, read: u64) -> Option<S3Vectors> {
        let price = |name: &str| Some(estate.prices.catalogue().service_price(name)?.price);
        let [storage, put, query] =
            ["storage_gb_month", "put_gb", "queries"].map(|it| price(&format!("s3_vectors.{it}")));
        let (storage, put, query) = (Rate::new(storage?, GB)?, Rate::new(put?, GB)?, Rate::new(query?, 1_000_000)?);
        let tiers = ["first_100k", "to_10m", "beyond"].map(|it| price(&format!("s3_vectors.processed_tb_{it}")));
        let mut all = S3Vectors {
            storage: Money::ZERO,
            queries: Money::ZERO,
            writing: Money::ZERO,
            embedding: Some(Money::ZERO),
        };
        for collection in &self.collections {
            let (vectors, dimensions) = (collection.documents?, collection.dimensions()?);
            let queries = i128::from(collection.searches.as_ref()?.per_month());
            let bytes = i128::from(vectors) * i128::from(DIMENSION * dimensions + stored);
            all.storage += storage.cost(bytes, 1);
            all.writing += put.cost(bytes, 1);
            all.queries += query.cost(queries, 1);
            let parts = [
                vectors.min(FIRST_TIER),
                vectors.clamp(FIRST_TIER, SECOND_TIER) - FIRST_TIER,
                vectors.max(SECOND_TIER) - SECOND_TIER,
            ];
            for (part, price) in parts.into_iter().zip(tiers) {
                let bytes = i128::from(part) * i128::from(DIMENSION * dimensions + read);
                all.queries += Rate::new(price?, TB)?.cost(bytes * queries, 1);
            }
            all.embedding = all.embedding.zip(self.embedding(estate, collection)).map(|(sum, more)| sum + more);
        }
        self.is_known().then_some(all)
    }

    /// What embedding a collection's chunks again costs.
    fn embedding(&self, estate: &Estate, collection: &StoreCollection) -> Option<Money> {
        let [user] = &collection.users[..] else { return None };
        let tokens = i128::from(collection.documents?) * i128::from(user.chunk_tokens?);
        let model = &estate.prices.catalogue().resolve(user.embedding_model.as_deref()?)?.id;
        let key = PriceKey {
            account: self.place.0.clone(),
            region: self.place.1.clone(),
            model: model.clone(),
            routing: Routing::Regional,
            mode: Mode::Standard,
            band: ContextBand::Standard,
            class: Class::Input,
            source: Simulator::new(estate, NewRates::Inherit).source_of(model, BillingSource::AmazonBedrock),
            custom: false,
        };
        Some(estate.prices.quote(&key, &key, NewRates::Inherit).ok()?.rate.cost(tokens, 1))
    }

    /// A NextGen group that scales to zero, with so many OCUs while it is awake: each hour with a search, and ten minutes
    /// after the last of a stretch. `None` where searches or what an OCU-hour costs are not known. Without storage.
    #[must_use]
    pub fn next_generation(&self, ocus: u64) -> Option<Money> {
        let searches = self.searches()?;
        let steps = i128::from(ocus) * i128::from(searches.awake_sixths()) * 730 * 1_000_000;
        Some(self.ocu?.cost(steps, 6 * i128::from(searches.watched_hours())))
    }

    /// A managed knowledge base: `text` bytes of raw data a chunk, and every search one retrieval. `None` where chunks,
    /// searches or a price are not known.
    #[must_use]
    pub fn managed(&self, estate: &Estate, text: u64) -> Option<Money> {
        let price = |name: &str| {
            Some(estate.prices.catalogue().service_price(&format!("managed_knowledge_base.{name}"))?.price)
        };
        let bytes = i128::from(self.documents()?) * i128::from(text);
        let queries = i128::from(self.searches()?.per_month());
        Some(Rate::new(price("storage")?, GB)?.cost(bytes, 1) + Rate::new(price("retrieval")?, 1)?.cost(queries, 1))
    }

    /// What part of the watched hours a group would be awake that sleeps when idle.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share becomes a ratio, which is exact to a millionth")]
    pub fn awake_share(&self) -> Option<f64> {
        let searches = self.searches()?;
        Some(searches.awake_sixths() as f64 / (6 * searches.watched_hours()) as f64)
    }
}
