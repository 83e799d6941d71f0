//! How models are called: the inference profile of the calls for today's model, one like it for the others.

use lode_model::{ModelId, Routing};
use lode_prices::{Catalogue, ModelInfo};

use super::EvalError;

/// Judges where nobody names one, of two makers: a judge may favour what its own maker's models write.
const JUDGES: [&str; 2] = ["amazon.nova-pro-v1:0", "anthropic.claude-opus-5-5"];

/// Geographies of inference profiles by the beginning of a region's name, the narrower first (AWS User Guide,
/// inference-profiles-support, copy of 2026-10).
const GEOGRAPHIES: [(&str, &[&str]); 9] = [
    ("us-gov-", &["us-gov"]),
    ("us-", &["us"]),
    ("ca-", &["ca", "us"]),
    ("eu-", &["eu"]),
    ("ap-northeast-", &["jp", "apac"]),
    ("ap-southeast-2", &["au", "apac"]),
    ("ap-southeast-4", &["au", "apac"]),
    ("ap-south-", &["in", "apac"]),
    ("ap-", &["apac"]),
];

/// How the calls of today are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Today {
    /// The id, profile or ARN that most of them call.
    pub(crate) name: String,
    /// The region they call from.
    pub(crate) region: String,
    /// The price they pay.
    pub(crate) routing: Routing,
}

impl Today {
    /// A model under a profile like that of today's calls: the same prefix, else the one of their region, else the id.
    pub(crate) fn like(&self, model: &ModelInfo) -> String {
        let resource = self.name.rsplit('/').next().unwrap_or_default();
        let own = resource.split_once('.').map(|(prefix, _)| prefix);
        let wanted = if self.routing == Routing::Global { Some("global") } else { own };
        let by_region = GEOGRAPHIES.iter().find(|(start, _)| self.region.starts_with(start));
        let by_region = by_region.map(|(_, prefixes)| *prefixes).unwrap_or_default();
        let all = wanted.into_iter().chain(by_region.iter().copied()).chain(["global"]);
        let offered = |prefix: &&str| model.profiles.iter().any(|profile| &**profile == *prefix);
        let found = { all }.find(offered);
        found.map_or_else(|| model.id.to_string(), |prefix| format!("{prefix}.{}", model.id))
    }

    /// The judge: how it is called, and which model it is where the catalogue knows it.
    pub(crate) fn judge(
        &self,
        asked: Option<&str>,
        models: [&ModelId; 2],
        catalogue: &Catalogue,
    ) -> Result<(String, Option<ModelId>), EvalError> {
        if let Some(asked) = asked {
            let known = catalogue.resolve(asked);
            return match known {
                // A bare id needs a profile; whoever names one, or an ARN, means it.
                Some(model) if model.id.as_str() == asked => Ok((self.like(model), Some(model.id.clone()))),
                Some(model) => Ok((asked.to_owned(), Some(model.id.clone()))),
                None if asked.starts_with("arn:") => Ok((asked.to_owned(), None)),
                None => Err(EvalError::Judge(asked.to_owned())),
            };
        }
        let makers = models.map(|model| catalogue.model(model).map(|info| &info.provider));
        let judges = || JUDGES.iter().filter_map(|judge| catalogue.model(&ModelId::from(*judge)));
        let third = judges().find(|judge| !makers.contains(&Some(&judge.provider)));
        let other = || judges().find(|judge| !models.contains(&&judge.id));
        let judge = third.or_else(other).ok_or_else(|| EvalError::Judge("no model".to_owned()))?;
        Ok((self.like(judge), Some(judge.id.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today(name: &str, region: &str, routing: Routing) -> Today {
        Today { name: name.to_owned(), region: region.to_owned(), routing }
    }

    fn like(today: &Today, model: &str) -> String {
        today.like(Catalogue::builtin().model(&ModelId::from(model)).expect("a model"))
    }

    #[test]
    fn a_candidate_is_called_as_today_s_model_is() {
        let global = today("global.anthropic.claude-sonnet-5-5", "us-east-1", Routing::Global);
        let europe = today("eu.anthropic.claude-sonnet-5-5", "eu-west-1", Routing::Regional);
        let bare = today("anthropic.claude-sonnet-5-5", "ap-southeast-2", Routing::Regional);
        let own = today(
            "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abc",
            "us-east-1",
            Routing::Global,
        );
        let haiku = "anthropic.claude-haiku-5-5";
        assert_eq!(like(&global, haiku), "global.anthropic.claude-haiku-5-5");
        assert_eq!(like(&europe, haiku), "eu.anthropic.claude-haiku-5-5");
        assert_eq!(like(&bare, haiku), "au.anthropic.claude-haiku-5-5");
        assert_eq!(like(&own, haiku), "global.anthropic.claude-haiku-5-5");
        // No global profile: that of the region.
        assert_eq!(like(&global, "amazon.nova-pro-v1:0"), "us.amazon.nova-pro-v1:0");
        // No profile at all.
        assert_eq!(like(&europe, "deepseek.v3-v1:0"), "deepseek.v3-v1:0");
    }

    #[test]
    fn the_judge_is_of_a_third_maker_unless_one_is_named() {
        let today = today("us.anthropic.claude-sonnet-5-5", "us-east-1", Routing::Regional);
        let models = |a: &str, b: &str| [ModelId::from(a), ModelId::from(b)];
        let judge = |asked: Option<&str>, [a, b]: [ModelId; 2]| {
            today
                .judge(asked, [&a, &b], Catalogue::builtin())
                .map(|(name, model)| (name, model.map(|id| id.to_string())))
        };
        let claude = || models("anthropic.claude-sonnet-5-5", "anthropic.claude-haiku-5-5");
        let nova = Some("amazon.nova-pro-v1:0".to_owned());
        assert_eq!(judge(None, claude()).expect("one"), ("us.amazon.nova-pro-v1:0".to_owned(), nova.clone()));
        let both = models("anthropic.claude-haiku-5-5", "amazon.nova-pro-v1:0");
        assert_eq!(judge(None, both).expect("one").0, "us.anthropic.claude-opus-5-5");
        assert_eq!(
            judge(Some("eu.amazon.nova-pro-v1:0"), claude()).expect("one"),
            ("eu.amazon.nova-pro-v1:0".to_owned(), nova)
        );
        assert_eq!(judge(Some("arn:aws:bedrock:x"), claude()).expect("one"), ("arn:aws:bedrock:x".to_owned(), None));
        assert!(judge(Some("gpt"), claude()).is_err());
    }
}
