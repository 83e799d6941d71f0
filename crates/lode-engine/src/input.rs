//! The inputs a customer can hand over, what is missing without each, and how to get it.

use std::fmt;

/// Something AWS gives a customer on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// Model invocation logs: off by default, per account and region.
    InvocationLogs,
    /// The bodies of requests in those logs.
    RequestBodies,
    /// Tokens a minute that a model unit answers.
    UnitCapacity,
    /// Knowledge-base and data-source configuration, and queries.
    KnowledgeBaseConfig,
    /// CloudWatch metrics of the vector store.
    VectorStoreMetrics,
    /// Provisioned Throughput inventory and its use.
    ProvisionedInventory,
    /// What guardrails evaluated, in the answers of logged calls.
    GuardrailTrace,
    /// What guardrails are configured to look for.
    GuardrailConfig,
    /// Customised and imported models, and what serves them.
    CustomModels,
    /// Collections, their groups, and the knowledge bases of a region.
    VectorStoreInventory,
}

impl Input {
    /// Every input.
    pub const ALL: &'static [Self] = &[
        Self::InvocationLogs,
        Self::RequestBodies,
        Self::UnitCapacity,
        Self::KnowledgeBaseConfig,
        Self::VectorStoreMetrics,
        Self::ProvisionedInventory,
        Self::GuardrailTrace,
        Self::GuardrailConfig,
        Self::CustomModels,
        Self::VectorStoreInventory,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvocationLogs => "model invocation logs",
            Self::RequestBodies => "request bodies in the logs",
            Self::UnitCapacity => "capacity of a model unit",
            Self::KnowledgeBaseConfig => "knowledge-base configuration",
            Self::VectorStoreMetrics => "vector-store metrics",
            Self::ProvisionedInventory => "provisioned-throughput inventory",
            Self::GuardrailTrace => "guardrail trace in the logs",
            Self::GuardrailConfig => "guardrail configuration",
            Self::CustomModels => "custom-model inventory",
            Self::VectorStoreInventory => "vector-store inventory",
        }
    }

    /// What becomes possible with it.
    #[must_use]
    pub const fn unlocks(self) -> &'static str {
        match self {
            Self::InvocationLogs => {
                "which requests repeat their prompt, could wait, or carry more than they need: the savings of \
                 input reduction, prompt caching, batch and committed capacity, in dollars"
            }
            Self::RequestBodies => {
                "which parts of a prompt repeat, are never used or are sent twice: input reduction and prompt caching"
            }
            Self::UnitCapacity => "whether model units would be cheaper than on-demand use, and how many",
            Self::KnowledgeBaseConfig => {
                "what retrieval puts into prompts, and what smaller or fewer chunks would save"
            }
            Self::VectorStoreMetrics => {
                "whether the vector store is busy or idle at its floor, and what its index would cost elsewhere"
            }
            Self::VectorStoreInventory => {
                "which collections a bill's OpenSearch rows are, who uses them, and whether they need standby replicas"
            }
            Self::ProvisionedInventory => "whether the provisioned model units are used, and until when they are bound",
            Self::GuardrailTrace => {
                "which text units the guardrail spends on turns that it has seen before, and which policies never find \
                 anything"
            }
            Self::GuardrailConfig => {
                "whether regular expressions, which are free, could tell what entities are paid for, and whether a policy \
                 that never intervened would have"
            }
            Self::CustomModels => "which of the models that are stored every month nothing calls",
        }
    }

    /// How to switch it on or collect it: commands a person can read before running.
    #[must_use]
    pub const fn how(self) -> &'static [&'static str] {
        match self {
            // AWS CLI: bedrock put-model-invocation-logging-configuration (User Guide, model-invocation-logging).
            Self::InvocationLogs => &[
                "aws bedrock get-model-invocation-logging-configuration --region REGION",
                "aws bedrock put-model-invocation-logging-configuration --region REGION --logging-config \
                 '{\"s3Config\":{\"bucketName\":\"BUCKET\",\"keyPrefix\":\"bedrock\"},\"textDataDeliveryEnabled\":true}'",
                "logging starts when it is switched on, per account and region; earlier calls are not filled in",
            ],
            Self::RequestBodies => &[
                "set textDataDeliveryEnabled to true in the logging configuration, with an S3 bucket for bodies over 100 KB",
                "copy the `data/` folders beside the records too; bodies hold prompts and answers: keep them where those may be",
            ],
            Self::UnitCapacity => &[
                "ask your AWS account manager for the tokens per minute of one model unit, and write it into lode.toml:",
                "[capacity]",
                "\"MODEL_ID\" = TOKENS_PER_MINUTE",
            ],
            Self::KnowledgeBaseConfig => &[
                "aws bedrock-agent list-knowledge-bases --region REGION",
                "aws bedrock-agent get-knowledge-base --knowledge-base-id ID --region REGION",
                "aws bedrock-agent get-data-source --knowledge-base-id ID --data-source-id ID --region REGION",
            ],
            Self::VectorStoreMetrics => &[
                "aws opensearchserverless batch-get-collection --names NAME --region REGION",
                "aws cloudwatch get-metric-statistics --namespace AWS/AOSS --metric-name SearchRequestRate \
                 --dimensions Name=ClientId,Value=ACCOUNT Name=CollectionId,Value=ID Name=CollectionName,Value=NAME \
                 --statistics Sum --period 3600 --start-time FROM --end-time TO --region REGION",
                "the same for ActiveCollection (Maximum), which tells that an idle store was watched, and for \
                 SearchableDocuments (Average); docs/collect.sh asks for all of them",
            ],
            Self::VectorStoreInventory => &[
                "aws opensearchserverless batch-get-collection --names NAME --region REGION",
                "aws opensearchserverless list-collection-groups --region REGION",
                "aws bedrock-agent list-knowledge-bases --region REGION",
                "aws bedrock-agent get-knowledge-base --knowledge-base-id ID --region REGION",
            ],
            Self::ProvisionedInventory => &[
                "aws bedrock list-provisioned-model-throughputs --region REGION",
                "aws cloudwatch get-metric-statistics --namespace AWS/Bedrock --metric-name Invocations \
                 --dimensions Name=ModelId,Value=PROVISIONED_MODEL_ARN --statistics Sum --period 3600 \
                 --start-time FROM --end-time TO --region REGION",
            ],
            // AWS API model of bedrock-runtime, GuardrailConfiguration; User Guide, monitoring-guardrails-cw-metrics.
            Self::GuardrailTrace => &[
                "set guardrailConfig.trace to enabled in Converse calls, the header X-Amzn-Bedrock-Trace: ENABLED in InvokeModel \
                 calls, and keep the answers' bodies in the invocation logs (textDataDeliveryEnabled)",
                "aws cloudwatch get-metric-statistics --namespace AWS/Bedrock/Guardrails --metric-name InvocationsIntervened \
                 --dimensions Name=GuardrailArn,Value=ARN Name=GuardrailVersion,Value=VERSION \
                 Name=GuardrailPolicyType,Value=ContentPolicy --statistics Sum --period 3600 --start-time FROM --end-time TO \
                 --region REGION",
            ],
            Self::GuardrailConfig => &[
                "aws bedrock list-guardrails --region REGION",
                "aws bedrock get-guardrail --guardrail-identifier ID --guardrail-version VERSION --region REGION",
            ],
            Self::CustomModels => &[
                "aws bedrock list-custom-models --region REGION",
                "aws bedrock list-custom-model-deployments --region REGION",
                "aws bedrock list-imported-models --region REGION",
                "aws bedrock list-provisioned-model-throughputs --region REGION",
            ],
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
