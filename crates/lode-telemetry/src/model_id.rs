//! The `modelId` of a record: what was called, at which price, in words that need no catalogue.
//!
//! Forms: AWS API model of bedrock-runtime, `InvokeModelIdentifier` (boto/botocore, 2026-08-07), and delivered records.

use lode_model::{Mode, Routing};

/// What a `modelId` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Called {
    /// The model id without ARN and profile prefix, or an opaque name such as `provisioned-model/…`.
    pub(crate) model: String,
    /// Which price; regional for opaque names, which only the inventory resolves.
    pub(crate) routing: Routing,
    /// `Provisioned` for Provisioned Throughput.
    pub(crate) mode: Option<Mode>,
}

/// Prefixes of system-defined inference profiles (AWS User Guide, inference-profiles-support, copy of 2026-10).
const PREFIXES: &[&str] =
    &["us", "eu", "apac", "au", "jp", "us-gov", "global", "ca", "sa", "me", "af", "in", "uk", "kr"];

/// First parts of model ids. Before one of them, a prefix that is not in the list is one all the same.
const PROVIDERS: &[&str] = &[
    "ai21",
    "amazon",
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "luma",
    "meta",
    "minimax",
    "mistral",
    "moonshot",
    "moonshotai",
    "nvidia",
    "openai",
    "qwen",
    "stability",
    "twelvelabs",
    "writer",
    "zai",
];

/// Resources whose ids name no model: they stay as they are.
const OPAQUE: &[&str] = &[
    "application-inference-profile",
    "provisioned-model",
    "custom-model",
    "custom-model-deployment",
    "imported-model",
];

/// Reads a `modelId`.
pub(crate) fn called(id: &str) -> Called {
    let id = id.trim();
    let arn: Vec<&str> = if id.starts_with("arn:") { id.splitn(6, ':').collect() } else { Vec::new() };
    let resource = arn.get(5).copied().unwrap_or(id);
    let Some((kind, name)) = resource.split_once('/') else {
        return plain(id, resource);
    };
    match kind {
        "foundation-model" => {
            // The ARN of a model behind a global profile has neither region nor account.
            let global = arn.get(3).is_some_and(|region| region.is_empty()) && arn.get(4).is_some_and(|a| a.is_empty());
            let routing = if global { Routing::Global } else { Routing::Regional };
            Called { model: name.to_owned(), routing, mode: None }
        }
        "inference-profile" => profile(name),
        _ if OPAQUE.contains(&kind) => Called {
            model: resource.to_owned(),
            routing: Routing::Regional,
            mode: (kind == "provisioned-model").then_some(Mode::Provisioned),
        },
        _ => Called { model: id.to_owned(), routing: Routing::Regional, mode: None },
    }
}

/// An id without a slash: a model or profile id, unless it is an ARN of something else.
fn plain(whole: &str, resource: &str) -> Called {
    if whole.starts_with("arn:") {
        return Called { model: whole.to_owned(), routing: Routing::Regional, mode: None };
    }
    profile(resource)
}

fn profile(id: &str) -> Called {
    if let Some((prefix, rest)) = id.split_once('.') {
        let provider = rest.split('.').next().unwrap_or_default();
        let known = PREFIXES.contains(&prefix) && !rest.is_empty();
        if known || (PROVIDERS.contains(&provider) && rest.len() > provider.len()) {
            let routing = if prefix == "global" { Routing::Global } else { Routing::Regional };
            return Called { model: rest.to_owned(), routing, mode: None };
        }
    }
    Called { model: id.to_owned(), routing: Routing::Regional, mode: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, model: &str, routing: Routing, mode: Option<Mode>) {
        assert_eq!(called(id), Called { model: model.to_owned(), routing, mode }, "{id}");
    }

    #[test]
    fn models_and_profiles() {
        use Routing::{Global, Regional};
        let haiku = "anthropic.claude-haiku-4-5-20251001-v1:0";
        check(haiku, haiku, Regional, None);
        for prefix in ["us", "eu", "apac", "au", "jp", "us-gov", "ca", "xx-new"] {
            check(&format!("{prefix}.{haiku}"), haiku, Regional, None);
        }
        check(&format!("global.{haiku}"), haiku, Global, None);
        check("openai.gpt-5.5", "openai.gpt-5.5", Regional, None);
        check("zai.glm-4.7", "zai.glm-4.7", Regional, None);
        check("deepseek.v3.1", "deepseek.v3.1", Regional, None);
        check(&format!("arn:aws:bedrock:us-east-1::foundation-model/{haiku}"), haiku, Regional, None);
        check(&format!("arn:aws:bedrock:::foundation-model/{haiku}"), haiku, Global, None);
        check(
            &format!("arn:aws-us-gov:bedrock:us-gov-west-1:111111111111:inference-profile/us-gov.{haiku}"),
            haiku,
            Regional,
            None,
        );
        check(&format!("arn:aws:bedrock:us-east-1:111111111111:inference-profile/global.{haiku}"), haiku, Global, None);
    }

    #[test]
    fn opaque_names_and_unknown_forms_stay() {
        use Routing::Regional;
        let arn = |resource: &str| format!("arn:aws:bedrock:us-east-1:111111111111:{resource}");
        for name in
            ["application-inference-profile/a1b2", "custom-model/amazon.nova-lite-v1:0.x/abc", "imported-model/q"]
        {
            check(&arn(name), name, Regional, None);
        }
        check(&arn("provisioned-model/p1"), "provisioned-model/p1", Regional, Some(Mode::Provisioned));
        for id in
            [arn("prompt/ABCDEFGHIJ:2"), arn("default-prompt-router/x"), arn("thing"), String::new(), ".".to_owned()]
        {
            check(&id, &id, Regional, None);
        }
    }
}
