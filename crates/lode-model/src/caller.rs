//! Who called: how records and bills name a caller, the same way on both sides, so that they can be joined.

use std::fmt;
use std::sync::Arc;

use crate::Caller;

/// Something that can name a caller.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerKey {
    /// A key of `requestMetadata`, which only the application itself can set. Logs have it, bills do not.
    RequestMetadata(Arc<str>),
    /// The application inference profile called.
    ApplicationInferenceProfile,
    /// The IAM principal: the role without its session, or the user.
    IamPrincipal,
    /// A cost allocation tag, of the resource or of the caller. Bills have it, logs do not.
    Tag(Arc<str>),
    /// A cost category. Bills have it, logs do not.
    CostCategory(Arc<str>),
}

/// How settings write a metadata key.
const METADATA: &str = "request-metadata:";
/// How settings write a tag's key.
const TAG: &str = "tag:";
/// How settings write a cost category's name.
const COST_CATEGORY: &str = "cost-category:";

impl CallerKey {
    /// Profiles before principals.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        vec![Self::ApplicationInferenceProfile, Self::IamPrincipal]
    }

    /// The key of a word of the settings: `request-metadata:KEY`, `application-inference-profile`, `iam-principal`,
    /// `tag:KEY`, `cost-category:NAME`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "application-inference-profile" => Some(Self::ApplicationInferenceProfile),
            "iam-principal" => Some(Self::IamPrincipal),
            _ => {
                let key = |prefix| word.strip_prefix(prefix).filter(|key: &&str| !key.is_empty()).map(Arc::from);
                key(METADATA)
                    .map(Self::RequestMetadata)
                    .or_else(|| key(TAG).map(Self::Tag))
                    .or_else(|| key(COST_CATEGORY).map(Self::CostCategory))
            }
        }
    }
}

/// A feature of Bedrock that calls models under a role of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceRole {
    /// Bedrock Agents.
    Agents,
    /// Knowledge bases.
    KnowledgeBases,
}

/// How the console names the roles that it makes for them (AWS, service roles of agents and knowledge bases, copy of
/// 2026-10). A role of another name tells nothing.
const SERVICE_ROLES: [(&str, ServiceRole); 2] = [
    ("role/AmazonBedrockExecutionRoleForAgents_", ServiceRole::Agents),
    ("role/AmazonBedrockExecutionRoleForKnowledgeBase_", ServiceRole::KnowledgeBases),
];

impl fmt::Display for CallerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RequestMetadata(key) => write!(f, "{METADATA}{key}"),
            Self::ApplicationInferenceProfile => f.write_str("application-inference-profile"),
            Self::IamPrincipal => f.write_str("iam-principal"),
            Self::Tag(key) => write!(f, "{TAG}{key}"),
            Self::CostCategory(name) => write!(f, "{COST_CATEGORY}{name}"),
        }
    }
}

impl Caller {
    /// A caller named by a metadata key and its value.
    #[must_use]
    pub fn from_metadata(key: &str, value: &str) -> Self {
        Self::from(format!("{key}={value}").as_str())
    }

    /// A caller named by a tag or a cost category and its value, as by a metadata key.
    #[must_use]
    pub fn from_label(key: &CallerKey, value: &str) -> Self {
        match key {
            CallerKey::RequestMetadata(name) | CallerKey::Tag(name) | CallerKey::CostCategory(name) => {
                Self::from_metadata(name, value)
            }
            CallerKey::ApplicationInferenceProfile | CallerKey::IamPrincipal => Self::from(value),
        }
    }

    /// The feature whose role this is, as far as its name tells.
    #[must_use]
    pub fn service_role(&self) -> Option<ServiceRole> {
        SERVICE_ROLES.iter().find(|(name, _)| self.as_str().starts_with(name)).map(|(_, role)| *role)
    }

    /// `application-inference-profile/<id>` of an ARN. System-defined profiles (`inference-profile/us.…`) name a
    /// model, not a caller.
    #[must_use]
    pub fn from_profile_arn(arn: &str) -> Option<Self> {
        let at = arn.find(":application-inference-profile/")?;
        Some(Self::from(&arn[at + 1..]))
    }

    /// `role/<name>` or `user/<name>` of an IAM or STS ARN. Sessions and role paths are left out: they differ between
    /// exports, logs and CloudTrail for the same caller.
    #[must_use]
    pub fn from_principal_arn(arn: &str) -> Option<Self> {
        if arn.trim().is_empty() || arn == "NULL" {
            return None;
        }
        let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
        let mut parts = resource.split('/');
        let kind = parts.next().unwrap_or_default();
        Some(match kind {
            "assumed-role" => Self::from(format!("role/{}", parts.next().unwrap_or_default()).as_str()),
            "role" | "user" => Self::from(format!("{kind}/{}", parts.next_back().unwrap_or_default()).as_str()),
            _ => Self::from(resource),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_that_the_console_makes_tell_their_feature() {
        let of = |arn| Caller::from_principal_arn(arn).and_then(|caller| caller.service_role());
        let role = "arn:aws:iam::111111111111:role/service-role/AmazonBedrockExecutionRoleForKnowledgeBase_a1b2c";
        assert_eq!(of(role), Some(ServiceRole::KnowledgeBases));
        let role = "arn:aws:sts::111111111111:assumed-role/AmazonBedrockExecutionRoleForAgents_X/session";
        assert_eq!(of(role), Some(ServiceRole::Agents));
        assert_eq!(of("arn:aws:iam::111111111111:role/AgentsOfMine"), None);
    }

    #[test]
    fn principals_lose_session_and_path() {
        let name = |arn| Caller::from_principal_arn(arn).map(|caller| caller.to_string());
        assert_eq!(name("arn:aws:sts::111111111111:assumed-role/App/i-0abc").as_deref(), Some("role/App"));
        assert_eq!(name("arn:aws:iam::111111111111:role/aws-reserved/sso/App").as_deref(), Some("role/App"));
        assert_eq!(name("arn:aws:iam::111111111111:user/alice").as_deref(), Some("user/alice"));
        assert_eq!(name("arn:aws-us-gov:iam::111111111111:root").as_deref(), Some("root"));
        assert_eq!(name(""), None);
    }

    #[test]
    fn only_application_profiles_name_a_caller() {
        let arn = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1b2";
        assert_eq!(
            Caller::from_profile_arn(arn).map(|c| c.to_string()).as_deref(),
            Some("application-inference-profile/a1b2")
        );
        assert_eq!(Caller::from_profile_arn("arn:aws:bedrock:us-east-1:111111111111:inference-profile/us.x"), None);
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let words = ["request-metadata:team", "application-inference-profile", "iam-principal", "tag:team"];
        for word in words.into_iter().chain(["cost-category:Unit"]) {
            assert_eq!(CallerKey::from_word(word).map(|key| key.to_string()).as_deref(), Some(word));
        }
        for word in ["request-metadata:", "tag:", "cost-category:", "team"] {
            assert_eq!(CallerKey::from_word(word), None, "{word}");
        }
    }
}
