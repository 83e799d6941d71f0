//! Who called: the application inference profile or the IAM principal that the bill names.

use lode_model::{BillLine, Caller};

/// Something on a bill that can name a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallerKey {
    /// The application inference profile in `line_item_resource_id`.
    ApplicationInferenceProfile,
    /// `line_item_iam_principal`: the role without its session, or the user.
    IamPrincipal,
}

impl CallerKey {
    /// Every key, in the default order.
    pub const ALL: &'static [Self] = &[Self::ApplicationInferenceProfile, Self::IamPrincipal];

    /// The word of the settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationInferenceProfile => "application-inference-profile",
            Self::IamPrincipal => "iam-principal",
        }
    }
}

/// The caller of a line by the first key that names one.
pub(crate) fn caller(line: &BillLine, keys: &[CallerKey]) -> Caller {
    keys.iter()
        .find_map(|key| match key {
            CallerKey::ApplicationInferenceProfile => profile(line.resource.as_deref()?),
            CallerKey::IamPrincipal => principal(line.principal.as_deref()?),
        })
        .unwrap_or_else(|| Caller::from(Caller::UNATTRIBUTED))
}

/// `application-inference-profile/<id>` of an ARN. System-defined profiles (`inference-profile/us.…`) name a
/// model, not a caller.
fn profile(arn: &str) -> Option<Caller> {
    let at = arn.find(":application-inference-profile/")?;
    Some(Caller::from(&arn[at + 1..]))
}

/// `role/<name>` or `user/<name>`. Sessions and role paths are left out: they differ between exports and
/// CloudTrail for the same caller.
fn principal(arn: &str) -> Option<Caller> {
    if arn.trim().is_empty() || arn == "NULL" {
        return None;
    }
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let mut parts = resource.split('/');
    let kind = parts.next().unwrap_or_default();
    Some(match kind {
        "assumed-role" => Caller::from(format!("role/{}", parts.next().unwrap_or_default()).as_str()),
        "role" | "user" => Caller::from(format!("{kind}/{}", parts.next_back().unwrap_or_default()).as_str()),
        _ => Caller::from(resource),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_lose_session_and_path() {
        let name = |arn| principal(arn).map(|caller| caller.to_string());
        assert_eq!(name("arn:aws:sts::111111111111:assumed-role/App/i-0abc").as_deref(), Some("role/App"));
        assert_eq!(name("arn:aws:iam::111111111111:role/aws-reserved/sso/App").as_deref(), Some("role/App"));
        assert_eq!(name("arn:aws:iam::111111111111:user/alice").as_deref(), Some("user/alice"));
        assert_eq!(name("arn:aws-us-gov:iam::111111111111:root").as_deref(), Some("root"));
        assert_eq!(name(""), None);
    }

    #[test]
    fn only_application_profiles_name_a_caller() {
        let arn = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1b2";
        assert_eq!(profile(arn).map(|c| c.to_string()).as_deref(), Some("application-inference-profile/a1b2"));
        assert_eq!(profile("arn:aws:bedrock:us-east-1:111111111111:inference-profile/us.x"), None);
    }
}
