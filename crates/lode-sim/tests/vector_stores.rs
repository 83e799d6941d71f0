//! What stands behind a row of OpenSearch Serverless, how often it is searched, and what it would cost elsewhere. Figures
//! are worked out by hand.

use jiff::civil::date;
use lode_model::{Money, Owner};
use lode_sim::{Estate, State, VectorStore};
use lode_testkit::EstateFile;
use serde_json::{Value, json};

/// One day, one OCU each for search and indexing at 0.24 USD an hour, billed under `resource`.
fn estate(resources: &[Option<&str>], inventory: Vec<Value>, metrics: Vec<Value>) -> Estate {
    let charge = |resource: &Option<&str>, class: &str| {
        let mut charge = json!({"source": "beside Bedrock", "class": class, "hours": "24", "usd": "5.76"});
        if let Some(resource) = resource {
            charge["resource"] = json!(resource);
        }
        charge
    };
    let classes = ["search-ocu-hour", "indexing-ocu-hour"];
    let charges: Vec<Value> =
        resources.iter().flat_map(|resource| classes.map(|class| charge(resource, class))).collect();
    let file = json!({"first": "2026-10-01", "last": "2026-10-01", "charges": charges, "inventory": inventory,
        "metrics": metrics});
    let file: EstateFile = serde_json::from_value(file).expect("an estate");
    file.build(date(2026, 10, 3))
}

/// What stands behind the row of a resource.
fn store(estate: &Estate, resource: &str) -> VectorStore {
    let owner = Owner::Resource("111111111111".into(), "us-east-1".into(), resource.into());
    VectorStore::of(estate, &State::baseline(estate), &owner).expect("a store")
}

fn arn(id: &str) -> String {
    format!("arn:aws:aoss:us-east-1:111111111111:collection/{id}")
}

fn collections(each: &[(&str, &str, Option<&str>)]) -> Value {
    let one = |(id, kind, group): &(&str, &str, Option<&str>)| {
        let mut one =
            json!({"arn": arn(id), "name": id, "type": kind, "status": "ACTIVE", "standbyReplicas": "ENABLED"});
        if let Some(group) = group {
            one["collectionGroupName"] = json!(group);
        }
        one
    };
    json!({"collectionDetails": each.iter().map(one).collect::<Vec<_>>()})
}

fn knowledge_base(id: &str, collection: &str, dimensions: u32) -> Value {
    json!({"knowledgeBase": {"knowledgeBaseId": id, "name": id.to_lowercase(),
        "knowledgeBaseConfiguration": {"type": "VECTOR", "vectorKnowledgeBaseConfiguration": {
            "embeddingModelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0",
            "embeddingModelConfiguration": {"bedrockEmbeddingModelConfiguration": {"dimensions": dimensions}}}},
        "storageConfiguration": {"type": "OPENSEARCH_SERVERLESS",
            "opensearchServerlessConfiguration": {"collectionArn": arn(collection)}}}})
}

fn metric(metric: &str, stat: &str, collection: &str, values: &[f64]) -> Value {
    json!({"namespace": "AWS/AOSS", "metric": metric, "stat": stat, "from": "2026-10-01T00:00:00Z", "values": values,
        "dimensions": {"ClientId": "111111111111", "CollectionId": collection, "CollectionName": collection}})
}

fn usd(text: &str) -> Money {
    Money::parse(text).expect("money")
}

fn names(store: &VectorStore) -> Vec<&str> {
    store.collections.iter().map(|collection| &*collection.name).collect()
}

#[test]
fn a_row_is_the_collection_it_names_and_those_that_share_with_it() {
    let listed = || {
        let group = json!({"collectionGroupDetails": [{"arn": "arn:aws:aoss:us-east-1:111111111111:collection-group/g",
            "name": "apps", "generation": "NEXTGEN",
            "capacityLimits": {"minSearchCapacityInOCU": 1, "minIndexingCapacityInOCU": 0.5}}]});
        let all = [
            ("a", "VECTORSEARCH", None),
            ("b", "VECTORSEARCH", None),
            ("logs", "TIMESERIES", None),
            ("g1", "VECTORSEARCH", Some("apps")),
        ];
        vec![collections(&all), group]
    };
    // `b` has no row of its own and the kind of `a`: they share. Logs and groups do not.
    let one = estate(&[Some(&arn("a"))], listed(), Vec::new());
    assert_eq!(names(&store(&one, &arn("a"))), ["a", "b"]);
    let two = estate(&[Some(&arn("a")), Some(&arn("b"))], listed(), Vec::new());
    assert_eq!(names(&store(&two, &arn("a"))), ["a"]);
    // A row without a name is all that is billed under no other: groups and others, and nobody knows whose OCUs are whose.
    let rest = store(&estate(&[None, Some(&arn("a"))], listed(), Vec::new()), "OpenSearch Serverless");
    assert_eq!(names(&rest), ["b", "g1", "logs"]);
    assert!(rest.is_mixed());
    assert_eq!(rest.holds_vectors(), Some(false));
    let group = store(&estate(&[Some(&arn("g1"))], listed(), Vec::new()), &arn("g1"));
    assert_eq!((names(&group), group.is_next_generation(), group.minimum()), (vec!["g1"], true, Some(1500)));
    // One that is not listed is known by its id alone.
    let unlisted = store(&estate(&[Some(&arn("x"))], listed(), Vec::new()), &arn("x"));
    assert_eq!((names(&unlisted), unlisted.holds_vectors(), unlisted.is_for_development()), (vec!["x"], None, None));
}

