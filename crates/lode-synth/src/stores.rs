//! Vector stores: collections of OpenSearch Serverless, which cost their capacity by the hour whether anybody searches
//! or not, and what stands in place of one that is hardly searched.
//!
//! Facts (AWS' OpenSearch Serverless and S3 Vectors pages as noted 2026-10): the least capacity of a collection is one OCU of
//! search and one of indexing with standby replicas, half of each without; a collection of vectors is in an account and
//! region of its own here, so that what CloudWatch counts by account is its own. S3 Vectors has vectors of four bytes a
//! dimension, and what is stored with them; a query processes all vectors of its index.

use serde_json::{Value, json};

use crate::Estate;
use crate::apps::{MEMBER, OTHER, PAYER, Part, REGION};
use crate::bill::Class;
use crate::cur::arn;
use crate::habits::HabitId as H;
use crate::month::{DAYS, is_weekend};
use crate::usd::decimal;

/// The other region with collections.
pub(crate) const WEST: &str = "us-west-2";
const MICRO: u64 = 1_000_000;
const HOURS: u64 = 24;
const MONTH_HOURS: u64 = 730;
/// Dimensions of the vectors, as the embedding model makes them.
const DIMENSIONS: u64 = 1_024;
/// Bytes that are stored with a vector: its key and what is known of its passage.
const BESIDE: u64 = 512;

/// The bucket that holds the vectors of the one store that is moved to one.
const BUCKET: &str = "bucket/faq-vectors";
/// The knowledge base beside a collection that none uses.
const ELSEWHERE: &str = "contracts";

/// What is done without the habit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// The same.
    Same,
    /// The vectors in S3 Vectors, and no collection.
    Vectors,
    /// Nothing in its place.
    Gone,
    /// No standby replicas: half the capacity.
    Alone,
}

/// How often a collection is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Searched {
    Never,
    /// So many times an hour from eight to six on working days.
    Hardly(u64),
    /// So many times a minute from eight to six, and a sixtieth of that at night.
    ByDay(u64),
    /// So many times a minute.
    Always(u64),
}

/// A collection.
pub(crate) struct Store {
    /// Path of its ARN.
    pub path: &'static str,
    name: &'static str,
    pub account: &'static str,
    pub region: &'static str,
    pub part: Part,
    right: Right,
    /// Hours of search and of indexing capacity a day.
    hours: (u64, u64),
    searched: Searched,
    vectors: u64,
    /// Name of its knowledge base, where it has one.
    knowledge_base: Option<&'static str>,
}

/// The least capacity around the clock.
const FLOOR: (u64, u64) = (HOURS, HOURS);
/// 4 OCU on average, above any floor.
const ABOVE: (u64, u64) = (60, 36);

/// Every collection.
pub(crate) static STORES: [Store; 6] = [
    Store {
        path: "collection/kb0vectors",
        name: "handbook",
        account: PAYER,
        region: REGION,
        part: Part::TwinOf(H::IdleCollection),
        right: Right::Same,
        hours: ABOVE,
        searched: Searched::ByDay(6_000),
        vectors: 500_000,
        knowledge_base: Some("handbook"),
    },
    Store {
        path: "collection/faq0vectors",
        name: "faq",
        account: MEMBER,
        region: REGION,
        part: Part::Has(H::IdleCollection),
        right: Right::Vectors,
        hours: FLOOR,
        searched: Searched::Hardly(3),
        vectors: 80_000,
        knowledge_base: Some("faq"),
    },
    Store {
        path: "collection/old0vectors",
        name: "catalogue-2025",
        account: OTHER,
        region: REGION,
        part: Part::Has(H::OrphanedCollection),
        right: Right::Gone,
        hours: FLOOR,
        searched: Searched::Never,
        vectors: 120_000,
        knowledge_base: None,
    },
    Store {
        path: "collection/shop0vectors",
        name: "shop-search",
        account: OTHER,
        region: WEST,
        part: Part::TwinOf(H::OrphanedCollection),
        right: Right::Same,
        hours: ABOVE,
        searched: Searched::ByDay(6_000),
        vectors: 500_000,
        knowledge_base: None,
    },
    Store {
        path: "collection/dev0vectors",
        name: "docs-dev",
        account: MEMBER,
        region: WEST,
        part: Part::Has(H::StandbyInDev),
        right: Right::Alone,
        hours: FLOOR,
        searched: Searched::Always(2_500),
        vectors: 500_000,
        knowledge_base: Some("docs-dev"),
    },
    Store {
        path: "collection/docs0vectors",
        name: "docs",
        account: PAYER,
        region: WEST,
        part: Part::TwinOf(H::StandbyInDev),
        right: Right::Same,
        hours: FLOOR,
        searched: Searched::Always(2_500),
        vectors: 500_000,
        knowledge_base: Some("docs"),
    },
];

