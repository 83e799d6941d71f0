//! Spoiling a JSON document at one place, for tests that nothing panics.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// What may stand where something else should.
pub(crate) fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "-?[0-9]{1,40}(\\.[0-9]{1,9})?(e-?[0-9]{1,12})?".prop_map(Value::from),
        "[A-Z/]{0,4}\\|[a-z]?\\|Sum\\|[0-9]{1,12}(\\|[a-z=,]{0,9})?".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[{"modelArn": [1]}]])),
    ]
}

/// Puts a leaf in one place of a document.
pub(crate) fn spoil(document: &mut Value, at: Index, leaf: &Value) {
    let mut left = at.index(places(document));
    put(document, &mut left, leaf);
}

fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(places).sum(),
        Value::Object(fields) => fields.values().map(places).sum(),
        _ => 0,
    }
}

fn put(value: &mut Value, left: &mut usize, leaf: &Value) -> bool {
    if *left == 0 {
        *value = leaf.clone();
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| put(item, left, leaf)),
        Value::Object(fields) => fields.values_mut().any(|item| put(item, left, leaf)),
        _ => false,
    }
}
