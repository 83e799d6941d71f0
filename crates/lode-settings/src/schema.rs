//! The JSON schema of a settings file, for editors.

use crate::form::File;

/// JSON schema (draft 2020-12) of version 1 of `lode.toml`: every key with what it is for.
#[must_use]
pub fn schema() -> String {
    // A schema is plain JSON and cannot fail to serialise.
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(File)).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use lode_recommenders::ALL;
    use serde_json::{Value, json};

    use super::*;
    use crate::{RunSettings, template};

    /// Why a value does not follow a schema: the words of JSON schema that ours uses, and no others.
    fn faults(value: &Value, schema: &Value, root: &Value, at: &str) -> Vec<String> {
        const KNOWN: &[&str] = &[
            "$defs",
            "$ref",
            "$schema",
            "additionalProperties",
            "anyOf",
            "const",
            "default",
            "description",
            "enum",
            "format",
            "items",
            "maximum",
            "minLength",
            "minimum",
            "oneOf",
            "pattern",
            "properties",
            "required",
            "title",
            "type",
        ];
        let mut found = Vec::new();
        let words = schema.as_object().into_iter().flatten().map(|(word, _)| word.as_str());
        found.extend(words.filter(|word| !KNOWN.contains(word)).map(|word| format!("{at}: {word} is not checked")));
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            found.extend(faults(value, root.pointer(target.trim_start_matches('#')).expect("a target"), root, at));
        }
        for word in ["anyOf", "oneOf"] {
            let options = schema.get(word).and_then(Value::as_array);
            if options.is_some_and(|all| !all.iter().any(|option| faults(value, option, root, at).is_empty())) {
                found.push(format!("{at}: {value} fits none"));
            }
        }
        let types: Vec<&str> = match schema.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let is = |name: &&str| match *name {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "number" => value.is_number(),
            "integer" => value.is_i64() || value.is_u64(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            other => panic!("an unknown type {other}"),
        };
        if !types.is_empty() && !types.iter().any(is) {
            found.push(format!("{at}: {value} is none of {types:?}"));
        }
        if schema.get("const").is_some_and(|only| only != value)
            || schema.get("enum").and_then(Value::as_array).is_some_and(|all| !all.contains(value))
        {
            found.push(format!("{at}: {value} is another word"));
        }
        if schema.get("minimum").zip(value.as_f64()).is_some_and(|(least, value)| least.as_f64() > Some(value)) {
            found.push(format!("{at}: {value} is too small"));
        }
        if let (Some(least), Some(text)) = (schema.get("minLength").and_then(Value::as_u64), value.as_str())
            && text.chars().count() < usize::try_from(least).expect("small")
        {
            found.push(format!("{at}: too short"));
        }
        if let (Some(pattern), Some(text)) = (schema.get("pattern").and_then(Value::as_str), value.as_str())
            && !regex::Regex::new(pattern).expect("a pattern").is_match(text)
        {
            found.push(format!("{at}: {text:?} is not of the pattern"));
        }
        for (name, value) in value.as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            match (schema.pointer(&format!("/properties/{name}")), schema.get("additionalProperties")) {
                (Some(known), _) => found.extend(faults(value, known, root, &at)),
                (None, Some(Value::Bool(false))) => found.push(format!("{at}: an unknown key")),
                (None, Some(any)) => found.extend(faults(value, any, root, &at)),
                (None, None) => {}
            }
        }
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if value.is_object() && value.get(name).is_none() {
                found.push(format!("{at}: lacks {name}"));
            }
        }
        for (place, value) in value.as_array().into_iter().flatten().enumerate() {
            found.extend(
                schema.get("items").map_or_else(Vec::new, |of| faults(value, of, root, &format!("{at}[{place}]"))),
            );
        }
        found
    }

    const NONE: [String; 0] = [];

    fn checked(value: &Value) -> Vec<String> {
        let root: Value = serde_json::from_str(&schema()).expect("JSON");
        faults(value, &root, &root, "lode.toml")
    }

    fn of_toml(text: &str) -> Value {
        serde_json::to_value(toml::from_str::<toml::Table>(text).expect("TOML")).expect("JSON")
    }

    #[test]
    fn the_template_follows_the_schema_and_names_every_key() {
        let text = template::uncommented();
        assert_eq!(checked(&of_toml(&text)), NONE);
        RunSettings::read(&text, ALL).expect("valid settings");
        // Every key of every form of the schema.
        let root: Value = serde_json::from_str(&schema()).expect("JSON");
        let forms = root["$defs"].as_object().expect("forms").values().chain([&root]);
        let keys: Vec<&String> =
            forms.filter_map(|form| form["properties"].as_object()).flat_map(|keys| keys.keys()).collect();
        assert!(keys.len() >= 12, "{keys:?}");
        for key in keys {
            let is_key = |line: &str| {
                let line = line.trim_start_matches(['[', '{', ' ']);
                line.starts_with(&format!("{key} =")) || line.starts_with(&format!("{key}]"))
            };
            let entries = text.lines().flat_map(|line| line.split(", "));
            assert!(entries.into_iter().any(|entry| is_key(entry) || entry.split('{').any(is_key)), "no {key}");
        }
    }

    #[test]
    fn the_schema_refuses_what_the_settings_refuse() {
        assert_eq!(checked(&json!({})), NONE);
        let refused = [
            json!({"reports": {}}),
            json!({"report": {"bases": "net"}}),
            json!({"report": {"basis": "nett"}}),
            json!({"report": {"caller_keys": ["team"]}}),
            json!({"capacity": {"amazon.nova-2-lite-v1:0": 0}}),
            json!({"residency": {"regional": ["Europe"]}}),
            json!({"thresholds": {"a.b.c": [1]}}),
            json!({"models": {"forbidden": [{"to": "*"}]}}),
            json!({"suppress": [{"id": "a.b", "reason": "x"}]}),
            json!({"suppress": [{"id": "a.b", "reason": "", "owner": "x"}]}),
            json!({"suppress": [{"id": "a.b", "reason": "x", "owner": "x", "expires": "soon"}]}),
        ];
        for value in refused {
            assert_ne!(checked(&value), NONE, "{value}");
            assert!(RunSettings::read(&toml::to_string(&value).expect("TOML"), ALL).is_err(), "{value}");
        }
    }

    #[test]
    fn every_key_says_what_it_is_for() {
        let root: Value = serde_json::from_str(&schema()).expect("JSON");
        for form in root["$defs"].as_object().expect("forms").values().chain([&root]) {
            for (key, value) in form["properties"].as_object().into_iter().flatten() {
                assert!(value["description"].as_str().is_some_and(|text| text.len() > 10), "{key}: {value}");
            }
        }
    }
}