impl Searched {
    /// Searches in an hour of the window, from 0.
    fn in_hour(self, hour: i64) -> u64 {
        let (day, of_day) = (hour.div_euclid(24), hour.rem_euclid(24));
        let by_day = (8..18).contains(&of_day);
        match self {
            Self::Never => 0,
            Self::Hardly(searches) if by_day && !is_weekend(day) => searches,
            Self::Hardly(_) => 0,
            Self::ByDay(a_minute) => a_minute * if by_day { 60 } else { 1 },
            Self::Always(a_minute) => a_minute * 60,
        }
    }
}

impl Store {
    fn is_as_found(&self, estate: &Estate) -> bool {
        !matches!(self.part, Part::Has(habit) if !estate.options.habits.has(habit)) || self.right == Right::Same
    }

    /// Whether there is a collection.
    fn stands(&self, estate: &Estate) -> bool {
        self.is_as_found(estate) || self.right == Right::Alone
    }

    pub(crate) fn arn(&self) -> String {
        arn(self.account, self.region, self.path)
    }

    /// Bytes of all vectors and what is stored with them.
    const fn bytes(&self) -> u64 {
        self.vectors * (DIMENSIONS * 4 + BESIDE)
    }

    /// What it uses on a day: class, the path of the ARN that is billed, and quantity in steps of the class.
    pub(crate) fn uses(&self, estate: &Estate, day: i64) -> Vec<(Class, &'static str, u64)> {
        let capacity = |part: u64| {
            let (search, indexing) = self.hours;
            vec![
                (Class::SearchOcuHour, self.path, search * MICRO / part),
                (Class::IndexingOcuHour, self.path, indexing * MICRO / part),
            ]
        };
        match (self.is_as_found(estate), self.right) {
            (true, _) | (_, Right::Same) => capacity(1),
            (_, Right::Alone) => capacity(2),
            (_, Right::Gone) => Vec::new(),
            (_, Right::Vectors) => {
                let queries: u64 = (0..24).map(|hour| self.searched.in_hour(day * 24 + hour)).sum();
                // A gigabyte is 10^9 bytes; a millionth of it a thousand.
                let gigabytes = self.bytes() / 1_000;
                vec![
                    (Class::VectorGbMonth, BUCKET, gigabytes * HOURS / MONTH_HOURS),
                    (Class::VectorGbProcessed, BUCKET, gigabytes * queries),
                    (Class::VectorQuery, BUCKET, queries),
                ]
            }
        }
    }
}

/// What the AWS command line prints of collections, knowledge bases and their data sources: path of the file, and content.
pub(crate) fn inventory(estate: &Estate) -> Vec<(String, Value)> {
    let mut files = Vec::new();
    for (store, number) in STORES.iter().zip(1..) {
        let path = |name: &str| format!("inventory/{}/{}/{name}.json", store.account, store.region);
        if store.stands(estate) {
            files.push((path("batch-get-collection"), store.collection(estate)));
        }
        files.push((path("list-knowledge-bases"), store.listed(number)));
        files.push((path("get-knowledge-base"), store.knowledge(estate, number)));
        files.push((path("get-data-source"), store.data_source(number)));
    }
    files
}

impl Store {
    fn collection(&self, estate: &Estate) -> Value {
        let standby = if self.is_as_found(estate) { "ENABLED" } else { "DISABLED" };
        json!({"collectionDetails": [{
            "arn": self.arn(),
            "createdDate": 1_788_253_200_000_i64,
            "id": self.path.trim_start_matches("collection/"),
            "kmsKeyArn": "auto",
            "name": self.name,
            "standbyReplicas": standby,
            "status": "ACTIVE",
            "type": "VECTORSEARCH",
        }], "collectionErrorDetails": []})
    }