#[test]
fn rows_below_the_floor_share_it() {
    let (a, b) = (arn("a"), arn("b"));
    let is_mixed = |rows: &[(&str, &str)], kind: &str, standby: &str| {
        let charges: Vec<Value> = rows
            .iter()
            .flat_map(|(row, hours)| {
                ["search-ocu-hour", "indexing-ocu-hour"].map(|class| {
                    json!({"source": "beside Bedrock", "class": class, "hours": hours, "usd": "1", "resource": row})
                })
            })
            .collect();
        let mut listed = collections(&[("a", "VECTORSEARCH", None), ("b", kind, None)]);
        for one in listed["collectionDetails"].as_array_mut().expect("a list") {
            one["standbyReplicas"] = json!(standby);
        }
        let file = json!({"first": "2026-10-01", "last": "2026-10-01", "charges": charges, "inventory": [listed]});
        let file: EstateFile = serde_json::from_value(file).expect("an estate");
        store(&file.build(date(2026, 10, 3)), &a).is_mixed()
    };
    // Half an OCU each for search and indexing: together the floor of 2.
    assert!(is_mixed(&[(&a, "12"), (&b, "12")], "VECTORSEARCH", "ENABLED"));
    assert!(is_mixed(&[(&a, "24"), (&b, "12")], "VECTORSEARCH", "ENABLED"), "the other is below its floor");
    assert!(!is_mixed(&[(&a, "24"), (&b, "24")], "VECTORSEARCH", "ENABLED"), "each has a floor of its own");
    assert!(!is_mixed(&[(&a, "12"), (&b, "12")], "VECTORSEARCH", "DISABLED"), "a floor of 1 without standby replicas");
    assert!(!is_mixed(&[(&a, "12"), (&b, "12")], "TIMESERIES", "ENABLED"), "another kind");
    assert!(!is_mixed(&[(&a, "12")], "VECTORSEARCH", "ENABLED"), "nothing beside it that is billed");
}

#[test]
fn nobody_uses_it_only_where_all_knowledge_bases_are_known() {
    let list = |ids: &[&str]| {
        let each: Vec<Value> = ids.iter().map(|id| json!({"knowledgeBaseId": id})).collect();
        json!({"knowledgeBaseSummaries": each})
    };
    let one = collections(&[("a", "VECTORSEARCH", None)]);
    let used = |more: Vec<Value>| {
        let inventory = std::iter::once(one.clone()).chain(more).collect();
        store(&estate(&[Some(&arn("a"))], inventory, Vec::new()), &arn("a")).is_used()
    };
    assert_eq!(used(Vec::new()), None, "nothing was listed");
    assert_eq!(used(vec![list(&[])]), Some(false));
    assert_eq!(used(vec![list(&["KB1"])]), None, "KB1 was not looked up");
    assert_eq!(used(vec![list(&["KB1"]), knowledge_base("KB1", "elsewhere", 1024)]), Some(false));
    assert_eq!(used(vec![knowledge_base("KB1", "a", 1024)]), Some(true));
    assert_eq!(used(vec![knowledge_base("KB1", "elsewhere", 1024)]), None, "one that was looked up is not a list");
}

