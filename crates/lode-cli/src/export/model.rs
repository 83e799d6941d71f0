//! By which name a job calls its model.

use lode_batch::needs_profile;
use lode_model::ModelId;
use lode_prices::Catalogue;

use crate::eval::called::Today;

/// The model as it is called today, unless batch takes it through a profile alone, or the plan has moved the calls: then a
/// profile like that of today's calls, else that of the region.
pub(crate) fn name(today: &Today, model: &ModelId, is_moved: bool, catalogue: &Catalogue) -> String {
    let resource = today.name.rsplit('/').next().unwrap_or_default();
    let is_bare = catalogue.resolve(resource).is_some_and(|info| info.id.as_str() == resource);
    let needs_another = is_moved || today.name.is_empty() || is_bare && needs_profile(model);
    if !needs_another {
        return today.name.clone();
    }
    catalogue.model(model).map_or_else(|| model.to_string(), |info| today.like(info))
}

#[cfg(test)]
mod tests {
    use lode_model::Routing;

    use super::*;

    fn named(called: &str, region: &str, model: &str, is_moved: bool) -> String {
        let today = Today { name: called.to_owned(), region: region.to_owned(), routing: Routing::Regional };
        name(&today, &ModelId::from(model), is_moved, Catalogue::builtin())
    }

    #[test]
    fn a_bare_id_becomes_a_profile_where_batch_takes_no_id() {
        let (sonnet, nova) = ("anthropic.claude-sonnet-4-6", "amazon.nova-pro-v1:0");
        assert_eq!(named(sonnet, "eu-west-1", sonnet, false), "eu.anthropic.claude-sonnet-4-6");
        let arn = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6";
        assert_eq!(named(arn, "us-east-1", sonnet, false), "us.anthropic.claude-sonnet-4-6");
        assert_eq!(named(nova, "us-east-1", nova, false), nova, "batch takes it by its id");
        let own = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abc";
        for called in ["global.anthropic.claude-sonnet-4-6", own] {
            assert_eq!(named(called, "us-east-1", sonnet, false), called);
        }
    }

    #[test]
    fn calls_that_the_plan_moves_name_the_other_model() {
        let haiku = "anthropic.claude-haiku-4-5-20251001-v1:0";
        assert_eq!(named("us.anthropic.claude-sonnet-4-6", "us-east-1", haiku, true), format!("us.{haiku}"));
    }
}