    /// Where the vectors of its knowledge base are. One that nobody's knowledge base uses stands beside another, whose vectors
    /// are elsewhere.
    fn storage(&self, estate: &Estate) -> Value {
        let Self { account, region, .. } = self;
        let Some(name) = self.knowledge_base else {
            return json!({
                "rdsConfiguration": {
                    "credentialsSecretArn": format!("arn:aws:secretsmanager:{region}:{account}:secret:contracts"),
                    "databaseName": "contracts",
                    "resourceArn": format!("arn:aws:rds:{region}:{account}:cluster:contracts"),
                    "tableName": "passages",
                },
                "type": "RDS",
            });
        };
        if self.stands(estate) {
            let fields = json!({"metadataField": "metadata", "textField": "text", "vectorField": "vector"});
            return json!({
                "opensearchServerlessConfiguration": {
                    "collectionArn": self.arn(), "fieldMapping": fields, "vectorIndexName": name,
                },
                "type": "OPENSEARCH_SERVERLESS",
            });
        }
        let bucket = arn(account, region, BUCKET);
        json!({
            "s3VectorsConfiguration": {"indexArn": format!("{bucket}/index/{name}"), "vectorBucketArn": bucket},
            "type": "S3_VECTORS",
        })
    }

    /// The only knowledge base of its account and region.
    fn listed(&self, number: u32) -> Value {
        json!({"knowledgeBaseSummaries": [{
            "knowledgeBaseId": format!("KB{number:08}"),
            "name": self.knowledge_base.unwrap_or(ELSEWHERE),
            "status": "ACTIVE",
            "updatedAt": "2026-09-01T09:00:00+00:00",
        }]})
    }

    fn knowledge(&self, estate: &Estate, number: u32) -> Value {
        let Self { account, region, .. } = self;
        let id = format!("KB{number:08}");
        let embedding = format!("arn:aws:bedrock:{region}::foundation-model/amazon.titan-embed-text-v2:0");
        json!({"knowledgeBase": {
            "createdAt": "2026-09-01T09:00:00+00:00",
            "knowledgeBaseArn": format!("arn:aws:bedrock:{region}:{account}:knowledge-base/{id}"),
            "knowledgeBaseConfiguration": {
                "type": "VECTOR",
                "vectorKnowledgeBaseConfiguration": {
                    "embeddingModelArn": embedding,
                    "embeddingModelConfiguration": {"bedrockEmbeddingModelConfiguration": {
                        "dimensions": DIMENSIONS, "embeddingDataType": "FLOAT32"}},
                },
            },
            "knowledgeBaseId": id,
            "name": self.knowledge_base.unwrap_or(ELSEWHERE),
            "roleArn": format!("arn:aws:iam::{account}:role/kb-service"),
            "status": "ACTIVE",
            "storageConfiguration": self.storage(estate),
            "updatedAt": "2026-09-01T09:00:00+00:00",
        }})
    }

    fn data_source(&self, number: u32) -> Value {
        let name = self.knowledge_base.unwrap_or(ELSEWHERE);
        json!({"dataSource": {
            "createdAt": "2026-09-01T09:05:00+00:00",
            "dataDeletionPolicy": "DELETE",
            "dataSourceConfiguration": {
                "s3Configuration": {"bucketArn": format!("arn:aws:s3:::example-{name}")},
                "type": "S3",
            },
            "dataSourceId": format!("DS{number:08}"),
            "knowledgeBaseId": format!("KB{number:08}"),
            "name": format!("{name}-files"),
            "status": "AVAILABLE",
            "updatedAt": "2026-09-01T09:05:00+00:00",
            "vectorIngestionConfiguration": {"chunkingConfiguration": {
                "chunkingStrategy": "FIXED_SIZE",
                "fixedSizeChunkingConfiguration": {"maxTokens": 300, "overlapPercentage": 20},
            }},
        }})
    }
}

/// What CloudWatch counted by the hour, account by account and region by region: path of the file, and content. Rates are a
/// minute's, capacity is that in use; both are means, as `docs/collect.sh` asks for them.
pub(crate) fn metrics(estate: &Estate) -> Vec<(String, Value)> {
    let standing = STORES.iter().filter(|store| store.stands(estate));
    let files = standing.map(|store| {
        let part = if store.is_as_found(estate) { 1 } else { 2 };
        let (search, indexing) = store.hours;
        let ocu = |hours: u64| move |_: i64| hours * MICRO / HOURS / part;
        let of_account = format!("ClientId={}", store.account);
        let id = store.path.trim_start_matches("collection/");
        let of_store = format!("{of_account},CollectionId={id},CollectionName={}", store.name);
        let results = [
            result(store, "SearchOCU", &of_account, &ocu(search)),
            result(store, "IndexingOCU", &of_account, &ocu(indexing)),
            result(store, "SearchRequestRate", &of_store, &|hour| store.searched.in_hour(hour) * MICRO / 60),
            result(store, "SearchableDocuments", &of_store, &|_| store.vectors * MICRO),
            result(store, "StorageUsedInS3", &of_store, &|_| store.bytes() * MICRO),
        ];
        let path = format!("metrics/{}/{}/aoss.json.gz", store.account, store.region);
        (path, json!({"MetricDataResults": results, "Messages": []}))
    });
    files.collect()
}

