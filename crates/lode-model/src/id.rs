//! Names of things in an AWS account. All are cheap to clone and order by their text.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as AWS writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )*};
}

names! {
    /// A usage account: twelve digits.
    AccountId;
    /// The source region (where the call was made), such as `us-east-1`; `unknown` when the bill does not say.
    Region;
    /// A Bedrock model id of the catalogue (`anthropic.claude-sonnet-4-6`), or the name as billed where the
    /// catalogue does not know the model.
    ModelId;
    /// Who called: an application inference profile, an IAM role without its session, or `unattributed`.
    Caller;
    /// A kind of call within a caller's: a task form, with a number where there are several; `all` where requests are
    /// not known, `unlogged` for what the bill has and the logs have not.
    Cohort;
    /// A resource with standing charges: the ARN or id on the bill, else a name made of what is known.
    ResourceId;
}

impl Caller {
    /// The caller of charges that name nobody.
    pub const UNATTRIBUTED: &'static str = "unattributed";

    /// Its calls, in words: `all calls of role/app`, `all unattributed calls`.
    #[must_use]
    pub fn calls(&self, how_many: &str) -> String {
        if self.is_attributed() {
            format!("{how_many} calls of {self}")
        } else {
            format!("{how_many} unattributed calls")
        }
    }

    /// Whether the bill named a caller.
    #[must_use]
    pub fn is_attributed(&self) -> bool {
        self.as_str() != Self::UNATTRIBUTED
    }
}

impl Cohort {
    /// Every call of a caller whose requests are not known.
    pub const ALL: &'static str = "all";
    /// What was billed and is in no log.
    pub const UNLOGGED: &'static str = "unlogged";
    /// Calls beyond the largest cohorts of a caller.
    pub const OTHER: &'static str = "other";

    /// The cohort of a caller whose requests are not known.
    #[must_use]
    pub fn all() -> Self {
        Self::from(Self::ALL)
    }
}

/// The unit people act on: one caller's calls of one kind to one model in one account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadId {
    /// Usage account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Model called today. A workload keeps its identity under every edit, a change of model included.
    pub model: ModelId,
    /// Who calls.
    pub caller: Caller,
    /// Which of its calls.
    pub cohort: Cohort,
}

impl WorkloadId {
    /// Whether both are calls of one caller to one model in one account and region, of whatever kind.
    #[must_use]
    pub fn is_of_caller(&self, other: &Self) -> bool {
        // Callers differ most.
        (&self.caller, &self.model, &self.region, &self.account)
            == (&other.caller, &other.model, &other.region, &other.account)
    }
}

/// Dedicated capacity: Provisioned Throughput or Reserved of one model in one account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId {
    /// Usage account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Model the capacity is for.
    pub model: ModelId,
}

/// Whose a charge is. Every line of the estate has exactly one owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// Tokens of a workload.
    Workload(WorkloadId),
    /// Hours of a capacity pool.
    Pool(PoolId),
    /// Standing charges of a resource, such as an OpenSearch Serverless collection.
    Resource(AccountId, Region, ResourceId),
    /// Everything else the account pays for; no edit touches it.
    Account(AccountId),
}

impl Owner {
    /// The account that pays.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        match self {
            Self::Workload(w) => &w.account,
            Self::Pool(p) => &p.account,
            Self::Resource(account, ..) | Self::Account(account) => account,
        }
    }

    /// The source region, where one is known.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        match self {
            Self::Workload(w) => Some(&w.region),
            Self::Pool(p) => Some(&p.region),
            Self::Resource(_, region, _) => Some(region),
            Self::Account(_) => None,
        }
    }

    /// The model, where there is one.
    #[must_use]
    pub fn model(&self) -> Option<&ModelId> {
        match self {
            Self::Workload(w) => Some(&w.model),
            Self::Pool(p) => Some(&p.model),
            Self::Resource(..) | Self::Account(_) => None,
        }
    }
}