#[test]
fn searches_are_counted_in_the_hours_that_were_watched() {
    let day = |series: Vec<Value>| {
        let inventory = vec![collections(&[("a", "VECTORSEARCH", None)])];
        store(&estate(&[Some(&arn("a"))], inventory, series), &arn("a")).searches()
    };
    let told = |searches: &lode_sim::Searches| {
        (searches.requests(), searches.watched_hours(), searches.searched_hours(), searches.stretches())
    };
    assert_eq!(day(Vec::new()), None, "nobody asked");
    // Two requests a minute in the first two hours and in the fourth: 120 + 120 + 120.
    let mean = day(vec![metric("SearchRequestRate", "Average", "a", &[2.0, 2.0, 0.0, 2.0])]).expect("searches");
    assert_eq!((told(&mean), mean.awake_sixths()), ((360, 4, 3, 2), 20));
    let sum = day(vec![metric("SearchRequestRate", "Sum", "a", &[120.0, 120.0, 0.0, 120.0])]).expect("searches");
    assert_eq!(sum, mean);
    // 360 in four hours are 65,700 in 730.
    assert_eq!(sum.per_month(), 65_700);
    // Watched all day, asked, never searched: no point, or points of nothing.
    let active = || metric("ActiveCollection", "Maximum", "a", &[1.0; 24]);
    for stat in ["Sum", "Average"] {
        let empty = day(vec![active(), metric("SearchRequestRate", stat, "a", &[])]).expect("searches");
        assert_eq!(told(&empty), (0, 24, 0, 0), "{stat}");
        let zeros = day(vec![active(), metric("SearchRequestRate", stat, "a", &[0.0; 24])]).expect("searches");
        assert_eq!(told(&zeros), (0, 24, 0, 0), "{stat}");
    }
    // That it stands says nothing of searches, nor do they in another form: a statistic, a period or a dimension.
    assert_eq!(day(vec![active()]), None);
    assert_eq!(day(vec![active(), metric("SearchRequestRate", "Maximum", "a", &[9.0; 24])]), None);
    let mut daily = metric("SearchRequestRate", "Sum", "a", &[100_000.0]);
    daily["period"] = json!(86_400);
    assert_eq!(day(vec![active(), daily]), None);
    let mut of_index = metric("SearchRequestRate", "Sum", "a", &[9.0; 24]);
    of_index["dimensions"]["IndexId"] = json!("i1");
    assert_eq!(day(vec![active(), of_index]), None);
    // The size of an index alone says nothing of searches.
    assert_eq!(day(vec![metric("SearchableDocuments", "Average", "a", &[7.0; 24])]), None);
    // Another collection's figures are not its own.
    assert_eq!(day(vec![metric("SearchRequestRate", "Sum", "b", &[1.0; 24])]), None);
}

#[test]
fn an_index_costs_elsewhere_what_a_person_works_out() {
    // 250,000 vectors of 1,024 dimensions, a thousand searches an hour round the clock: 730,000 a month.
    let inventory = vec![
        collections(&[("a", "VECTORSEARCH", None)]),
        knowledge_base("KB1", "a", 1024),
        json!({"dataSource": {"dataSourceId": "DS1", "knowledgeBaseId": "KB1"}}),
    ];
    let metrics = vec![
        metric("SearchRequestRate", "Sum", "a", &[1000.0; 24]),
        metric("SearchableDocuments", "Average", "a", &[250_000.0; 24]),
    ];
    let estate = estate(&[Some(&arn("a"))], inventory, metrics);
    let store = store(&estate, &arn("a"));
    let there = store.s3_vectors(&estate, 2_048, 1_024).expect("known");
    // Stored: 250,000 × (4,096 + 2,048) bytes are 1.430511 GB, at 0.06 a month and 0.20 to write.
    assert_eq!(there.storage.round_micro(), usd("0.085831"));
    assert_eq!(there.writing.round_micro(), usd("0.286102"));
    // Queries: 730,000 at 2.50 a million are 1.825. Each processes 5,120 bytes of every vector: of the first 100,000 at
    // 0.004 a TB 1.359730, of the other 150,000 at 0.002 a TB 1.019798.
    assert_eq!(there.queries.round_micro(), usd("4.204529"));
    // 250,000 chunks of 300 tokens at 0.02 a million.
    assert_eq!(there.embedding.map(Money::round_micro), Some(usd("1.5")));
    // Awake all day, and a day is not longer than a day: 730 hours × 3 OCUs × 0.24.
    assert_eq!(store.next_generation(3).map(Money::round_micro), Some(usd("525.60")));
    // 250,000 chunks of 1,200 bytes are 0.279397 GB at 5.00, and 730,000 retrievals at 0.001.
    assert_eq!(store.managed(&estate, 1_200).map(Money::round_micro), Some(usd("731.396984")));
    assert_eq!(store.awake_share(), Some(1.0));
}