/// A result, newest first, of values in millionths. Its label says what it is of.
fn result(store: &Store, metric: &str, dimensions: &str, value: &dyn Fn(i64) -> u64) -> Value {
    let hours = || (0..DAYS * 24).rev();
    let at = |hour: i64| {
        let time = jiff::Timestamp::from_second(crate::month::START + hour * crate::month::HOUR).unwrap_or_default();
        time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
    };
    let figure = |hour: i64| decimal(i128::from(value(hour)), 6).parse::<serde_json::Number>().ok();
    json!({
        "Id": format!("m{}", metric.to_ascii_lowercase()),
        "Label": format!("{}|{}|AWS/AOSS|{metric}|Average|3600|{dimensions}", store.account, store.region),
        "StatusCode": "Complete",
        "Timestamps": hours().map(at).collect::<Vec<_>>(),
        "Values": hours().map(figure).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Habits, Options, Usd};

    fn month(habits: Habits) -> Estate {
        Estate { options: Options { seed: 1, scale: 100, habits }, calls: Vec::new(), edited: false }
    }

    fn saving(id: H) -> Usd {
        month(Habits::all()).bill().total() - month(Habits::all().without(id)).bill().total()
    }

    #[test]
    fn stores_cost_what_is_worked_out_by_hand() {
        // 28 days of 48 hours at 0.24, and half of that.
        assert_eq!(saving(H::OrphanedCollection).to_string(), "322.56");
        assert_eq!(saving(H::StandbyInDev).to_string(), "161.28");
        // 80,000 vectors of 4,608 bytes are 0.36864 GB: 28 days of 0.012119 GB-months at 0.06; 20 working days of 30 queries,
        // each 0.0000025 and 0.36864 GB at 0.000004.
        let stored = 28 * 12_119 * 60_000_i128;
        let asked = 600 * 2_500_000_i128 + 600 * 368_640 * 4;
        assert_eq!(saving(H::IdleCollection), Usd::from_pico(322_560_000_000_000 - stored - asked));
    }

    /// A twin would not be cheaper elsewhere: its queries alone cost more than its capacity.
    #[test]
    fn busy_collections_are_worth_their_price() {
        for store in STORES.iter().filter(|store| matches!(store.searched, Searched::ByDay(_) | Searched::Always(_))) {
            let queries: u64 = (0..DAYS * 24).map(|hour| store.searched.in_hour(hour)).sum();
            // Two prices a gigabyte: of the first 100,000 vectors, and of the others.
            let first = 100_000 * store.bytes() / store.vectors;
            let processed = i128::from(first) * 4 + i128::from(store.bytes() - first) * 2;
            let elsewhere = Usd::from_pico(i128::from(queries) * (2_500_000 + processed / 1_000));
            let (search, indexing) = store.hours;
            let capacity = Usd::from_pico(i128::from(28 * (search + indexing)) * crate::prices::OCU_HOUR);
            assert!(elsewhere > capacity, "{}: {elsewhere} against {capacity}", store.name);
        }
    }

    #[test]
    fn collections_are_alone_in_their_account_and_region() {
        for (at, store) in STORES.iter().enumerate() {
            let others = STORES[at + 1..].iter();
            assert!(others.into_iter().all(|other| (other.account, other.region) != (store.account, store.region)));
        }
    }

    #[test]
    fn metrics_are_means_by_the_hour() {
        let files = metrics(&month(Habits::all()));
        let faq = &files.iter().find(|(path, _)| path == "metrics/222222222222/us-east-1/aoss.json.gz").expect("faq").1;
        let rate = &faq["MetricDataResults"][2];
        assert_eq!(
            rate["Label"],
            "222222222222|us-east-1|AWS/AOSS|SearchRequestRate|Average|3600|ClientId=222222222222,CollectionId=faq0vectors,CollectionName=faq"
        );
        // Newest first: the last hour of Wednesday the 28th, and nine in its morning.
        assert_eq!((&rate["Timestamps"][0], &rate["Values"][0]), (&"2026-10-28T23:00:00+00:00".into(), &0.into()));
        assert_eq!((&rate["Timestamps"][14], &rate["Values"][14]), (&"2026-10-28T09:00:00+00:00".into(), &0.05.into()));
        assert_eq!(faq["MetricDataResults"][0]["Values"][0], 1);
        // Without the habit there is nothing left to count of it.
        let right = metrics(&month(Habits::none()));
        assert_eq!((files.len(), right.len()), (6, 4));
    }
}
